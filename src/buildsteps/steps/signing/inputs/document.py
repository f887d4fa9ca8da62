"""A file as text and as data, and where its values are in its bytes."""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from buildsteps import json_document, yaml_document
from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.yaml_document import Node

_CHUNK = 4096
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)*")
"""What may stand before a YAML scalar on its line: an anchor and a tag."""

_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


class Document(Struct, frozen=True, dict=True):
    """A file that was parsed.

    ``file`` is the path as the user gave it; ``roots`` are its documents, those that hold nothing
    left out; ``bom`` is the number of bytes before the text.
    """

    file: str
    source: SourceText
    roots: tuple[Node, ...]
    bom: int = 0
    environ: Mapping[str, str] = {}

    @property
    def root(self) -> Node | None:
        """The only document, if there is only one."""
        return self.roots[0] if len(self.roots) == 1 else None

    def span(self, node: Node, value: str | None = None) -> tuple[int, int] | None:
        """The offsets in the text of a scalar without its quotes, anchor and tag.

        None where the text is not the value letter by letter: escapes, block scalars, folds.
        """
        raw = self.source.text[node.start : node.end] if node.start >= 0 else ""
        before = _PROPERTIES.match(raw)
        start = before.end() if before and not raw.startswith(('"', "'")) else 0
        if raw[start : start + 1] in ('"', "'"):
            inner = raw[start + 1 : -1]
            start += 1
        else:
            inner = raw[start:]
        if not inner or inner != (node.value if value is None else value):
            return None
        return node.start + start, node.start + start + len(inner)

    def place(self, node: Node) -> Location:
        """The place of a value, to its end if it is a scalar that stands there as it is."""
        span = self.span(node) if isinstance(node.value, str) else None
        return self.source.location(*span) if span else node.location

    def bytes_at(self, span: tuple[int, int]) -> tuple[int, int]:
        """Turn offsets in the text into offsets in the bytes of the file."""
        return self._byte(span[0]), self._byte(span[1])

    def _byte(self, offset: int) -> int:
        if self.source.text.isascii():
            return self.bom + offset
        chunk = offset // _CHUNK
        rest = self.source.text[chunk * _CHUNK : offset]
        return self.bom + self._chunks[chunk] + len(rest.encode())

    @cached_property
    def _chunks(self) -> list[int]:
        """The bytes before each piece of the text, so that no place is counted from the start."""
        starts, text = [0], self.source.text
        for at in range(0, len(text), _CHUNK):
            starts.append(starts[-1] + len(text[at : at + _CHUNK].encode()))
        return starts


def decode(data: bytes, shown: str) -> str:
    """Give the text of a file, without its byte order mark.

    Raises:
        UsageError: it is not UTF-8, or binary.
    """
    for mark, encoding in _OTHER_ENCODINGS.items():
        if data.startswith(mark):
            raise UsageError(f"is {encoding}, not UTF-8; save it as UTF-8", Location(shown))
    if b"\0" in data:
        raise UsageError("is binary, not text", Location(shown))
    try:
        return data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data.removeprefix(BOM_UTF8)[error.start]
        what = f"is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8"
        raise UsageError(what, Location(shown, line)) from None


def parse_document(
    path: str, data: bytes, shown: str = "", environ: Mapping[str, str] | None = None
) -> Document:
    """Read bytes as JSON or YAML, whichever they are.

    Raises:
        UsageError: they are neither, or nested too deeply, or too large; with the place.
    """
    shown = shown or ("stdin" if path == "-" else path)
    text = decode(data, shown)
    bom = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    return Document(path, SourceText(shown, text), tuple(_roots(text, shown)), bom, environ or {})


def _roots(text: str, shown: str) -> list[Node]:
    """JSON by its own reader; what only begins like it may be YAML in flow style."""
    if not text.lstrip().startswith(("{", "[")):
        return yaml_document.parse_all(text, shown)
    try:
        return json_document.parse_all(text, shown)
    except UsageError as json_error:
        try:
            return yaml_document.parse_all(text, shown)
        except UsageError:
            raise json_error from None
