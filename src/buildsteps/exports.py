"""Handing a result on to the next command: ``--export NAME[=FIELD]``.

FIELD is a dotted path into the JSON report, such as ``counts.failed`` or ``cases.0.name``. The
values go to ``--export-file``, a shell script to source, and to GitHub Actions' ``GITHUB_ENV``.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.options import CommonOptions
from buildsteps.reporting.json import document, encoded
from buildsteps.reporting.text import encodable
from buildsteps.results import RunResult
from buildsteps.world import World

DEFAULT_FIELD = "verdict.outcome"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MISSING = object()


class Export(Struct, frozen=True):
    """A variable, and the field of the report that becomes its value."""

    name: str
    field: str


def exports_of(options: CommonOptions, world: World) -> tuple[Export, ...]:
    """What is to be handed on.

    Raises:
        UsageError: no name, one given twice, or nowhere to hand it to.
    """
    exports = tuple(_export(text) for text in options.export)
    names = [one.name for one in exports]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--export gives {name} twice")
    if exports and not options.export_file and not world.environ.get("GITHUB_ENV"):
        raise UsageError("--export needs --export-file PATH; only GitHub Actions has a file for it")
    if options.export_file and not exports:
        raise UsageError("--export-file needs --export NAME[=FIELD], else it would be empty")
    return exports


def exports_despite_mistakes(options: CommonOptions) -> tuple[Export, ...]:
    """What is to be handed on where the call may be wrong: what can be understood."""
    found: dict[str, Export] = {}
    for text in options.export:
        name, _, field = text.partition("=")
        if _NAME.fullmatch(name):
            found.setdefault(name, Export(name, field or DEFAULT_FIELD))
    return tuple(found.values())


def _export(text: str) -> Export:
    name, equals, field = text.partition("=")
    if not _NAME.fullmatch(name) or (equals and not field):
        raise UsageError(f"--export takes NAME or NAME=FIELD, not {text!r}")
    return Export(name, field or DEFAULT_FIELD)


def check_fields(exports: Sequence[Export], result: RunResult) -> None:
    """Check that the report has every field.

    Raises:
        UsageError: one is not there, with the nearest one that is.
    """
    whole = document(result)
    for one in exports:
        _look_up(whole, one.field)


def values_of(exports: Sequence[Export], result: RunResult) -> dict[str, str]:
    """The value of each variable; what a run that failed has no field for is left out."""
    whole = document(result)
    values: dict[str, str] = {}
    for one in exports:
        try:
            values[one.name] = _text(_look_up(whole, one.field))
        except UsageError:
            continue
    return values


def _look_up(whole: Any, field: str) -> Any:
    value, way = whole, ""
    for part in field.split("."):
        value, parts = _part(value, part), _parts(value)
        if value is _MISSING:
            nearest = suggestion(way + part, [way + one for one in parts])
            raise UsageError(f"--export: the report has no field `{field}`.{nearest}")
        way += f"{part}."
    return value


def _part(value: Any, part: str) -> Any:
    if isinstance(value, Struct):
        return getattr(value, part) if part in value.__struct_fields__ else _MISSING
    if isinstance(value, Mapping):
        return value.get(part, _MISSING)
    if isinstance(value, list | tuple) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return _MISSING


def _parts(value: Any) -> list[str]:
    if isinstance(value, Struct):
        return list(value.__struct_fields__)
    return [str(key) for key in value] if isinstance(value, Mapping) else []


def _text(value: Any) -> str:
    """Text as it is, nothing as empty text, all else as JSON; no variable can hold a NUL."""
    if value is None:
        return ""
    text = str(value) if isinstance(value, str | Enum) else encoded(value)
    return encodable(text).replace("\0", "")


def shell_script(values: Mapping[str, str]) -> str:
    """Lines to source, each value in single quotes, in which a shell expands nothing."""
    return "".join(
        "export {}='{}'\n".format(name, value.replace("'", "'\"'\"'"))
        for name, value in values.items()
    )


def github_lines(values: Mapping[str, str]) -> str:
    """Entries of ``GITHUB_ENV`` in the form for several lines.

    The delimiter is random, so that no value from outside can end its own entry and begin
    another (GitHub Actions, "Workflow commands", multiline strings).
    """
    delimiter = f"buildsteps_{secrets.token_hex(16)}"
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())
