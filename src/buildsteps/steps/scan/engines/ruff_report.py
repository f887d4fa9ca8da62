"""What ``ruff check --output-format json`` prints, as data."""

import msgspec
from msgspec import Struct


class Point(Struct, frozen=True):
    """A place: rows and columns from 1, columns in code points."""

    row: int
    column: int


class Edit(Struct, frozen=True):
    """What a fix puts in the place of something."""

    content: str | None = None


class Fix(Struct, frozen=True):
    """How ruff would mend it."""

    message: str | None = None
    edits: tuple[Edit, ...] = ()


class Diagnostic(Struct, frozen=True):
    """One result. Errors of syntax have the code ``invalid-syntax``, or none before ruff 0.13."""

    filename: str
    code: str | None
    message: str
    location: Point
    end_location: Point
    name: str | None = None
    url: str | None = None
    fix: Fix | None = None
    noqa_row: int | None = None

    @property
    def is_syntax(self) -> bool:
        """Whether the file is no Python there."""
        return self.code is None or self.code == "invalid-syntax"

    @property
    def suggestion(self) -> str:
        """How to mend it, in words and as code where that is a piece of one line."""
        if self.fix is None:
            return ""
        pieces = [edit.content for edit in self.fix.edits if edit.content]
        words = self.fix.message or ""
        short = len(pieces) == 1 and "\n" not in pieces[0]
        return f"{words}: {pieces[0].strip()}" if short and words else words


def ruff_report(data: bytes) -> tuple[Diagnostic, ...]:
    """Read what ruff printed.

    Raises:
        ValueError: it is not ruff's JSON.
    """
    return msgspec.json.decode(data, type=tuple[Diagnostic, ...])
