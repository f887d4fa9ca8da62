"""Each command about Cedar knows the rules of the other."""

from buildsteps.acceptances import Acceptance
from buildsteps.steps.cedar import validate
from buildsteps.steps.cedar.linting.rules import RULES
from buildsteps.steps.cedar.rule_names import LINT_RULES, VALIDATE_RULES, speaking_of


def test_the_names_are_those_of_the_rules_that_there_are() -> None:
    assert tuple(rule.id for rule in RULES) == LINT_RULES
    assert set(VALIDATE_RULES) == validate._RULES


def test_an_acceptance_of_a_rule_that_is_not_applied_is_left_to_who_applies_it() -> None:
    accepted = [
        Acceptance(rule=name) for name in ("duplicate-policy", "impossible-policy", "*", "x")
    ]
    kept = speaking_of(accepted, ["impossible-policy"])
    assert [one.rule for one in kept] == ["impossible-policy", "*", "x"]
