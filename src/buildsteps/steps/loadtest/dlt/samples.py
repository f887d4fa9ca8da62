"""The raw samples of a run, from DLT's bucket into files, in a stream."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.steps.loadtest.dlt.rows import RunRow
from buildsteps.world import World
from buildsteps.world.aws import AccessDeniedError, AwsError, NoAwsCredentialsError
from buildsteps.world.heartbeat import watched
from buildsteps.world.waiting import pauses

TRIES = 4
_NAME = re.compile(r"kpi[^/]*\.(jtl|csv)", re.IGNORECASE)
_REGION = re.compile(r"-([a-z]{2}(?:-[a-z]+)+-[0-9]{1,2})\.(?:jtl|csv)")


class SampleObject(Struct, frozen=True):
    """A file of samples in S3; ``size`` in bytes."""

    key: str
    size: int


def listed_samples(
    bucket: str, test_id: str, run_id: str, region: str, world: World
) -> tuple[SampleObject, ...]:
    """The files of one run: ``results/<test>/<time>_<run>/kpi-*``, whose time nobody can tell.

    Raises:
        AwsError: S3 does not tell.
    """
    request = {"Bucket": bucket, "Prefix": f"results/{test_id}/"}
    pages = world.aws.pages("s3", "ListObjectsV2", request, region=region)
    return tuple(sorted(_ours(pages, run_id), key=lambda one: one.key))


def _ours(pages: Iterator[dict[str, Any]], run_id: str) -> Iterator[SampleObject]:
    for page in pages:
        for one in page.get("Contents") or ():
            key, size = str(one["Key"]), int(one.get("Size", 0))
            folder, _, name = key.rpartition("/")
            if folder.endswith(f"_{run_id}") and _NAME.fullmatch(name) and size:
                yield SampleObject(key, size)


def fetch_samples(
    bucket: str, found: tuple[SampleObject, ...], folder: Path, region: str, world: World
) -> tuple[Path, ...]:
    """Copy the files into ``folder``, each whole or not at all.

    Raises:
        AwsError: S3 does not give them, also when asked again.
        WorldError: they cannot be written.
    """
    size = sum(one.size for one in found)
    what = f"files of samples fetched ({size / 1e6:,.0f} MB in all)"
    paths = []
    for number, one in enumerate(watched(found, len(found), what, world)):
        path = folder / f"{number:04}-{Path(one.key).name}"
        _fetch(bucket, one, path, region, world)
        paths.append(path)
    return tuple(paths)


def _fetch(bucket: str, one: SampleObject, path: Path, region: str, world: World) -> None:
    """A stream that breaks off is begun anew."""
    for tried, pause in enumerate(pauses(), 1):
        try:
            _copy(bucket, one, path, region, world)
        except (NoAwsCredentialsError, AccessDeniedError):
            raise
        except AwsError:
            if tried == TRIES:
                raise
            world.clock.sleep(pause)
        else:
            return


def _copy(bucket: str, one: SampleObject, path: Path, region: str, world: World) -> None:
    request = {"Bucket": bucket, "Key": one.key}
    written = 0
    try:
        with path.open("wb") as file:
            for piece in world.aws.pieces("s3", "GetObject", request, "Body", region=region):
                written += file.write(piece)
    except OSError as error:
        raise WorldError(f"{path} cannot be written: {error.strerror or error}") from None
    if written != one.size:
        raise AwsError(f"s3:GetObject gave {written:,} of {one.size:,} bytes of {one.key}")


def region_of(path: Path) -> str:
    """The region of a file's task, which DLT writes into its name: ``kpi-<uuid>-<region>.jtl``."""
    found = _REGION.search(path.name)
    return found[1] if found else ""


def doubts_of_samples(found: tuple[SampleObject, ...], run: RunRow) -> tuple[str, ...]:
    """Say when there are fewer files than tasks that delivered: then they are not all samples."""
    tasks = sum(run.complete_tasks.values())
    if tasks and len(found) < tasks:
        return (f"there are raw samples of {len(found)} of {tasks} tasks",)
    return ()
