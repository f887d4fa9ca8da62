"""Where the things stand that the Cedar engine's messages are about, one row a message.

The messages are those of cedar-policy-core 4.12: ``parser/err.rs`` (``ToASTErrorKind``) for
syntax, ``validator/diagnostics/validation_errors.rs`` for validation. Phrases are explained in
:mod:`buildsteps.steps.cedar.text.phrases`.
"""

import re
from typing import NamedTuple

from buildsteps.steps.cedar.text.phrases import Part, Span, Words, find


class Row(NamedTuple):
    """Look for ``phrases``, the better first, where a message begins as ``message`` says.

    The first group of ``message`` is the named thing.
    """

    message: str
    phrases: tuple[str, ...]
    part: Part = "statement"
    occurrence: int = 1


_AS_OPERAND = "~<identifier> ~<string> ~<number> ~) ~] ~} X"

SYNTAX = (
    Row(r"duplicate annotation: @(.+)", ("@ X",), occurrence=2),
    Row(r"invalid policy effect: (.+)", ("~@ X (",)),
    Row(r"invalid policy condition: (.+)", ("X {",), "conditions"),
    Row(r"found an invalid variable in the policy scope: (.+)", ("( X | , X",), "scope"),
    Row(r"invalid variable: (.+)", ("~. ~:: ~has X ~:: ~( ~: ~{", "X")),
    Row(
        r"this identifier is reserved and cannot be used: (.+)",
        (". X | has X | :: X", "X :", _AS_OPERAND, "X"),
    ),
    Row(r"the name `(.+?)` contains `__cedar`", ("~:: X", "X")),
    Row(r"`(.+)` is (?:not a valid function$|a method, not)", ("~. ~:: X (",), "conditions"),
    Row(r"`(.+)` is (?:not a valid method$|a function, not)", (". X (",)),
    Row(r"`(.+)\(\.\.\.\)` is not a valid function call", ("~. X (",)),
    Row(r"call to `(.+)` requires exactly", ("X (",), "conditions"),
    Row(r"attempted to call `(.+)\(\.\.\.\)`", ("X (",)),
    Row(r"invalid (?:member access|indexing expression) `(.+)`, `", ("X",)),
    Row(r"invalid (?:string literal|attribute name): (.+)", ("[ X", "X")),
    Row(r"`(.+)` cannot be used as an attribute", ("X",)),
    Row(r"invalid entity literal: (.+)", ("X",)),
    Row(r"function calls must be of the form", (") ( | ] ( | } ( | <string> (",), "conditions"),
    Row(r"found template slot (\S+) in a", ("X",), "conditions"),
    Row(r"`(.+)` is not a valid template slot", ("X",)),
    Row(r"expected .* found (\?\S+) instead of", ("X",), "scope"),
    Row(r"expected single entity uid, found template slot", ("<slot>",), "scope"),
    Row(r"expected .* found set of entity uids", ("[",), "scope"),
    Row(r"expected .* found name `(.+)`", ("~:: X ~::",), "scope"),
    Row(r"expected .* with type `Action` but got `(.+?\")`(?:$| and|,)", ("~:: X",), "scope"),
    Row(r"expected .* found .*`(.+)`", ("X",)),
    Row(r"invalid operator in the (?:policy|action) scope: (.+)", ("X",), "scope"),
    Row(r"`is` cannot appear in the action scope", ("action is",), "scope"),
    Row(r"`is` cannot be used together with `==`", ("is",), "scope"),
    Row(r"type constraints using `:`", ("<identifier> : <identifier>",), "scope"),
    Row(r"`(.+)` condition clause cannot be empty", ("X { }",), "conditions"),
    Row(r"'=' is not a valid operator", ("=",)),
    Row(r"division is not supported", ("/",)),
    Row(r"remainder/modulo is not supported", ("%",)),
    Row(r"integer literal `(.+)` is too large", ("X",)),
    Row(r"duplicate key `(.+)` in record literal", ("N :",), "conditions", 2),
    Row(r"too many occurrences of `(.)`", ("X X X X X",)),
    Row(
        r"right hand side of a `like` .* got `(.+)`",
        ("like X", "like ~<string>", "like"),
        "conditions",
    ),
    Row(r"right hand side of an `is` .* got `(.+)`", ("is X", "is ~<identifier>")),
    Row(r"invalid RHS of a `has` operation: (.+)", ("has X", "has")),
)

VALIDATION = (
    Row(r"unrecognized entity type `(.+)`", ("~:: X :: <string> | ~:: X ~::",)),
    Row(r"unrecognized action `(.+)`", ("~:: X",)),
    Row(r"unable to guarantee safety of access to tag `(.+?)`(?:$| on)", ("getTag ( X", "getTag")),
    Row(r"`\.getTag\(\)` is not allowed", ("getTag",)),
    Row(r"error during extension function argument validation: .*`(.+)`", ("( X", "X")),
    Row(r"undefined extension function: (.+)", ("X (",)),
    Row(
        r"extension constructors may not be called",
        (" | ".join(f"{name} ( ~<string>" for name in ("ip", "decimal", "datetime", "duration")),),
        "conditions",
    ),
    Row(r"empty set literals are forbidden", ("[ ]",)),
    Row(r"entity `(.+)` is of an enumerated entity type", ("~:: X",)),
)


def placed(words: Words, message: str, rows: tuple[Row, ...], occurrence: int = 1) -> Span | None:
    """Find what ``message`` is about by the rows that fit it, or give None where none does.

    With ``occurrence`` it is the n-th such thing, or the first where there are not so many.
    """
    for row in rows:
        if match := re.match(row.message, message, re.DOTALL | re.IGNORECASE):
            named = match[1] if match.re.groups else ""
            for phrase in row.phrases:
                for number in dict.fromkeys((occurrence, 1)):
                    nth = row.occurrence + number - 1
                    span = find(words.part(row.part), phrase, named, nth)
                    if span is not None:
                        return span
    return None
