"""YAML with the place of every key and value, and without YAML's surprises.

Duplicate keys, several documents, tags, recursive aliases and alias bombs are errors that name
file, line and column. JSON is read as well: it is YAML. ``parse_all`` reads what others wrote, for
programs that forgive more; only what would exhaust us is an error there.
"""

import datetime
from collections.abc import Callable, Collection
from typing import Any

import yaml
from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.garbage import collector_paused
from buildsteps.results import Location

MAX_DEPTH = 100
"""How deeply one document may be nested."""

MAX_NODES = 1_000_000
"""What one document may grow to once its aliases are expanded."""

_LONGEST_QUOTE = 40
_STANDARD = "tag:yaml.org,2002:"
_STR = f"{_STANDARD}str"
_MERGE = f"{_STANDARD}merge"
_PLAIN_TAGS = frozenset(
    f"{_STANDARD}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")
)
_TEXT_TAGS = frozenset({_MERGE, f"{_STANDARD}value"})
"""What YAML 1.1 makes of a plain ``<<`` or ``=`` that is no key: text, to anybody else."""

_KINDS: dict[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "the number",
    float: "the number",
    datetime.date: "the day",
    datetime.datetime: "the moment",
}


class Node(Struct, frozen=True):
    """A value and its place.

    ``value`` is a scalar, a ``list[Node]`` or a ``dict[str, Node]``; ``keys`` are the places of
    a mapping's keys. ``start`` and ``end`` are offsets in the text, in code points, from the
    anchor or tag if it has one; -1 where they are not known.
    """

    value: Any
    location: Location
    keys: dict[str, Location] = {}
    start: int = -1
    end: int = -1

    def plain(self) -> Any:
        """The value without places, as ``yaml.safe_load`` gives it, but every key is text."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def kind(self) -> str:
        """What a person calls this kind of value."""
        if self.value is None:
            return "nothing"
        return _KINDS.get(type(self.value), "a value")

    def found(self) -> str:
        """What a person calls this value, a short scalar quoted: ``text `maybe```."""
        if self.value is None or isinstance(self.value, dict | list):
            return self.kind()
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return f"{self.kind()} {_quoted(str(self.value))}"

    def is_quotable(self) -> bool:
        """Whether quotes around it would make it text: a number, a day, true or false."""
        return not isinstance(self.value, dict | list | str | None)


def _quoted(text: str) -> str:
    from buildsteps.reporting.text import clipped, printable

    return f"`{clipped(printable(text), _LONGEST_QUOTE)}`"


def parse(text: str, path: str) -> Node | None:
    """Parse one document; None when it holds nothing. ``path`` is used in messages.

    Raises:
        UsageError: not YAML, or YAML that we refuse; with line and column.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = _composed(text, path, lambda: yaml.compose(text, Loader=loader))
    return None if root is None else _Builder(path).build(root)


def parse_all(text: str, path: str) -> list[Node]:
    """Parse every document that holds something, forgiving what is none of our business.

    Of a key that stands twice the last counts, as in Go's decoders; a key that is no scalar is
    left out; a tag of an application is ignored, and a scalar that is not what its tag says is
    text. The limits of :func:`parse` hold, for all documents together.

    Raises:
        UsageError: not YAML, nested too deeply, or grown too large; with line and column.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with collector_paused():
        roots = _composed(text, path, lambda: list(yaml.compose_all(text, Loader=loader)))
        builder = _ForgivingBuilder(path)
        nodes = [builder.build(root) for root in roots if root is not None]
    return [node for node in nodes if node.value is not None]


def _composed(text: str, path: str, compose: Callable[[], Any]) -> Any:
    """Compose within limits, and tell what is wrong as an error of ours."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(text, path, loader)
        return compose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _location(path, mark) if mark else Location(path=path)
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise UsageError(f"not valid YAML: {what}", place) from None
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="replace")
        place = Location(path=path, line=before.count("\n") + 1)
        what = f"the character U+{error.character:04X} is not allowed"
        raise UsageError(f"not valid YAML: {what}", place) from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        what = str(error).splitlines()[0]
        raise UsageError(f"not valid YAML: {what}", Location(path=path)) from None


