"""notation's standard error, taken apart: log records, warnings, the last error.

The log is logrus' text format with quoting off (notation, ``internal/trace/context.go``), so a
message that holds line ends goes on over several lines: a line that begins no record belongs to the
one before.
"""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

Kind = Literal["debug", "info", "warning", "error", "Warning", "Error", ""]

_BEGIN = re.compile(
    r"(?:level=(?P<level>debug|info|warning|error) msg=|(?P<prefix>Warning|Error): )(?P<text>.*)",
    re.DOTALL,
)


class LogRecord(Struct, frozen=True):
    """One message: a level of the log, or the capitalised prefix of one that is always printed."""

    kind: Kind
    text: str


def log_records(stderr: str) -> tuple[LogRecord, ...]:
    """The messages in their order; text before the first one has the kind ``""``."""
    return tuple(_records(stderr))


def _records(stderr: str) -> Iterator[LogRecord]:
    kind, lines = "", list[str]()
    for line in stderr.split("\n"):
        found = _BEGIN.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        if kind or any(lines):
            yield LogRecord(kind, "\n".join(lines).rstrip())  # type: ignore[arg-type]
        kind, lines = found["level"] or found["prefix"], [found["text"]]
    if kind or any(lines):
        yield LogRecord(kind, "\n".join(lines).rstrip())  # type: ignore[arg-type]


def last_error(records: tuple[LogRecord, ...]) -> str:
    """The ``Error:`` that notation ended with, or what else it said, or nothing."""
    errors = [record.text for record in records if record.kind == "Error"]
    said = errors or [record.text for record in records if record.kind in ("", "error")]
    return said[-1] if said else ""
