"""Where in a policy the thing is that the Cedar engine complains of.

The engine's Python binding reports messages without positions. Here they are found again: by
parsing prefixes for an unexpected token, by looking for what the message names for all else.
Spans are code point offsets, the end exclusive.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from buildsteps.steps.cedar.text.accesses import find_access
from buildsteps.steps.cedar.text.culprits import Validate, culprits
from buildsteps.steps.cedar.text.engine_messages import (
    AttributePath,
    Named,
    attribute_in,
    clean_message,
    names_in,
)
from buildsteps.steps.cedar.text.message_phrases import SYNTAX, VALIDATION, placed
from buildsteps.steps.cedar.text.phrases import Span, Words, span_of, words_of
from buildsteps.steps.cedar.text.syntax import Token, split, tokens
from buildsteps.steps.cedar.text.type_errors import type_error_span

__all__ = [
    "AttributePath",
    "Named",
    "Parse",
    "attribute_in",
    "clean_message",
    "names_in",
    "syntax_error_span",
    "validation_error_span",
    "validation_error_spans",
]

Parse = Callable[[str], str | None]
"""Parses policies with the engine; gives its message, or None where there is nothing to say."""

_UNEXPECTED = re.compile(r"(?:unexpected|extra) token `(.*)`", re.DOTALL)
_ESCAPE = re.compile(r"the input `(.*)` is not a valid escape", re.DOTALL)
_VARIABLE = re.compile(r"found the variable `.+` where the variable `(.+)` must be used")
_SCOPE = ("principal", "action", "resource")
_RELATIONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "=", "in"})
_ENDS_RELATION = frozenset({"&&", "||", ",", "if", "then", "else", ":", ";"})


def syntax_error_span(text: str, message: str, parse: Parse) -> Span | None:
    """Say where in ``text`` the syntax error is that ``message`` reports of the whole of it.

    Exact for unexpected and invalid tokens and for the end of input (an empty span after the last
    token). Else it is what the message names, or the first token of the statement that fails.
    None where ``text`` has no token.
    """
    found = tuple(tokens(text))
    message = clean_message(message)
    if not found:
        return None
    if message == "unexpected end of input":
        return found[-1].end, found[-1].end
    if message == "invalid token":
        return _invalid(found)
    start, end = _failing_statement(text, message, parse)
    start_in, end_in = _in_statement(text[start:end], message, parse)
    return start + start_in, start + end_in


def validation_error_span(statement: str, message: str) -> Span:
    """Say where in the text of one policy the thing is that the validator complains of.

    It is what the message names, the scope, or the operator or condition that a type error can
    only come from; else the first token. An empty span at 0 where there is no token.
    """
    words = words_of(statement)
    return _complained_of(words, clean_message(message)) or _first(words)


def validation_error_spans(
    statement: str, messages: Sequence[str], validate: Validate
) -> list[Span]:
    """Say where the things are that the validator complains of, all that it says of one policy.

    As :func:`validation_error_span`, but within the part of the conditions that is to blame, which
    ``validate`` finds out; so the same message twice gives two places.
    """
    words = words_of(statement)
    cleaned = [clean_message(message) for message in messages]
    blamed = culprits(statement, words, cleaned, validate)
    head = Words(words.tokens[: words.scope_end], words.scope_start, words.scope_end)
    spans = []
    for index, message in enumerate(cleaned):
        number = cleaned[:index].count(message)
        found = blamed.get(message, [])
        if number < len(found):
            one = found[number]
            span = _complained_of(one.words, message, one.occurrence) or span_of(one.words.tokens)
        else:  # the conditions are not to blame for it, or not so often
            in_head = _complained_of(head, message) if found else None
            span = in_head or _complained_of(words, message) or _first(words)
        spans.append(span)
    return spans


def _complained_of(words: Words, message: str, occurrence: int = 1) -> Span | None:
    if attribute := attribute_in(message):
        return find_access(words, attribute, occurrence)
    if message.startswith("unable to find an applicable action"):
        return span_of(words.part("scope")) if words.part("scope") else None
    return placed(words, message, VALIDATION, occurrence) or type_error_span(words, message)


def _first(words: Words) -> Span:
    return span_of(words.tokens[:1]) if words.tokens else (0, 0)


def _invalid(found: tuple[Token, ...]) -> Span:
    token = next((token for token in found if token.kind == "invalid"), found[0])
    return token.start, token.start + 1


def _failing_statement(text: str, message: str, parse: Parse) -> Span:
    """Find the first statement of which the engine says ``message``, or else anything at all.

    The engine reports what it cannot read before what it can read but not accept, so the first
    statement that fails need not be the one meant.
    """
    failing = None
    statements = split(text)
    for one in statements:
        said = parse(text[one.start : one.end])
        if said is not None and clean_message(said) == message:
            return one.start, one.end
        if said is not None and failing is None:
            failing = one
    meant = failing or statements[0]
    return meant.start, meant.end


def _in_statement(statement: str, message: str, parse: Parse) -> Span:
    words = words_of(statement)
    if match := _UNEXPECTED.fullmatch(message):
        span = _unexpected(statement, words, match[1], parse)
    elif match := _ESCAPE.fullmatch(message):
        span = _bad_escape(words, match[1])
    elif message.startswith("multiple relational operators"):
        span = _second_relation(words)
    else:
        span = placed(words, message, SYNTAX) or _scope_element(words, message)
    return span or _first(words)


def _unexpected(statement: str, words: Words, word: str, parse: Parse) -> Span | None:
    """Find the first such token that the engine does not expect after what stands before it.

    Every prefix that reaches over that token is rejected for it once a ``;`` ends the prefix (an
    unfinished one can be rejected for its end instead), and no shorter one is. So the tokens can
    be halved instead of tried one after the other.
    """
    candidates = [one for one in words.tokens if one.text == word]
    if word == ";":
        return span_of(candidates[-1:]) if candidates else None

    def is_rejected(candidate: Token) -> bool:
        said = parse(statement[: candidate.end] + ";")
        match = None if said is None else _UNEXPECTED.fullmatch(clean_message(said))
        return match is not None and match[1] == word

    index = bisect_left(candidates, True, key=is_rejected)
    return span_of(candidates[min(index, len(candidates) - 1) :][:1]) if candidates else None


def _bad_escape(words: Words, escape: str) -> Span | None:
    for token in words.tokens:
        if token.kind == "string" and (inside := token.text.find(escape)) >= 0:
            return token.start + inside, token.start + inside + len(escape)
    return None


def _scope_element(words: Words, message: str) -> Span | None:
    elements = words.scope_elements()
    if message.startswith("this policy is missing the"):
        return span_of(words.part("scope")[-1:]) if words.part("scope") else None
    if message.startswith("this policy has an extra element") and len(elements) > len(_SCOPE):
        return span_of(elements[len(_SCOPE)])
    if message.startswith("expected ") and elements:
        return span_of(words.part("scope"))
    match = _VARIABLE.match(message)
    index = _SCOPE.index(match[1]) if match and match[1] in _SCOPE else len(elements)
    return span_of(elements[index][:1]) if index < len(elements) else None


def _second_relation(words: Words) -> Span | None:
    """Find a relational operator after another one that no parenthesis or conjunction parts."""
    seen = [False]
    for token in words.part("conditions"):
        if token.text in "([{":
            seen.append(False)
        elif token.text in ")]}" and len(seen) > 1:
            seen.pop()
        elif token.text in _ENDS_RELATION:
            seen[-1] = False
        elif token.text in _RELATIONS:
            if seen[-1]:
                return token.start, token.end
            seen[-1] = True
    return None
