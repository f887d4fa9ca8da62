"""The rules of ``cedar-lint``, one module each, and the table of them."""

from buildsteps.steps.cedar.linting.rule import Rule
from buildsteps.steps.cedar.linting.rules import duplicate_policy, unconstrained_permit

RULES: tuple[Rule, ...] = (
    duplicate_policy.RULE,
    unconstrained_permit.RULE,
)
"""Every rule, in the order in which findings of one place are told."""
