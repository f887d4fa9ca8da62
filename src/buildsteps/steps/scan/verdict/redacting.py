"""Secrets taken out of what we show: of a line of source, and of the words about it.

A secret is found by what stands around it, because no two scanners agree on where one begins: a
column can be off by one, and the padding of base64 looks like an assignment. In doubt too much is
masked.
"""

import re
from collections.abc import Iterable

MASK = "****"

_LEAST = 4
"""Characters of a text that is looked for in others; shorter ones stand everywhere."""

_REPEATED = 6
"""Characters of a secret that is masked on other lines of its file, too."""

_LINE_END = re.compile(r"\r\n?|\n")
_BEFORE = re.compile(r"""\A[^=:"'`]{0,60}?(?P<mark>=>|:=|[=:"'`])""")
_LITERAL = re.compile(r'"([^"\n]*)"|\'([^\'\n]*)\'|`([^`\n]*)`')
_VALUE = re.compile(r"[=:]+\s*(\S.*)")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_QUOTES = "\"'`"


def masked_line(line: str, column: int | None = None, said: Iterable[str] = ()) -> str:
    """Give a line that holds a secret, with all masked that may be it.

    What stands before the first quote, ``=`` or ``:`` is kept, if the secret can be no part of it:
    it begins at ``column`` or later, where that is known, and is none of the texts in ``said``.
    """
    indent = line[: len(line) - len(line.lstrip())]
    rest = line[len(indent) :]
    if not rest:
        return line
    kept = _kept(rest, None if column is None else column - 2 - len(indent), said)
    return f"{indent}{kept}{MASK}"


def _kept(text: str, limit: int | None, said: Iterable[str]) -> str:
    found = _BEFORE.match(text)
    if found is None:
        return ""
    mark, after = found["mark"], text[found.end() :]
    # `dXNlcjpwYXNz==`: the padding of what may be the secret assigns nothing
    if mark not in _QUOTES and len(after.strip(" =")) < _LEAST - 1:
        return ""
    kept = text[: found.end()]
    if mark not in _QUOTES:
        kept += after[: len(after) - len(after.lstrip())]
    if limit is not None and len(kept.rstrip()) > limit:
        kept = kept[: max(limit, 0)]
    return "" if any(len(one) >= _LEAST and one[:8] in kept for one in said) else kept


def lines_with(text: str, secrets: Iterable[str]) -> dict[int, str]:
    """The lines, by their number from 1, that repeat a secret of another line, masked."""
    long = sorted((one for one in secrets if len(one) >= _REPEATED), key=len, reverse=True)
    if not any(one in text for one in long):
        return {}
    found = {}
    for number, line in enumerate(_LINE_END.split(text), 1):
        shown = line
        for secret in long:
            shown = shown.replace(secret, MASK)
        if shown != line:
            found[number] = shown
    return found


def secrets_of(line: str, said: Iterable[str] = ()) -> frozenset[str]:
    """The texts of a line that may be its secret: literals, what is assigned, what was ``said``."""
    literals = [next(filter(None, found), "") for found in _LITERAL.findall(line)]
    assigned = [found[1].strip(" \t;,\"'`") for found in _VALUE.finditer(line)]
    candidates = (one.strip() for one in (*literals, *assigned, *said))
    return frozenset(one for one in candidates if len(one) >= _LEAST)


def masked_words(words: str, secrets: Iterable[str], line: str, *, quoted: bool) -> str:
    """Give a sentence without the secrets of a line.

    With ``quoted``, what the sentence quotes goes, too, unless it is the name of what the line
    assigns to: bandit quotes the password, ruff its variable.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        words = words.replace(secret, MASK)
    if not quoted:
        return words
    first = next((at for at, one in enumerate(words) if one in _QUOTES), None)
    last = next((at for at in range(len(words) - 1, -1, -1) if words[at] in _QUOTES), None)
    if first is None or last is None:
        return words
    inside = words[first + 1 : last]
    if inside == MASK or _is_assigned(inside, line):
        return words
    return f"{words[: first + 1]}{MASK}{words[last] if last > first else ''}{words[last + 1 :]}"


def _is_assigned(name: str, line: str) -> bool:
    """Whether the line assigns to this name, or compares it, and quotes it nowhere."""
    if not _NAME.fullmatch(name) or any(name in found for found in _LITERAL.findall(line)):
        return False
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)\s*(?::[^=]*)?[=:!]", line))
