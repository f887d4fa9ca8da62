"""The rules of ``cedar-lint`` and the table of them."""

from buildsteps.steps.cedar.linting.rule import Rule
from buildsteps.steps.cedar.linting.rules import (
    annotations,
    attribute_without_has,
    compares_different_types,
    duplicate_policy,
    forbid_never_applies,
    shadowed_policy,
    unconstrained_permit,
    unused_schema,
)

RULES: tuple[Rule, ...] = (
    duplicate_policy.RULE,
    shadowed_policy.RULE,
    unconstrained_permit.RULE,
    forbid_never_applies.RULE,
    compares_different_types.RULE,
    attribute_without_has.RULE,
    unused_schema.TYPE,
    unused_schema.ACTION,
    annotations.MISSING,
    annotations.DUPLICATE,
    annotations.FILE,
)
"""Every rule; findings of one place are told in this order."""
