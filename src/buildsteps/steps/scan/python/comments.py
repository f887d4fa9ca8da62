"""Why a line was let pass: the reason in a ``nosec`` or ``noqa`` comment."""

import re
from collections.abc import Iterable

_NOSEC = re.compile(r"#\s*nosec\b:?\s*([^#]*)(?:#\s*(.*))?")
_NOSEC_TEST = re.compile(r"(?:B\d{3}|[a-z]+(?:_[a-z0-9]+)+)\b[\s,]*")
_CODES = r"[A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*"
_NOQA = re.compile(rf"#\s*noqa\b(?::\s*(?:{_CODES})?)?(.*)", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*ruff:\s*ignore\[[^\]]*\](.*)")
_FILE = re.compile(
    rf"#\s*(?:(?:ruff|flake8):\s*noqa\b(?::\s*(?:{_CODES})?)?"
    r"|ruff:\s*(?:disable|file-ignore)\[[^\]]*\])(.*)"
)
_LEADING = " \t-:;,.#\u2013\u2014()"


def nosec_reason(lines: Iterable[str]) -> str:
    """What a ``nosec`` comment on one of the lines says beside the tests it names."""
    said = next((found for line in lines if (found := _NOSEC.search(line))), None)
    if said is None:
        return "nosec without a reason"
    rest = said[1]
    while test := _NOSEC_TEST.match(rest):
        rest = rest[test.end() :]
    return _reason(rest) or _reason(said[2] or "") or "nosec without a reason"


def noqa_reason(line: str, others: Iterable[str]) -> str:
    """What the comment on the line says, or one that speaks for more, among the ``others``."""
    for pattern in (_IGNORE, _NOQA):
        if found := pattern.search(line):
            return _reason(found[1]) or "noqa without a reason"
    for other in others:
        if found := _FILE.search(other):
            return _reason(found[1]) or "noqa of the file, without a reason"
    return "noqa without a reason"


def _reason(text: str) -> str:
    return text.strip(_LEADING + " \t")
