"""The words of a result: one line of text, whatever form the tool gave it."""

import re
from collections.abc import Iterable, Mapping

from buildsteps.steps.scan.sarif.log import Message

MAX_MESSAGE = 2000
"""Characters; what is longer is cut, for somebody is to read it."""

_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\((?:\d+|[A-Za-z][A-Za-z0-9+.-]*:[^()\s]*)\)")
_ESCAPED = re.compile(r"\\([\[\]\\])")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,4})\}")


def text_of(message: Message | None, texts: Iterable[Mapping[str, Message]] = ()) -> str:
    """The text of a message, by itself or by its id, with its arguments in their places (3.11).

    Markdown is left aside, as the text says the same (3.11.9); links become their words.
    """
    if message is None:
        return ""
    text = message.text
    if not text and message.id:
        named = (strings[message.id].text for strings in texts if message.id in strings)
        text = next((one for one in named if one), None)
    if not text:
        return ""
    if message.arguments:
        text = _filled(text, message.arguments)
    if "](" in text:
        text = _ESCAPED.sub(r"\1", _LINK.sub(r"\1", text))
    return text


def one_line(text: str) -> str:
    """A text without line ends and runs of space, and no longer than somebody reads."""
    line = " ".join(text[: 4 * MAX_MESSAGE].split())
    return line if len(line) <= MAX_MESSAGE else f"{line[: MAX_MESSAGE - 1]}…"


def _filled(text: str, arguments: list[str]) -> str:
    def put(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        number = int(found[1])
        return arguments[number] if number < len(arguments) else found[0]

    return _PLACEHOLDER.sub(put, text)
