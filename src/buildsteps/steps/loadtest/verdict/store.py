"""Where results of earlier runs are kept: a file with a line a run, or a prefix in S3."""

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from buildsteps.errors import UnreadableError, UsageError, WorldError
from buildsteps.results import Location
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.world import World

MOST_READ = 200
"""Objects of an S3 prefix that are read, the newest first, until enough good runs are found."""

_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_NO_KEY = re.compile(r"[^A-Za-z0-9._-]")


class ResultStore(Protocol):
    """Runs of all configurations; those of one are told by their fingerprint."""

    def check(self) -> None:
        """Look whether a run could be kept, as far as that can be known without keeping one.

        Raises:
            WorldError: it could not.
        """
        ...

    def runs(self, fingerprint: str, last: int) -> Sequence[StoredRun]:
        """The last good runs of a configuration, the oldest first.

        Raises:
            UnreadableError: what is stored is not ours, or broken; with its place.
            WorldError: the store cannot be reached.
        """
        ...

    def append(self, run: StoredRun) -> None:
        """Keep a run, whole or not at all.

        Raises:
            WorldError: it cannot be written.
        """
        ...


def open_store(text: str, world: World) -> ResultStore:
    """The store at a path or at ``s3://bucket/prefix``.

    Raises:
        UsageError: it is no address of S3.
    """
    if not text.startswith("s3:"):
        return FileStore(world.path(text), world)
    match = _S3.fullmatch(text)
    if match is None:
        raise UsageError(f"a result store in S3 is written s3://bucket/prefix, not {text!r}")
    prefix = (match["prefix"] or "").strip("/")
    return S3Store(match["bucket"], f"{prefix}/" if prefix else "", world)


class FileStore(Struct, frozen=True):
    """JSON lines; a line is added in one piece, so that builds may share the file."""

    path: Path
    world: World

    def check(self) -> None:
        """See :meth:`ResultStore.check`; makes the folder, and no file."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not os.access(self.path if self.path.exists() else self.path.parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise self._unwritable(error) from None

    def runs(self, fingerprint: str, last: int) -> Sequence[StoredRun]:
        """See :meth:`ResultStore.runs`; a file that is not there yet holds no run."""
        if not self.path.exists():
            return ()
        lines = self.world.files.read_text(self.path).split("\n")
        found = []
        for number, line in enumerate(lines, start=1):
            if line.strip():
                place = Location(self.world.shown(self.path), number)
                found.append(_decoded(line.encode(), place))
        return _last_good(found, fingerprint, last)

    def append(self, run: StoredRun) -> None:
        """See :meth:`ResultStore.append`; begins a new line where the last one was cut off."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            cut = self._ends_within_a_line()
        except OSError as error:
            raise self._unwritable(error) from None
        line = msgspec.json.encode(run).decode() + "\n"
        self.world.files.append(self.path, "\n" + line if cut else line)

    def _unwritable(self, error: OSError) -> WorldError:
        reason = (error.strerror or str(error)).lower()
        return WorldError(f"cannot be written: {reason}", Location(self.world.shown(self.path)))

    def _ends_within_a_line(self) -> bool:
        if not self.path.exists() or not self.path.stat().st_size:
            return False
        with self.path.open("rb") as stream:
            stream.seek(-1, 2)
            return stream.read(1) != b"\n"


class S3Store(Struct, frozen=True):
    """An object a run, ``<prefix><fingerprint>/<when>-<id>.json``, so that names sort by time."""

    bucket: str
    prefix: str
    world: World

    def check(self) -> None:
        """See :meth:`ResultStore.check`: S3 tells nothing before an object is put."""

    def runs(self, fingerprint: str, last: int) -> Sequence[StoredRun]:
        """See :meth:`ResultStore.runs`."""
        folder = f"{self.prefix}{fingerprint}/"
        request = {"Bucket": self.bucket, "Prefix": folder}
        keys = [
            str(found["Key"])
            for page in self.world.aws.pages("s3", "ListObjectsV2", request)
            for found in page.get("Contents", ())
        ]
        good: list[StoredRun] = []
        for key in sorted(keys, reverse=True)[:MOST_READ]:
            run = self._read(key)
            if run.good:
                good.append(run)
            if len(good) == last:
                break
        return _last_good(good, fingerprint, last)

    def append(self, run: StoredRun) -> None:
        """See :meth:`ResultStore.append`."""
        when = f"{round(run.at * 1000):015d}"
        name = f"{when}-{_NO_KEY.sub('_', run.id)[:100]}.json"
        request = {
            "Bucket": self.bucket,
            "Key": f"{self.prefix}{run.fingerprint}/{name}",
            "Body": msgspec.json.encode(run),
            "ContentType": "application/json",
        }
        self.world.aws.call("s3", "PutObject", request)

    def _read(self, key: str) -> StoredRun:
        request = {"Bucket": self.bucket, "Key": key}
        body = b"".join(self.world.aws.pieces("s3", "GetObject", request, "Body"))
        return _decoded(body, Location(f"s3://{self.bucket}/{key}"))


def _decoded(text: bytes, place: Location) -> StoredRun:
    try:
        return msgspec.json.decode(text, type=StoredRun)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).replace("`", "")
        what = "this line" if place.line else "it"
        raise UnreadableError(
            f"is no result that we stored ({reason}); remove {what} to go on", place
        ) from None


def _last_good(runs: Sequence[StoredRun], fingerprint: str, last: int) -> Sequence[StoredRun]:
    good = [run for run in runs if run.good and run.fingerprint == fingerprint]
    return sorted(good, key=lambda run: (run.at, run.id))[-last:] if last > 0 else []
