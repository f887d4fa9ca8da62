"""Rewriting a file that a user gave: whole or not at all, its permissions kept."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from buildsteps.errors import WorldError
from buildsteps.results import Location
from buildsteps.world.files import shown_path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def rewrite(path: Path, content: bytes, cwd: Path) -> None:
    """Replace what a file holds: a temporary file beside it, then a rename.

    A symbolic link stays one: the file that it leads to is rewritten. Permissions stay, and the
    owner where we may set it; another hard link keeps the old content. ``cwd`` only shapes the
    path in messages.

    Raises:
        WorldError: the file or its folder may not be written, or the disk is full.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        status = target.stat()
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        temporary.unlink(missing_ok=True)
        try:  # before it is there, so that an interrupt cannot come in between
            descriptor = os.open(temporary, _NEW, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            _take_after(temporary, status)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        place = Location(path=shown_path(path, cwd))
        reason = (error.strerror or str(error)).lower()
        raise WorldError(f"cannot be written: {reason}", place) from None


def _take_after(path: Path, status: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root may give a file away
            os.chown(path, status.st_uid, status.st_gid)
    path.chmod(stat.S_IMODE(status.st_mode))
