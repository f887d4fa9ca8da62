"""JSON that people wrote: decoded fast, and with the line of what is wrong."""

import json
import re
from typing import Any

import msgspec

from buildsteps.errors import UsageError
from buildsteps.source import SourceText

_TRUNCATED = "Input data was truncated"  # msgspec's words
_BYTE = re.compile(r" \(byte (\d+)\)$")


def decode(source: SourceText) -> Any:
    """The value that ``source`` holds.

    Raises:
        UsageError: it is not JSON; with line and column.
    """
    data = source.text.encode()
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        message = str(error)
        found = _BYTE.search(message)
        offset = len(data[: int(found[1])].decode(errors="replace")) if found else len(source.text)
        what = _BYTE.sub("", message).removeprefix("JSON is malformed: ")
        at = min(offset, len(source.text.rstrip()))
        what = what.replace(_TRUNCATED, "it ends too early" if at else "the file is empty")
        raise UsageError(
            f"not valid JSON: {what}", source.location(at), source.excerpt(at)
        ) from None
    except RecursionError:
        raise UsageError("is nested too deeply", source.location(0)) from None


def element_offsets(text: str) -> list[int]:
    """Where the elements of the array that is ``text`` begin; as many as can be told."""
    decoder = json.JSONDecoder()
    offsets = []
    at = _skip(text, text.find("[") + 1)
    while at < len(text) and text[at] != "]":
        offsets.append(at)
        try:
            _, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        at = _skip(text, at)
        if at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)
    return offsets


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
