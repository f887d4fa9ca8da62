"""Where notation and its plugins lie: those installed for us, and the user's own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from buildsteps.home import buildsteps_home

PROGRAM = "notation.exe" if sys.platform == "win32" else "notation"


class Installed(Struct, frozen=True):
    """The folder of what ``buildsteps notation install`` installs: ``<home>/notation``."""

    folder: Path

    @property
    def versions(self) -> Path:
        """A folder for each version of notation."""
        return self.folder / "versions"

    @property
    def current(self) -> Path:
        """A file that holds the version installed last, which is the one to use."""
        return self.folder / "current"

    @property
    def libexec(self) -> Path:
        """``NOTATION_LIBEXEC``: plugins lie in its folder ``plugins``."""
        return self.folder / "libexec"

    @property
    def plugins(self) -> Path:
        """A folder for each plugin, called like it."""
        return self.libexec / "plugins"

    def program(self, version: str) -> Path:
        """The executable of a version."""
        return self.versions / version / PROGRAM

    def plugin(self, name: str) -> Path:
        """The executable of a plugin (notation-go, ``plugin/manager.go``)."""
        suffix = ".exe" if sys.platform == "win32" else ""
        return self.plugins / name / f"notation-{name}{suffix}"


def installed(environ: Mapping[str, str]) -> Installed:
    """What is, or would be, installed for us."""
    return Installed(buildsteps_home(environ) / "notation")


def users_libexec(environ: Mapping[str, str]) -> Path:
    """Where notation itself would look for plugins (notation-go 1.3.2, ``dir/path.go``).

    That has to be named once ``NOTATION_CONFIG`` is set to a folder of a run.
    """
    if environ.get("NOTATION_LIBEXEC"):
        return _absolute(environ["NOTATION_LIBEXEC"])
    return users_configuration(environ)


def users_configuration(environ: Mapping[str, str]) -> Path:
    """The user's own notation configuration (the same source; Go's ``os.UserConfigDir``)."""
    if environ.get("NOTATION_CONFIG"):
        return _absolute(environ["NOTATION_CONFIG"])
    home = Path(environ.get("HOME") or "~").expanduser()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "notation"
    if sys.platform == "win32":
        roaming = environ.get("APPDATA")
        return (Path(roaming) if roaming else home / "AppData" / "Roaming") / "notation"
    config = environ.get("XDG_CONFIG_HOME")
    return (_absolute(config) if config else home / ".config") / "notation"


def _absolute(text: str) -> Path:
    return Path(os.path.abspath(text))  # noqa: PTH100 - links stay as they are
