"""From an artifact's URI to a path below the source root, whatever form scanners give it.

SARIF wants URI references (RFC 3986) relative to a base that the run names. Seen are encoded paths,
plain ones with spaces, ``file:`` URIs, plain absolute paths, backslashes, and bases that nobody
names or that lie on another machine.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.steps.scan.sarif.log import Artifact, ArtifactLocation
from buildsteps.steps.scan.sarif.tree import Tree

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://|(?:file|pkg|urn|data):", re.IGNORECASE)
_DRIVE = re.compile(r"/?[A-Za-z]:[/\\]")


class Found(Struct, frozen=True, gc=False):
    """What became of a URI: a path below the root, or the reason why it is none.

    ``shown`` is the path as we show it, ``there`` tells whether this machine has the file; ``base``
    is the base that had to be taken for the root. Where ``path`` is empty, ``uri`` is what was
    written, and no place of ours.
    """

    path: str = ""
    shown: str = ""
    there: bool = False
    uri: str = ""
    base: str = ""


class Uris(Struct, frozen=True, dict=True):
    """The URIs of one run."""

    tree: Tree
    bases: Mapping[str, ArtifactLocation]
    artifacts: Sequence[Artifact] = ()
    working_folders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.__dict__["known"] = {}

    def find(self, location: ArtifactLocation | None) -> Found | None:
        """Find the file of a location; None where it names none."""
        if location is None:
            return None
        if not location.uri:
            location = self._by_number(location.index)
            if location is None:
                return None
        known: dict[tuple[str | None, str | None], Found] = self.__dict__["known"]
        key = (location.uri, location.uri_base_id)
        found = known.get(key)
        if found is None:
            found = known[key] = self._resolved(location.uri or "", location.uri_base_id or "")
        return found

    def _by_number(self, index: int | None) -> ArtifactLocation | None:
        if index is None or not 0 <= index < len(self.artifacts):
            return None
        location = self.artifacts[index].location
        return location if location is not None and location.uri else None

    def _resolved(self, uri: str, base: str) -> Found:
        absolute = _absolute(uri)
        if absolute is not None:
            return self._of_absolute(absolute, uri)
        if _SCHEME.match(uri):
            return Found(uri=uri)
        start = self._base(base)
        if start.startswith("/"):
            below = self.tree.below(posixpath.normpath(start) + "/")
            inside = self._relative(posixpath.join(below or "", uri), uri)
            if below is not None and (inside.there or not self._relative(uri, uri).there):
                return inside
            found = self._relative(uri, uri)
            return _with_base(found, base)
        found = self._relative(posixpath.join(start, uri), uri)
        return found if not base or start else _with_base(found, base)

    def _of_absolute(self, path: str, uri: str) -> Found:
        """One below the root, or below what the run says its own root was on another machine."""
        for form in dict.fromkeys((path, unquote(path))):
            below = self.tree.below(posixpath.normpath(form))
            if below is not None:
                return self._checked(below, uri)
        for folder in (*map(self._base, self.bases), *self.working_folders):
            start = posixpath.normpath(folder) + "/" if folder.startswith("/") else ""
            if len(start) > 1 and path.startswith(start):
                return _with_base(self._relative(path[len(start) :], uri), folder)
        return Found(uri=uri)

    def _base(self, name: str) -> str:
        """The folder of a base: absolute, relative to the root, or nothing; chains are followed."""
        parts: list[str] = []
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            location = self.bases.get(name)
            if location is None:
                break
            uri = location.uri or ""
            absolute = _absolute(uri)
            if absolute is not None:
                parts.append(absolute)
                break
            parts.append("" if _SCHEME.match(uri) else unquote(uri))
            name = location.uri_base_id or ""
        return posixpath.join(*reversed(parts)) if parts else ""

    def _relative(self, path: str, uri: str) -> Found:
        """A relative path as written where it is there, else decoded as a URI should be."""
        forms = dict.fromkeys((path, unquote(path), path.replace("\\", "/")))
        there = next((form for form in forms if self.tree.exists(form)), None)
        return self._checked(unquote(path) if there is None else there, uri)

    def _checked(self, path: str, uri: str) -> Found:
        """Refuse what leaves the root, by ``..`` or by a symbolic link."""
        normal = posixpath.normpath(path)
        leaves = normal == ".." or normal.startswith(("../", "/")) or "\0" in normal
        if leaves or normal == ".":
            return Found(uri=uri)
        there = self.tree.exists(normal)
        if there and self.tree.leads_out(normal):
            return Found(uri=uri)
        return Found(path=normal, shown=self.tree.shown(normal), there=there)


def _with_base(found: Found, base: str) -> Found:
    return replace(found, base=base)


def _absolute(uri: str) -> str | None:
    """The absolute path of a ``file:`` URI or of a plain path, else None."""
    if uri[:5].lower() == "file:":
        try:
            parts = urlsplit(uri)
        except ValueError:
            return "/"
        host = parts.netloc if parts.netloc not in ("", "localhost") else ""
        path = unquote(uri[5:].removeprefix("//").removeprefix(parts.netloc)).replace("\\", "/")
        return f"//{host}{path}" if host else _with_slash(path)
    if uri.startswith("/"):
        return uri
    if _DRIVE.match(uri):
        return _with_slash(uri.replace("\\", "/"))
    return None


def _with_slash(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"
