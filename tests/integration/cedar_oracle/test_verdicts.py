"""Which schemas, policies and links are valid, and what is said of those that are not."""

import re
from collections import Counter

from tests.integration.cedar_oracle.answers import ECHO, Answers, Complaint
from tests.integration.cedar_oracle.run import Compared
from tests.integration.cedar_oracle.stores import File, Placed
from tests.integration.cedar_oracle.tally import Tally

_SUGGESTION = re.compile(r"\.? Did you mean [^?]*\?$")


def mistakes(one: Compared, file: File, placed: Placed) -> list[Complaint]:
    """What we say of one policy of a file, its suggestions left out."""
    lines = file.text.split("\n")
    found = []
    for each in one.ours.complaints(file.name):
        offset = sum(len(line) + 1 for line in lines[: each.line - 1]) + each.column - 1
        if placed.start <= offset < placed.end:
            message = _SUGGESTION.sub("", each.message)
            found.append(
                Complaint(message=message, line=each.line, column=each.column, offset=offset)
            )
    return sorted(found)


def oracles(said: Answers, placed: Placed) -> list[Complaint]:
    """What the oracle says of it, without the echo of a wrong name in the scope."""
    found = said.invalid.get(placed.id, [])
    telling = [one for one in found if not one.message.startswith(ECHO)]
    return sorted(telling or found)


def test_a_schema_holds_when_the_oracle_says_so(compared: list[Compared], usual: bool) -> None:
    tally = Tally("schemas")
    for one in compared:
        if one.store.schema_text is not None:
            names = [name for name in one.ours.cases if name.startswith("cedarschema")]
            tally.add(one.store.name, not names, one.said.schema_holds)
    assert any(not one.said.schema_holds for one in compared)
    tally.check(usual, (108, 108))


def test_every_file_gets_the_oracles_verdict(compared: list[Compared], usual: bool) -> None:
    tally = Tally("verdicts on files")
    for one in compared:
        judged = one.said.schema_holds
        for file in one.store.files:
            wrong = one.said.left_out(file)
            expected = "error" if wrong else "passed" if judged else "skipped"
            ours = one.ours.cases[file.name]["outcome"]
            tally.add(f"{one.store.name}/{file.name}", ours, expected)
    tally.check(usual, (670, 670))


def test_every_policy_gets_the_oracles_verdict(compared: list[Compared], usual: bool) -> None:
    tally = Tally("verdicts on policies")
    for one in compared:
        for file in one.store.files:
            for placed in file.placed:
                where = f"{one.store.name}/{file.name}: {placed.id}"
                wrong = bool(mistakes(one, file, placed))
                tally.add(where, wrong, placed.id in one.said.invalid)
    tally.check(usual, (939, 939))


def test_the_mistakes_of_a_policy_are_the_oracles(compared: list[Compared], usual: bool) -> None:
    tally = Tally("validation errors of invalid policies")
    for one in compared:
        for file in one.store.files:
            for placed in file.placed:
                ours, theirs = mistakes(one, file, placed), oracles(one.said, placed)
                if ours or theirs:
                    told = Counter(each.message for each in ours)
                    expected = Counter(each.message for each in theirs)
                    tally.add(f"{one.store.name}: {placed.id}", told, expected)
    tally.check(usual, (258, 258))


def test_a_validation_error_has_the_oracles_line(compared: list[Compared], usual: bool) -> None:
    tally = Tally("lines of validation errors")
    for one in compared:
        for file in one.store.files:
            for placed in file.placed:
                ours, theirs = mistakes(one, file, placed), oracles(one.said, placed)
                for mine, other in zip(ours, theirs, strict=True):
                    where = f"{one.store.name}: {placed.id}: {mine.message}"
                    tally.add(where, mine.line, other.line)
    tally.check(usual, (387, 418), at_least=0.91)


def test_a_link_is_valid_when_the_policy_that_it_makes_is(
    compared: list[Compared], usual: bool
) -> None:
    tally = Tally("verdicts on links")
    for one in compared:
        for link in one.said.links if one.said.schema_holds else ():
            tally.add(
                f"{one.store.name}: {link.id}",
                link.id in one.ours.cases,
                link.id in one.said.bad_links,
            )
    assert any(one.said.bad_links for one in compared)
    tally.check(usual, (165, 165))


def test_a_policy_is_impossible_when_the_oracle_warns_of_it(
    compared: list[Compared], usual: bool
) -> None:
    tally = Tally("impossible policies among those that hold")
    for one in compared:
        told = {
            finding["message"].split("`")[1]
            for finding in one.ours.findings
            if finding["rule"] == "impossible-policy"
        }
        for placed in one.said.good if one.said.schema_holds else ():
            where = f"{one.store.name}: {placed.id}"
            tally.add(where, placed.id in told, placed.id in one.said.impossible)
    assert any(one.said.impossible for one in compared)
    tally.check(usual, (432, 432))
