"""Text as ASFF takes it: one line, no control characters, not longer than its field."""

import re

ELLIPSIS = "…"

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
"""Control characters and lone surrogates, which no JSON in UTF-8 can carry."""


def fitted(text: str, most: int) -> str:
    """The text on one line, in at most ``most`` bytes of UTF-8; a cut shows as an ellipsis.

    The limits of ASFF are given in characters, of which some say that they are bytes; in bytes a
    text is never too long.
    """
    line = " ".join(_NO_TEXT.sub(" ", text).split())
    if len(line.encode()) <= most:
        return line
    kept = line.encode()[: most - len(ELLIPSIS.encode())].decode(errors="ignore")
    return kept.rstrip() + ELLIPSIS
