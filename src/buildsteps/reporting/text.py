"""Text from outside, made safe to show: the cleaning that all reporters share."""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_COLOUR = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BIDI = "\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")
_BREAK = re.compile(r"[\t\n]+")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_URL_SAFE = ":/?#[]@!$&'()*+,;=%~"


def printable(text: str, *, multiline: bool = False) -> str:
    r"""Return ``text`` without anything that could steer a terminal or reorder a line.

    Control sequences (ECMA-48 CSI: colours, cursor moves) are taken out; every other control
    character (C0, C1, DEL), bidirectional override or isolate (Unicode TR36) and lone surrogate
    becomes U+FFFD. Line ends become ``\n``; unless ``multiline``, tabs and line ends become a
    space.
    """
    if text.isprintable() or (multiline and text.replace("\n", "").isprintable()):
        return text
    text = _LINE_END.sub("\n", _COLOUR.sub("", text))
    if not multiline:
        text = _BREAK.sub(" ", text)
    return _UNPRINTABLE.sub(REPLACEMENT, text)


def encodable(text: str) -> str:
    """Return ``text`` with each lone surrogate replaced, so that it can be written as UTF-8."""
    return _SURROGATE.sub(REPLACEMENT, text)


def clipped(text: str, length: int) -> str:
    """Return ``text``, shortened to ``length`` characters with an ellipsis at the end."""
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"


def clipped_lines(text: str, lines: int, length: int) -> list[str]:
    """Return the lines of ``text``, at most so many and so long, and what was left out as one."""
    every = text.rstrip("\n").split("\n")
    kept = [_clipped_line(line, length) for line in every[:lines]]
    more = len(every) - len(kept)
    return [*kept, f"… {counted(more, 'more line')}, all in --format json"] if more else kept


def _clipped_line(line: str, length: int) -> str:
    """Keep the beginning and, because sentences say there what is wrong, the end."""
    more = len(line) - length
    if more <= 0:
        return line
    tail = length // 5
    return f"{line[: length - tail]}… {counted(more, 'more character')} …{line[-tail:]}"


def counted(number: int, noun: str) -> str:
    """Say how many: ``1 case``, ``12,000 cases``; an adjective may stand in ``noun``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


@lru_cache(maxsize=4096)
def web_address(text: str) -> str | None:
    """Return ``text`` as a percent-encoded URL (RFC 3986) if it is an http(s) one, else None."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return quote(_STRAY_PERCENT.sub("%25", encodable(text.strip())), safe=_URL_SAFE)
