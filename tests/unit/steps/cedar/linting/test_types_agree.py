"""What ``compares-different-types`` says of single comparisons, held against the type checker.

A policy whose only condition is a comparison that is always false can never apply, and the engine's
type checker knows that; so the two must agree on each.
"""

from itertools import product
from pathlib import Path

import pytest

from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.policy import policies_of, policy_file
from buildsteps.steps.cedar.policies.validation import impossible
from tests.unit.steps.cedar.linting.linted import SCHEMA, found

SIDES = (
    *("principal", "resource", "resource.owner", 'User::"a"', 'Photo::"p"', 'Album::"a"'),
    *('Role::"r"', 'Folder::"f"', '(if principal.name == "x" then principal else User::"b")'),
)
GROUPS = ('[Album::"a", Album::"b"]', '[Role::"r", Role::"s"]', "resource.readers")
SCOPES = (
    "principal, action, resource is Photo",
    'principal, action == Action::"edit", resource',
    'principal is User, action, resource in Album::"a"',
    'principal in Role::"r", action in Action::"look", resource is Photo in Album::"a"',
)
COMPARISONS = (
    *(f"{left} == {right}" for left, right in product(SIDES, SIDES)),
    *(f"{left} in {right}" for left, right in product(SIDES, (*SIDES, *GROUPS))),
    *(
        f"{left} is {name}"
        for left, name in product(
            SIDES[:3], ("User", "Photo", "Album", "Role", 'User in Role::"r"')
        )
    ),
)


def texts(scope: str) -> list[str]:
    """A policy for each comparison that is valid."""
    schema = engine.any_schema(SCHEMA)
    every = [f"permit({scope}) when {{ {one} }};" for one in COMPARISONS]
    wrong = {error.policy for error in engine.validate("\n".join(every), schema)}
    return [text for number, text in enumerate(every) if number not in wrong]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_comparison_is_told_exactly_where_the_type_checker_knows_it_to_be_false(
    scope: str, tmp_path: Path
) -> None:
    valid = texts(scope)
    assert len(valid) > 100
    file = policy_file("p.cedar", SourceText("p.cedar", "\n".join(valid)))
    never = impossible(policies_of([file]), engine.any_schema(SCHEMA))
    known = {valid[(one.locations[0].line or 1) - 1] for one in never}
    told = {
        valid[(one.locations[0].line or 1) - 1]
        for one in found(tmp_path, "\n".join(valid), "compares-different-types")
    }
    assert told == known
