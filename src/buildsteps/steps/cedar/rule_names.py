"""The rules of the commands about Cedar: each knows those of the others, and leaves them alone."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from buildsteps.acceptances import Acceptance, InlineAcceptance
from buildsteps.steps.cedar.verified_permissions.rule_names import RULES as DEPLOYED_RULES

Speaking = TypeVar("Speaking", bound=Acceptance | InlineAcceptance)

LINT_RULES = (
    "duplicate-policy",
    "shadowed-policy",
    "unconstrained-permit",
    "forbid-never-applies",
    "compares-different-types",
    "attribute-without-has",
    "unused-schema-type",
    "unused-schema-action",
    "missing-annotation",
    "duplicate-annotation-id",
    "id-differs-from-file",
)
"""The rules of ``cedar-lint``."""

VALIDATE_RULES = (
    "no-schema",
    "no-tests",
    "no-policy-in-file",
    "unused-template",
    "link-to-nothing",
    "symlink-left-out",
    "unknown-request-key",
    "vacuous-test",
    "unknown-entity-key",
    "entities-not-checked",
    "evaluation-error",
    "impossible-policy",
    "unplaced-test",
    "surviving-mutant",
)
"""The rules of ``cedar-validate``."""


def speaking_of(accepted: Iterable[Speaking], rules: Collection[str]) -> list[Speaking]:
    """The acceptances but for those that name, letter by letter, a rule that does not apply now.

    Such a one is not unused: the command or run that applies the rule knows.
    """
    elsewhere = {*LINT_RULES, *VALIDATE_RULES, *DEPLOYED_RULES}.difference(rules)
    return [one for one in accepted if one.rule not in elsewhere]