def _check_depth(text: str, path: str, loader: Any) -> None:
    """Refuse deep nesting: the composer recurses in C, and would overrun the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                place = _location(path, event.start_mark)
                raise UsageError(f"is nested more than {MAX_DEPTH} levels deep", place)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _location(path: str, mark: Any) -> Location:
    return Location(path=path, line=mark.line + 1, column=mark.column + 1)


class _Builder:
    """Turns composed YAML nodes into ours, once for each place they stand."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.nodes = 0
        self.open: set[int] = set()
        self.scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node) -> Node:
        """Build ``node`` and all below it."""
        place = _location(self.path, node.start_mark)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UsageError(f"grows to more than {MAX_NODES:,} values", place)
        if len(self.open) > MAX_DEPTH:
            raise UsageError(f"is nested more than {MAX_DEPTH} levels deep", place)
        if id(node) in self.open:
            raise UsageError("an alias that contains itself", place)
        self.open.add(id(node))
        try:
            return self._built(node, place)
        finally:
            self.open.discard(id(node))

    def _built(self, node: yaml.Node, place: Location) -> Node:
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.MappingNode):
            self._check_tag(node, place, (f"{_STANDARD}map",))
            values, keys = self._mapping(node)
            return Node(values, place, keys, start, end)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, place, (f"{_STANDARD}seq",))
            return Node([self.build(item) for item in node.value], place, {}, start, end)
        return Node(self._scalar(node, place), place, {}, start, end)

    def _check_tag(self, node: yaml.Node, place: Location, allowed: Collection[str]) -> None:
        if node.tag not in allowed:
            tag = node.tag.replace(_STANDARD, "!!", 1)
            raise UsageError(f"the tag {_quoted(tag)} is not allowed", place)

    def _scalar(self, node: yaml.Node, place: Location) -> Any:
        if node.tag == _STR or node.tag in _TEXT_TAGS:
            return node.value
        self._check_tag(node, place, _PLAIN_TAGS)
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, OverflowError):
            # PyYAML's constructors trust that a value looks as its tag says.
            return self._no_such_scalar(node, place)

    def _no_such_scalar(self, node: yaml.Node, place: Location) -> Any:
        raise UsageError(f"{_quoted(node.value)} is no valid value", place) from None

    def _mapping(self, node: yaml.MappingNode) -> tuple[dict[str, Node], dict[str, Location]]:
        values: dict[str, Node] = {}
        keys: dict[str, Location] = {}
        merged: list[Node] = []
        for key_node, value_node in node.value:
            place = _location(self.path, key_node.start_mark)
            if key_node.tag == _MERGE:
                merged.extend(self._merge_sources(value_node, place))
                continue
            key = self._key(key_node, place, keys)
            if key is not None:
                values[key], keys[key] = self.build(value_node), place
        for source in merged:
            for key, value in source.value.items():
                if key not in values:
                    values[key], keys[key] = value, source.keys[key]
        return values, keys

    def _key(self, node: yaml.Node, place: Location, earlier: dict[str, Location]) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            raise UsageError("a key must be a plain word", place)
        self._check_tag(node, place, _PLAIN_TAGS | _TEXT_TAGS)
        key = str(node.value)
        if key in earlier:
            first = earlier[key]
            raise UsageError(f"duplicate key `{key}`, first in line {first.line}", place)
        return key

    def _merge_sources(self, node: yaml.Node, place: Location) -> list[Node]:
        built = self.build(node)
        sources = built.value if isinstance(built.value, list) else [built]
        if not all(isinstance(source.value, dict) for source in sources):
            raise UsageError("`<<` merges a mapping or a list of mappings", place)
        return list(sources)


class _ForgivingBuilder(_Builder):
    """For files of other programs: see :func:`parse_all`."""

    def _check_tag(self, node: yaml.Node, place: Location, allowed: Collection[str]) -> None:
        """Let every tag be: what is below it counts."""

    def _scalar(self, node: yaml.Node, place: Location) -> Any:
        if node.tag not in _PLAIN_TAGS:
            return node.value
        return super()._scalar(node, place)

    def _no_such_scalar(self, node: yaml.Node, place: Location) -> Any:  # noqa: ARG002
        return node.value

    def _key(self, node: yaml.Node, place: Location, earlier: dict[str, Location]) -> str | None:  # noqa: ARG002
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    def _merge_sources(self, node: yaml.Node, place: Location) -> list[Node]:  # noqa: ARG002
        built = self.build(node)
        sources = built.value if isinstance(built.value, list) else [built]
        return [source for source in sources if isinstance(source.value, dict)]
