"""What became of formatting one text: the cases of ``cedar-format``."""

from collections.abc import Iterable

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.results import Case, Cause, Location, Outcome, unjudged
from buildsteps.source import SourceText
from buildsteps.steps.cedar.formatting.pieces import (
    FormatOne,
    Piece,
    UnformattableError,
    format_pieces,
)
from buildsteps.steps.cedar.policies.policy import PolicyFile, policy_file

GROUP = KIND = "format"
FORMATTED = "formatted"


class Formatted(Struct, frozen=True):
    """A file that was read and formatted; ``changed`` says whether that makes a difference."""

    source: SourceText
    pieces: list[Piece]
    changed: bool

    @property
    def text(self) -> str:
        """The formatted text."""
        return "".join(piece.after for piece in self.pieces)


def format_text(source: SourceText, content: bytes, format_one: FormatOne) -> Formatted | Case:
    """Format a text, which the file holds as ``content``; an error case where it cannot be done."""
    if source.text.lstrip().startswith("{"):
        why = "holds policies in Cedar's JSON format; Cedar's formatter is for Cedar's own syntax"
        return error_case(source.path, why, [Location(source.path)])
    try:
        file = policy_file(source.path, source)
    except UsageError as error:
        place = error.location or Location(source.path)
        return error_case(source.path, error.message, [place], error.detail)
    try:
        pieces = format_pieces(source.text, file.statements, format_one)
    except UnformattableError as error:
        return _unformattable(file, error)
    text = "".join(piece.after for piece in pieces)
    return Formatted(source, pieces, changed=text.encode() != content)


def _unformattable(file: PolicyFile, error: UnformattableError) -> Case:
    from buildsteps.steps.cedar.policies.validation import syntax_mistakes

    source = file.source
    wrong = syntax_mistakes(file) if error.unparsable else []
    if not wrong:
        place, excerpt = source.location(error.offset), source.excerpt(error.offset)
        return error_case(source.path, error.message, [place], excerpt)
    return error_case(
        source.path,
        wrong[0].message,
        [one.location for one in wrong],
        "\n".join([wrong[0].excerpt, *(one.detail() for one in wrong[1:])]),
    )


def verdict(formatted: Formatted, *, check: bool) -> Case:
    """The case of a text that could be formatted; with ``check`` a change is a failure."""
    path = formatted.source.path
    name = f"{KIND} {path}"
    if not formatted.changed or not check:
        message = FORMATTED if formatted.changed else ""
        return Case(name=name, group=GROUP, outcome=Outcome.PASSED, message=message)
    from buildsteps.steps.cedar.formatting.diff import first_changed_line, unified_diff

    # Without a change of the text it is the byte order mark, which Cedar cannot read.
    text_changes = any(piece.before != piece.after for piece in formatted.pieces)
    return Case(
        name=name,
        group=GROUP,
        outcome=Outcome.FAILED,
        kind=KIND,
        message="would be reformatted" if text_changes else "would lose its byte order mark",
        detail=unified_diff(path, formatted.pieces) if text_changes else "",
        locations=(Location(path, first_changed_line(formatted.pieces) if text_changes else 1),),
    )


def error_case(
    path: str,
    message: str,
    places: Iterable[Location],
    detail: str = "",
    cause: Cause = Cause.SUBJECT,
) -> Case:
    """The case of a file that could not be formatted, and is as it was."""
    return unjudged(
        f"{KIND} {path}",
        GROUP,
        message,
        kind=KIND,
        locations=tuple(places),
        detail=detail,
        cause=cause,
    )
