"""Where a type error of Cedar's validator can come from.

The validator names types only. Which operators hold their operands against a type is Cedar's
typing rules (cedar-policy-core, ``validator/typecheck.rs``).
"""

import re

from buildsteps.steps.cedar.text.phrases import Span, Words, find, span_of

_CONDITION = "when { | unless {"
# Operators whose operands the type checker holds against the expected type, by its beginning.
_EXPECTING = (
    ("Long", "< <= > >= + - *"),
    ("datetime, or", "< <= > >="),
    ("Bool", "&& || ! if"),
    ("String", "like getTag hasTag ip decimal datetime duration"),
    ("Set<__cedar::internal::Any>", "contains containsAll containsAny isEmpty"),
    ("Set<__cedar::internal::AnyEntity>", "in"),
    ("__cedar::internal::AnyEntity,", "has . ["),
    ("__cedar::internal::AnyEntity", "in is hasTag getTag"),
    ("ipaddr", "isIpv4 isIpv6 isLoopback isMulticast isInRange"),
    ("decimal", "lessThan lessThanOrEqual greaterThan greaterThanOrEqual"),
)
_COMPARING = "== != contains containsAll containsAny if ["


def type_error_span(words: Words, message: str) -> Span | None:
    """Find the only operator that a type error can come from, else the only condition.

    None where there are several of both, or where ``message`` reports no type error.
    """
    operators = ""
    if match := re.match(r"unexpected type: expected (.+) but saw", message):
        fitting_types = (ops for types, ops in _EXPECTING if match[1].startswith(types))
        operators = next(fitting_types, operators)
    elif re.match(r"the types .* are not compatible", message):
        operators = _COMPARING
    else:
        return None
    conditions = words.part("conditions")
    fitting = [token for token in conditions if token.text in operators.split()]
    if len(fitting) == 1:
        return span_of(fitting)
    one_condition = find(conditions, _CONDITION) and not find(conditions, _CONDITION, occurrence=2)
    return span_of(conditions[:-1]) if one_condition else None
