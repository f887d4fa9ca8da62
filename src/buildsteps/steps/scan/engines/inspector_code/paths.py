"""Paths of a repository as Inspector names them, and as we show them."""

from pathlib import PurePosixPath

from buildsteps.reporting.text import printable
from buildsteps.results import Location
from buildsteps.steps.scan.engines.package_places import Places
from buildsteps.steps.scan.engines.purl import Purl
from buildsteps.world import World, git


class Placing:
    """Gives places in the repository around the working folder; None for paths out of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._root = git.repository_root(world.cwd) or world.cwd
        self._named: dict[str, Places] = {}

    def lines(self, path: str, first: int, last: int) -> Location | None:
        """The place of these lines, which count from 1; others are left out."""
        shown = self._shown(path)
        if shown is None:
            return None
        line = first if first > 0 else None
        end = last if line and last >= line else None
        return Location(path=printable(shown), line=line, end_line=end)

    def package(self, path: str, purl: Purl | None) -> Location | None:
        """The place in a manifest that names the package, or the manifest."""
        shown = self._shown(path)
        if shown is None:
            return None
        if shown not in self._named:
            self._named[shown] = Places((shown,), self._world)
        return self._named[shown].of(purl) or Location(path=printable(shown))

    def _shown(self, path: str) -> str | None:
        clean = relative(path)
        return None if clean is None else self._world.shown(self._root / clean)


def relative(path: str) -> str | None:
    """The path below the repository's root; None where it leads out of it, or is none."""
    parts = [part for part in PurePosixPath(path.replace("\\", "/")).parts if part.strip("/")]
    if not parts or ".." in parts or "\0" in path:
        return None
    return "/".join(parts)
