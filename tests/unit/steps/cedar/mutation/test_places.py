"""A survivor is shown where the clause stands that was changed."""

from pathlib import Path

import pytest

from buildsteps.steps.cedar.mutation.mutants import Mutant, mutants_of
from buildsteps.steps.cedar.mutation.originals import originals
from buildsteps.steps.cedar.mutation.places import placed
from tests.unit.steps.cedar.mutation import any_stores

POLICY = """\
@permit("no effect")
@id("p")
permit (
  principal == U::"a", // principal
  action in [Action::"read", Action::"edit"],
  resource in F::"f"
)
when { principal.level > 1 || (resource["size"] > 1 && "a\\u{62}" == "ab") }
unless { context.mfa || !context.mfa || context.mfa };
"""


def mutants(folder: Path) -> list[Mutant]:
    _, validated = any_stores.store(folder, ["// first\n" + POLICY], [], schema=False)
    return list(mutants_of(originals(validated), validated))


@pytest.mark.parametrize(
    ("operator", "words", "shown"),
    [
        ("remove-policy", "the policy is removed", ['@permit("no effect")']),
        ("flip-effect", "forbid instead of permit", ["permit"]),
        ("widen-scope", "any principal", ['principal == U::"a"']),
        ("narrow-scope", "without the action", ['action in [Action::"read", Action::"edit"]'] * 2),
        ("widen-scope", "any resource", ['resource in F::"f"']),
        ("drop-unless", "without its", ["unless { context.mfa || !context.mfa || context.mfa }"]),
        # the literal stands twice in the condition; each change has its own place
        ("change-literal", "`2` instead of `1`", ["1", "1"]),
        ("change-literal", "`0` instead of `1`", ["1", "1"]),
        # an escape and an index are written otherwise than the engine writes them
        ("change-literal", '`"not ab"` instead of `"ab"`', ['"a\\u{62}"', '"ab"']),
        ("drop-negation", "`context.mfa` instead of `!context.mfa`", ["!context.mfa"]),
    ],
)
def test_the_place_is_the_changed_clause(
    tmp_path: Path, operator: str, words: str, shown: list[str]
) -> None:
    found = [
        mutant
        for mutant in mutants(tmp_path)
        if mutant.operator == operator and mutant.words.startswith(words)
    ]
    lines = ("// first\n" + POLICY).splitlines()
    texts = []
    for mutant in found:
        place = placed(mutant)
        assert place.line and place.column
        end = place.end_column - 1 if place.end_column and place.end_line == place.line else None
        texts.append(lines[place.line - 1][place.column - 1 : end])
    assert texts == shown


def test_two_changes_that_read_alike_have_places_of_their_own(tmp_path: Path) -> None:
    alike = [one for one in mutants(tmp_path) if one.words == "`2` instead of `1`"]
    assert len({placed(one).column for one in alike}) == 2
    assert [one.nth for one in alike] == [1, 2]


def test_a_clause_that_is_written_otherwise_is_shown_by_its_condition(tmp_path: Path) -> None:
    (found,) = (
        one
        for one in mutants(tmp_path)
        if one.words.endswith("instead of `resource.size > 1`")
        and one.operator == "change-comparison"
        and "<=" in one.words
    )
    place = placed(found)
    assert (place.line, place.column) == (9, 1)
