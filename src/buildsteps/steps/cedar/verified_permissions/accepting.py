"""All rules by which what these checks find can be accepted."""

from buildsteps.steps.cedar.verified_permissions import (
    comparing,
    replaying,
    rules,
    schema_rules,
    warnings,
)

RULES = frozenset(
    {
        *comparing.RULES,
        *replaying.RULES,
        *rules.RULES,
        *schema_rules.RULES,
        *warnings.RULES,
    }
)
