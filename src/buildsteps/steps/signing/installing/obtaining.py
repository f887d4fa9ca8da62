"""Getting the file to install: from an address, a mirror, or this machine; its digest checked."""

import hashlib
import re
import shutil
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.world.download import checked_address, download, shown_address
from buildsteps.world.files import shown_path

MAX_DOWNLOAD_BYTES = 128 * 1024 * 1024

_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class Origin(Struct, frozen=True):
    """Where a file comes from: an address, or else a path of this machine."""

    address: str = ""
    path: Path | None = None

    def __str__(self) -> str:
        return shown_address(self.address) if self.address else str(self.path)


class DigestError(Exception):
    """The file is not the one that was meant."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"its SHA-256 is {found}, not {expected}")


def origin_of(text: str, cwd: Path, file: str) -> Origin:
    """Read what a user wrote: an address or a path. A folder of either is one that holds ``file``.

    Raises:
        UsageError: the address may not be fetched from, or there is no such file.
    """
    if "://" in text:
        return Origin(checked_address(f"{text}{file}" if text.endswith("/") else text))
    path = cwd / text
    if path.is_dir():
        path /= file
    if not path.is_file():
        raise UsageError(f"there is no file `{shown_path(path, cwd)}`")
    return Origin(path=path)


def checked_digest(text: str, option: str) -> str:
    """Read a SHA-256 as a user writes it.

    Raises:
        UsageError: it is none.
    """
    digest = text.strip().removeprefix("sha256:")
    if not _SHA256.fullmatch(digest):
        raise UsageError(f"{option} must be 64 hexadecimal digits")
    return digest.lower()


def obtain(origin: Origin, into: Path, expected: str) -> None:
    """Bring the file to ``into``, which only we may write, and check it there.

    Raises:
        DigestError: it is another one; ``into`` is then gone.
        WorldError: it cannot be fetched or read.
    """
    if origin.address:
        download(origin.address, into, limit=MAX_DOWNLOAD_BYTES)
    elif origin.path is not None:
        try:
            if origin.path.stat().st_size > MAX_DOWNLOAD_BYTES:
                raise WorldError(f"{origin.path} is larger than {MAX_DOWNLOAD_BYTES:,} bytes")
            shutil.copyfile(origin.path, into)
        except OSError as error:
            raise WorldError(f"{origin.path} cannot be read: {reason(error)}") from None
    check_digest(into, expected)


def check_digest(path: Path, expected: str) -> None:
    """Compare the file's SHA-256 with the one that it must have.

    Raises:
        DigestError: it is another one.
    """
    found = digest_of(path)
    if found != expected:
        raise DigestError(found, expected)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        WorldError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WorldError(f"{path} cannot be read: {reason(error)}") from None


def reason(error: OSError) -> str:
    """The system's word for it, in lower case."""
    return (error.strerror or str(error)).lower()
