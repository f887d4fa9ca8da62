"""One program that writes SARIF, from its start to what it wrote."""

from pathlib import Path

from buildsteps.errors import UnreadableError, WorldError
from buildsteps.steps.scan.sarif.reading import MAX_BYTES
from buildsteps.steps.scan.settings import Scanner
from buildsteps.world import World
from buildsteps.world.process import Completed

_START = 64 * 1024
"""Bytes of a file at the place of an output that tell whether a scanner wrote it."""

MAX_TAIL_LINES = 20
MAX_TAIL = 4000
"""How much of what a scanner said on standard error is shown where it failed."""


def run(
    name: str, scanner: Scanner, timeout: float, folder: Path, world: World
) -> tuple[Completed, bytes]:
    """Run a scanner, and give what it wrote; a result of an earlier run is removed before.

    Raises:
        WorldError: it cannot be run, took too long, or left nothing to read.
    """
    output = world.path(scanner.output) if scanner.output else None
    if output is not None:
        _make_room(output, name, world)
    done = world.processes.run(scanner.run, cwd=folder, timeout=timeout)
    if done.status not in scanner.success:
        raise WorldError(f"{name} failed: {_ended(done.status, scanner)}", detail=tail(done))
    data = done.stdout if output is None else _written(output, name, done, world)
    if not data.strip():
        where = "standard output" if output is None else world.shown(output)
        raise WorldError(f"{name} wrote nothing to {where}", detail=tail(done))
    return done, data


def _make_room(output: Path, name: str, world: World) -> None:
    """Let nothing of an earlier run stand where a scanner is to write, and let its folder be."""
    shown = world.shown(output)
    if output.is_dir():
        raise WorldError(f"{name} is to write {shown}, which is a folder")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorldError(f"{name} cannot write {shown}: {reason}") from None
    if output.is_file() and not _may_be_report(_start_of(output, world)):
        raise WorldError(
            f"{name} is to write {shown}, which is there and no SARIF, so it is left alone:"
            " give another `output`, or remove it"
        )
    world.files.remove_stale(output)


def _start_of(output: Path, world: World) -> bytes:
    try:
        return world.files.read_start(output, _START)
    except UnreadableError as error:
        raise WorldError(str(error)) from None


def _may_be_report(start: bytes) -> bool:
    """Whether a file begins as a scanner's does, be it UTF-16 or cut off: else it is not ours."""
    text = start.replace(b"\0", b"").lower()
    return not text.strip() or b"sarif" in text or b'"runs"' in text


def _written(output: Path, name: str, done: Completed, world: World) -> bytes:
    shown = world.shown(output)
    if not output.is_file():
        raise WorldError(
            f"{name} did not write {shown} (exit status {done.status})", detail=tail(done)
        )
    try:
        return world.files.read_bytes(output, MAX_BYTES)
    except UnreadableError as error:
        raise WorldError(f"{name} wrote {shown}, which {error.message}") from None


def _ended(status: int, scanner: Scanner) -> str:
    if status < 0:
        return f"signal {-status} ended it"
    expected = " or ".join(map(str, scanner.success))
    return f"exit status {status}, where {expected or 'none'} is a success"


def tail(done: Completed) -> str:
    """The end of what it said on standard error: there stands what went wrong."""
    text = done.stderr[-MAX_TAIL:].decode("utf-8", "replace").strip()
    return "\n".join(text.splitlines()[-MAX_TAIL_LINES:])
