"""Headers that look like secrets: Distributed Load Testing stores them for anybody to read."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_NAMES = re.compile(
    r"authori[sz]ation|cookie|token|secret|passw|api-?key|credential|signature|session", re.I
)
_VALUES = re.compile(
    r"^(bearer|basic)\s+\S|\beyJ[\w-]{8,}\.|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20}", re.I
)


def secret_headers(headers: Mapping[str, str]) -> list[str]:
    """The names of headers whose name or value looks like a secret; empty ones are none."""
    return [
        name
        for name, value in headers.items()
        if value and (_NAMES.search(name) or _VALUES.search(value))
    ]


def has_password(url: str) -> bool:
    """Whether an address holds a password."""
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False
