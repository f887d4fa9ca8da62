"""Text as ASFF takes it: one line, no control characters, not longer than its field."""

import unicodedata

ELLIPSIS = "…"


def fitted(text: str, most: int) -> str:
    """The text on one line, in at most ``most`` bytes of UTF-8; a cut shows as an ellipsis.

    The limits of ASFF are given in characters, of which some say that they are bytes; in bytes a
    text is never too long.
    """
    clean = "".join(" " if _is_no_text(char) else char for char in text)
    line = " ".join(clean.split())
    if len(line.encode()) <= most:
        return line
    kept = line.encode()[: most - len(ELLIPSIS.encode())].decode(errors="ignore")
    return kept.rstrip() + ELLIPSIS


def _is_no_text(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"}
