"""Putting a program in its place: whole or not at all, private, one installation at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.notation.places import Installed
from buildsteps.steps.signing.installing.obtaining import digest_of, reason

PRIVATE = 0o700
EXECUTABLE = 0o755
_MAX_RECEIPT_BYTES = 64 * 1024


class Receipt(Struct, frozen=True):
    """What was installed: the digest of what it came in, and that of the program itself."""

    version: str
    archive_sha256: str
    sha256: str
    origin: str


def receipt_path(program: Path) -> Path:
    """Where the receipt of a program lies: beside it."""
    return program.with_name("receipt.json")


def read_receipt(program: Path) -> Receipt | None:
    """The receipt of a program; None where there is none that can be read."""
    try:
        with receipt_path(program).open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_RECEIPT_BYTES), type=Receipt)
    except (OSError, msgspec.DecodeError):
        return None


def is_there(program: Path, archive_sha256: str) -> bool:
    """Whether the program lies there as it came out of the archive with this digest."""
    receipt = read_receipt(program)
    return (
        receipt is not None
        and receipt.archive_sha256 == archive_sha256
        and program.is_file()
        and digest_of(program) == receipt.sha256
    )


@contextmanager
def workshop(place: Installed) -> Iterator[Path]:
    """A folder beside the place, which only we may enter and which is gone afterwards.

    Raises:
        WorldError: it cannot be made.
    """
    try:
        make_private(place.folder)
        made = TemporaryDirectory(prefix=".install-", dir=place.folder, ignore_cleanup_errors=True)
    except OSError as error:
        raise WorldError(f"{place.folder} cannot be written: {reason(error)}") from None
    with made as name:
        yield Path(name)


def put(made: Path, program: Path, receipt: Receipt, place: Installed) -> None:
    """Move a program to its place, and write its receipt.

    Both are renamed from beside, so whoever starts the program meanwhile gets the old one or the
    new one. Two installations at once wait for each other here.

    Raises:
        WorldError: it cannot be written.
    """
    try:
        with _alone(place):
            for folder in reversed(program.relative_to(place.folder).parents):
                make_private(place.folder / folder)
            made.chmod(EXECUTABLE)
            paper = made.with_name("receipt.json")
            paper.write_bytes(msgspec.json.encode(receipt))
            made.replace(program)
            paper.replace(receipt_path(program))
    except OSError as error:
        raise WorldError(f"{program} cannot be written: {reason(error)}") from None


def choose(version: str, place: Installed, shop: Path) -> None:
    """Make ``version`` the one to use.

    Raises:
        WorldError: it cannot be written.
    """
    try:
        note = shop / "current"
        note.write_text(f"{version}\n", "ascii")
        note.replace(place.current)
    except OSError as error:
        raise WorldError(f"{place.current} cannot be written: {reason(error)}") from None


def make_private(folder: Path) -> None:
    """Make the folder, and those above that are missing, for us alone; one that is ours is closed.

    Raises:
        OSError: it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(PRIVATE, exist_ok=True)
    if os.name == "posix" and folder.stat().st_uid == os.geteuid():
        folder.chmod(PRIVATE)


@contextmanager
def _alone(place: Installed) -> Iterator[None]:
    """Wait until nobody else installs; where the system has no such locks, renames must do."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (place.folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
