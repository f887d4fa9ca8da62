"""Secrets taken out of what a program printed, before anybody sees it."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from buildsteps.notation.credentials import UserAndPassword

HIDDEN = "***"
SHORTEST = 6
"""A value of the environment that is shorter is too common a text to be taken out everywhere."""

_SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL", re.IGNORECASE)
_NO_SECRET = re.compile(r"(?:_FILE|_URI|_PATH)\Z", re.IGNORECASE)
_USER_INFORMATION = re.compile(r"://[^/\s@]*@")


def secrets_of(environ: Mapping[str, str]) -> frozenset[str]:
    """The values of the environment that nobody is to see, by the names of their variables."""
    return frozenset(
        value
        for name, value in environ.items()
        if _SECRET_NAME.search(name) and not _NO_SECRET.search(name) and len(value) >= SHORTEST
    )


def redactor(secrets: frozenset[str], credentials: UserAndPassword | None) -> Callable[[str], str]:
    """Give a function that takes secrets out of a text.

    Those are the password in any form it travels in, ``secrets``, and the user information of
    addresses, such as a proxy's.
    """
    hidden = set(secrets)
    if credentials is not None and credentials.password:
        hidden |= _forms(credentials)
    # The longest first: one may hold another.
    found = "|".join(re.escape(one) for one in sorted(hidden, key=len, reverse=True))
    pattern = re.compile(found) if found else None

    def redact(text: str) -> str:
        text = pattern.sub(HIDDEN, text) if pattern else text
        return _USER_INFORMATION.sub(f"://{HIDDEN}@", text)

    return redact


def _forms(credentials: UserAndPassword) -> set[str]:
    """As it is, in an address, in a quoted string of JSON or Go, and in an HTTP header."""
    password = credentials.password
    pair = f"{credentials.username}:{password}"
    coded = {base64.b64encode(text.encode()).decode() for text in (pair, password)}
    return {password, quote(password, safe=""), json.dumps(password)[1:-1], *coded}
