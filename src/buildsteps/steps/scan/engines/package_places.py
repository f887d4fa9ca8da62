"""Where a project names a package: the line of its lock file, requirements or manifest."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.results import Location
from buildsteps.steps.scan.engines.purl import Purl
from buildsteps.world import World


class _Kind(Struct, frozen=True):
    """Files of one kind: how they are called, and how a line of theirs names a package."""

    type: str
    file: re.Pattern[str]
    line: re.Pattern[str]

    def holds(self, path: str) -> bool:
        """Whether a file is of this kind, by its name, or with the folder that it is in."""
        parts = PurePosixPath(path).parts
        return any(self.file.fullmatch("/".join(parts[-number:])) for number in (1, 2))


def _kind(type_: str, file: str, line: str) -> _Kind:
    return _Kind(type_, re.compile(file), re.compile(line))


_NPM = r"((?:@[^/\"'@]+/)?[^/\"'@\s]+)"
_KINDS = (
    _kind("pypi", r".*requirements.*\.(txt|in)", r"([A-Za-z0-9][\w.-]*)\s*(?:\[|[=<>!~;@#]|\s|$)"),
    _kind("pypi", r"(poetry|uv|pdm)\.lock|pylock.*\.toml", r'name = "([^"]+)"'),
    _kind("pypi", r"Pipfile\.lock", r'\s*"([^"]+)": \{'),
    _kind("pypi", r"constraints.*\.txt", r"([A-Za-z0-9][\w.-]*)\s*(?:[=<>!~;@#]|\s|$)"),
    _kind("pypi", r"pyproject\.toml|Pipfile", r"""\s*["']?([A-Za-z0-9][\w.-]*)\s*[]["'=<>!~;]"""),
    _kind("npm", r"(package-lock|npm-shrinkwrap)\.json", rf'\s*"(?:.*node_modules/)?{_NPM}": \{{'),
    _kind("npm", r"yarn\.lock", rf'"?{_NPM}@'),
    _kind("npm", r"pnpm-lock\.yaml", rf"\s+'?/?{_NPM}[@/]\d"),
    _kind("npm", r"package\.json", rf'\s*"{_NPM}":\s*"'),
    _kind("maven", r"pom\.xml", r"\s*<artifactId>([^<]+)</artifactId>"),
    _kind("golang", r"go\.mod", r"\s*(?:require\s+)?(\S+\.\S+)\s+v"),
    _kind("cargo", r"Cargo\.lock", r'name = "([^"]+)"'),
    _kind("gem", r"Gemfile\.lock", r" {4}(\S+) \("),
    _kind("composer", r"composer\.lock", r'\s*"name": "([^"]+)"'),
)
"""In the order in which they count: what pins a version before what only asks for one."""

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is looked through; a larger one is passed over."""


class Places:
    """The places of packages in the project's files, read when the first one is asked for."""

    def __init__(self, files: Sequence[str], world: World) -> None:
        self._files = files
        self._world = world
        self._known: dict[tuple[str, str], Location] | None = None

    def of(self, purl: Purl | None) -> Location | None:
        """The first place that names the package; None where no file does."""
        if purl is None:
            return None
        if self._known is None:
            self._known = self._read()
        return self._known.get((purl.type, _key(purl.type, purl.name)))

    def _read(self) -> dict[tuple[str, str], Location]:
        known: dict[tuple[str, str], Location] = {}
        for kind in _KINDS:
            named = [path for path in self._files if kind.holds(path)]
            for path in sorted(named, key=lambda one: (one.count("/"), one)):
                for number, line in enumerate(self._lines(path), 1):
                    found = kind.line.match(line)
                    if found:
                        place = Location(path, number)
                        known.setdefault((kind.type, _key(kind.type, found[1])), place)
        return known

    def _lines(self, path: str) -> list[str]:
        try:
            return self._world.files.read_text(self._world.path(path), LARGEST).splitlines()
        except BuildstepsError:
            return []  # no place is told then; what is wrong with the file is not asked here


def _key(type_: str, name: str) -> str:
    """As the registry compares names (PEP 503 for PyPI); of Maven's the artifact alone."""
    if type_ == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.rpartition(":")[2] if type_ == "maven" else name
