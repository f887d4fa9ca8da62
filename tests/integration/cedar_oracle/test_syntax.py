"""Policies with mistakes of syntax: what is said of them, and where; and where policies end."""

from buildsteps.steps.cedar.text.syntax import split
from tests.integration.cedar_oracle.run import Compared
from tests.integration.cedar_oracle.tally import Tally


def test_the_oracles_syntax_error_is_told(compared: list[Compared], usual: bool) -> None:
    tally = Tally("files whose first syntax error is told")
    for one in compared:
        for name, theirs in one.said.unparsed.items():
            ours = [each.message for each in one.ours.complaints(name)]
            found = theirs[0].message if theirs[0].message in ours else ours
            tally.add(f"{one.store.name}/{name}", found, theirs[0].message)
    tally.check(usual, (129, 129), at_least=0.98)


def test_an_unexpected_token_has_the_oracles_line_and_column(
    compared: list[Compared], usual: bool
) -> None:
    tally = _places(compared, "places of unexpected tokens", unexpected=True)
    tally.check(usual, (84, 84))


def test_another_syntax_error_has_the_oracles_line(compared: list[Compared], usual: bool) -> None:
    tally = _places(compared, "lines of other syntax errors", unexpected=False)
    tally.check(usual, (44, 45), at_least=0.95)


def _places(compared: list[Compared], what: str, *, unexpected: bool) -> Tally:
    """Compare places of the oracle's first error: of an unexpected token the column, too."""
    tally = Tally(what)
    for one in compared:
        for name, theirs in one.said.unparsed.items():
            first = theirs[0]
            same = [each for each in one.ours.complaints(name) if each.message == first.message]
            if first.message.startswith("unexpected token") is not unexpected or not same:
                continue
            columns = slice(None) if unexpected else slice(1)
            ours = [(each.line, each.column)[columns] for each in same]
            place = (first.line, first.column)[columns]
            tally.add(
                f"{one.store.name}/{name}: {first.message}", place if place in ours else ours, place
            )
    return tally


def test_a_file_is_split_where_the_oracle_splits_it(compared: list[Compared], usual: bool) -> None:
    tally = Tally("files split into policies")
    for one in compared:
        for name, theirs in one.said.parts.items():
            text = next(file.text for file in one.store.files if file.name == name)
            ours = sorted(text[each.start : each.end] for each in split(text))
            tally.add(f"{one.store.name}/{name}", ours, theirs)
    tally.check(usual, (541, 541))


def test_the_report_counts_the_policies_that_the_oracle_finds(compared: list[Compared]) -> None:
    for one in compared:
        if one.said.unparsed:
            continue
        facts = one.ours.facts
        assert facts["policies"] + facts["templates"] == sum(map(len, one.said.parts.values()))
