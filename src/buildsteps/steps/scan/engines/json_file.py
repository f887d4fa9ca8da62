"""JSON that somebody gave us in a file, read once, with the place of what is wrong."""

import json
from typing import Any, NoReturn

from buildsteps.errors import UsageError
from buildsteps.garbage import collector_paused
from buildsteps.results import Location


def object_in(text: str, path: str) -> dict[str, Any]:
    """The object that a text holds.

    Raises:
        UsageError: it is empty, no JSON (RFC 8259), or no object.
    """
    if not text.strip():
        raise UsageError("is empty", Location(path))
    try:
        with collector_paused():
            document = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        place = Location(path, error.lineno, error.colno)
        raise UsageError(f"is no JSON: {error.msg.lower()}", place) from None
    except (RecursionError, ValueError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"is no JSON: {why}", Location(path)) from None
    if not isinstance(document, dict):
        raise UsageError("holds JSON, but not an object", Location(path))
    return document


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
