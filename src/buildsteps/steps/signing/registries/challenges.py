"""The ``WWW-Authenticate`` header: which way to log in a server asks for (RFC 9110, 11.6.1)."""

import re

from msgspec import Struct, field

LONGEST_HEADER = 8192

_PIECE = re.compile(
    r'\s*(?:(?P<name>[\w-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))'
    r"|(?P<scheme>[\w-]+))\s*,?",
    re.ASCII,
)


class Challenge(Struct, frozen=True):
    """One way to log in: its scheme in lower case, and what it says about it."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def challenges_of(header: str) -> tuple[Challenge, ...]:
    """Read the header; what cannot be read ends it."""
    found: list[Challenge] = []
    position, text = 0, header[:LONGEST_HEADER]
    while position < len(text) and (piece := _PIECE.match(text, position)):
        position = piece.end()
        if piece["scheme"]:
            found.append(Challenge(piece["scheme"].lower()))
        elif found:
            value = piece["quoted"] if piece["quoted"] is not None else piece["bare"]
            found[-1].parameters[piece["name"].lower()] = re.sub(r"\\(.)", r"\1", value)
    return tuple(found)
