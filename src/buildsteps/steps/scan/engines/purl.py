"""Package URLs, as far as a package's name goes (github.com/package-url/purl-spec)."""

from urllib.parse import unquote

from msgspec import Struct

_DISTRIBUTIONS = frozenset({"deb", "rpm", "apk", "alpm"})
"""Types whose namespace is the distribution, no part of the package's name."""


class Purl(Struct, frozen=True):
    """What a package URL names: ``pkg:TYPE/NAME@VERSION``.

    ``name`` is written as the package manager does: ``@scope/name``, ``group:artifact``.
    """

    type: str
    name: str
    version: str = ""


def parse_purl(text: str) -> Purl | None:
    """Read a package URL; None where it is none."""
    scheme, _, rest = text.partition(":")
    rest = rest.partition("#")[0].partition("?")[0].strip("/")
    kind, _, path = rest.partition("/")
    name, _, version = path.rpartition("@") if "@" in path.rpartition("/")[2] else (path, "", "")
    parts = [unquote(part) for part in name.split("/") if part]
    if scheme != "pkg" or not kind or not parts:
        return None
    kind = kind.lower()
    if kind in _DISTRIBUTIONS:
        parts = parts[-1:]
    joint = ":" if kind == "maven" else "/"
    return Purl(kind, joint.join(parts), unquote(version))
