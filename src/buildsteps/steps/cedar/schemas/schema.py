"""The schema of a store, in either format."""

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.engine_limits import check_schema
from buildsteps.steps.cedar.text import json_text
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.grammar import NoSchemaError
    from buildsteps.steps.cedar.schemas.model import SchemaModel

_AT = re.compile(r" at line (\d+) column (\d+)$")
_NAMED = re.compile(r"`([^`]+)`|: ([\w:]+)$")
_UNRESOLVED = re.compile(r"failed to resolve types?: ([\w:]+)")


class LoadedSchema(Struct, frozen=True, dict=True):
    """A schema that the engine accepted; its names are read when a message needs them."""

    path: str
    format: str
    handle: engine.Schema

    @cached_property
    def model(self) -> "SchemaModel | None":
        """The types and actions of the schema, or None where we do not understand it."""
        from buildsteps.steps.cedar.schemas.resolution import parse_schema

        try:
            return parse_schema(str(self.handle))
        except ValueError:
            return None


def load_schema(path: Path, world: World) -> LoadedSchema:
    """Read a schema: JSON where its first character is ``{``, else Cedar's syntax.

    Raises:
        UnreadableError: it cannot be read.
        UsageError: it is no schema; with the place, as far as the engine tells it.
    """
    source = SourceText(world.shown(path), world.files.read_text(path))
    is_json = path.name.endswith(".json") or source.text.lstrip().startswith("{")
    if is_json and not isinstance(json_text.decode(source), dict):
        raise UsageError("not a Cedar schema: expected an object of namespaces", source.location(0))
    check_schema(source)
    try:
        handle = engine.any_schema(source.text)
        return LoadedSchema(source.path, "JSON" if is_json else "Cedar", handle)
    except ValueError as error:
        raise _not_a_schema(source, str(error)) from None


def _not_a_schema(source: SourceText, message: str) -> UsageError:
    ours = None if source.text.lstrip().startswith("{") else _syntax_error(source.text)
    if ours:
        place, excerpt = source.location(ours.offset), source.excerpt(ours.offset)
        return UsageError(f"not a Cedar schema: {ours}", place, excerpt)
    start = _offset(source.text, message)
    message = _AT.sub("", message).removeprefix("error parsing schema: ")
    if start is None:
        return UsageError(f"not a Cedar schema: {message}", Location(path=source.path))
    place, excerpt = source.location(start), source.excerpt(start)
    return UsageError(f"not a Cedar schema: {message}", place, excerpt)


def _syntax_error(text: str) -> "NoSchemaError | None":
    """What our own reader says: unlike the engine it tells the place of an unexpected word."""
    from buildsteps.steps.cedar.schemas.grammar import NoSchemaError, Parser

    try:
        Parser(text).schema()
    except NoSchemaError as error:
        return error
    return None


def _offset(text: str, message: str) -> int | None:
    """Where the engine's complaint is about; only some of them name a place or a unique word."""
    at = _AT.search(message)
    if at:
        lines = text.splitlines(keepends=True)[: int(at[1])]
        return sum(map(len, lines[:-1])) + int(at[2]) - 1
    named = _NAMED.search(message)
    word = (named[1] or named[2]) if named else ""
    if unresolved := _UNRESOLVED.search(message):  # wherever it stands, it is wrong
        word = unresolved[1]
    found = [one.start() for one in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
    return found[0] if word and found and (unresolved or len(found) == 1) else None
