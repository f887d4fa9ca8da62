"""Which notation is used: the one installed for us, else the one on PATH; looked up once."""

import os
import re
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.notation.client import Notation
from buildsteps.notation.configuration import Configuration
from buildsteps.notation.errors import NotationError, NotationMissingError
from buildsteps.notation.places import Installed, installed, users_libexec
from buildsteps.notation.version import Version, check_version
from buildsteps.world.process import Processes, SystemProcesses

_VERSION = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}", re.ASCII)


class FoundNotation(Struct, frozen=True, kw_only=True):
    """A notation that can be used.

    ``origin`` says to people where it comes from; ``libexec`` is where its plugins are looked for,
    to be named in the :class:`~buildsteps.notation.Configuration` of a run.
    """

    path: Path
    origin: str
    version: Version
    libexec: Path

    def __str__(self) -> str:
        return f"notation {self.version} ({self.path}, {self.origin})"

    @property
    def facts(self) -> dict[str, str]:
        """For a report: what was used."""
        return {
            "notation": str(self.version),
            "notation_path": str(self.path),
            "notation_origin": self.origin,
        }


def find_notation(
    environ: Mapping[str, str], processes: Processes | None = None, program: str = ""
) -> FoundNotation:
    """Find notation, and ask it for its version. ``program`` names one to use instead.

    Raises:
        UsageError: the one that is named is not there.
        NotationMissingError: there is none, it is too old, or others may write to it.
    """
    path, origin = _path(environ, program)
    notation = Notation(path, environ=environ, processes=processes or SystemProcesses(), timeout=30)
    try:
        version = notation.version()
    except NotationError as error:
        raise NotationMissingError(f"{path} cannot be used: {error.message}") from None
    check_version(version, path)
    return FoundNotation(path=path, origin=origin, version=version, libexec=plugins_folder(environ))


def plugins_folder(environ: Mapping[str, str]) -> Path:
    """The ``NOTATION_LIBEXEC`` to use: ours where a plugin was installed there, else the user's."""
    ours = installed(environ)
    return ours.libexec if ours.plugins.is_dir() else users_libexec(environ)


def installed_version(place: Installed) -> str:
    """The version that was installed for us last, if it is still there, else nothing."""
    try:
        version = place.current.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    there = is_version(version) and place.program(version).is_file()
    return version if there else ""


def is_version(text: str) -> bool:
    """Whether it is a released version, such as ``1.3.2``; also safe as the name of a folder."""
    return _VERSION.fullmatch(text) is not None


def for_run(found: FoundNotation, configuration: Configuration) -> Configuration:
    """The configuration of a run, with the folder of plugins where it names none."""
    if configuration.libexec is not None:
        return configuration
    return Configuration(configuration.folder, found.libexec, configuration.cache)


def _path(environ: Mapping[str, str], program: str) -> tuple[Path, str]:
    if program:
        path = Path(os.path.abspath(program))  # noqa: PTH100 - links stay as they are
        if not path.is_file():
            raise UsageError(f"there is no file `{program}`")
        return path, "named"
    place = installed(environ)
    if version := installed_version(place):
        path = place.program(version)
        _refuse_foreign(path)
        return path, "installed by buildsteps"
    for folder in environ.get("PATH", "").split(os.pathsep):
        # A relative entry means another program in each folder.
        if Path(folder).is_absolute() and (there := shutil.which("notation", path=folder)):
            return Path(there), "PATH"
    raise NotationMissingError(
        "notation is neither installed for buildsteps nor on PATH:"
        " `buildsteps notation install` installs it"
    )


def _refuse_foreign(path: Path) -> None:
    """What anybody else may write, anybody else may replace."""
    if os.name != "posix":
        return
    for place in (path, path.parent, path.parent.parent, path.parent.parent.parent):
        status = place.stat()
        others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if others or status.st_uid not in (0, os.geteuid()):
            raise NotationMissingError(
                f"{place} belongs to or may be written by somebody else, so the notation in it is"
                " not used: remove it, and install notation again"
            )
