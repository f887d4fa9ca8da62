"""Digests written where images are named, and nothing else of a file touched.

What each consumer takes: Kubernetes and Compose pull ``name:tag@digest`` by the digest and keep the
tag for people. ECS documents ``repository:tag`` or ``repository@digest``, one of the two (the
parameter ``image`` of a container definition in the ECS developer guide), so there the tag goes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.signing.inputs.collecting import STDIN, CollectedImage
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.world import World
from buildsteps.world.rewriting import rewrite

STDOUT = "-"

NOT_WRITTEN = "digest-not-written"
"""Rule: a use of an image that cannot be rewritten in place."""

_TAG = re.compile(r":[^:/@]*$")


class Written(Struct, frozen=True, kw_only=True):
    """What became of the files.

    ``paths`` were rewritten, ``count`` references in all; ``stdout`` is the text for standard
    output, where that is the target; ``findings`` tell what could not be rewritten.
    """

    paths: tuple[str, ...] = ()
    count: int = 0
    stdout: bytes | None = None
    findings: tuple[Finding, ...] = ()


class Rewritten(Struct, frozen=True):
    """A file with its digests: how many references changed, and which uses could not."""

    file: Input
    data: bytes
    count: int
    left: tuple[ImageUse, ...]


def write_digests(
    files: Sequence[Input],
    images: Iterable[tuple[CollectedImage, str]],
    world: World,
    target: str = "",
) -> Written:
    """Write each image's digest into the files that use it, in place or to ``target``.

    ``-`` as the target gives the text back, for standard output.

    Every file is made ready before the first is written; each is written whole or not at all.

    Raises:
        UsageError: ``target`` is given, and there is not exactly one file; or none is given, and
            standard input has no place to be written to.
        WorldError: a file changed since it was read, or cannot be written.
    """
    check_target(files, target)
    digests = {use: digest for image, digest in images for use in image.uses}
    ready = [rewritten(file, digests) for file in files]
    stdout = None
    for one in ready:
        if target == STDOUT:
            stdout = one.data
        elif target:
            world.files.write(world.path(target), [one.data.decode()])
        elif one.count:
            _check_unchanged(one.file, world)
    paths = [target] if target and target != STDOUT else []
    for one in ready:
        if one.count and not target:
            rewrite(world.path(one.file.path), one.data, world.cwd)
            paths.append(one.file.shown or one.file.path)
    return Written(
        paths=tuple(paths),
        count=sum(one.count for one in ready),
        stdout=stdout,
        findings=tuple(_not_written(use) for one in ready for use in one.left),
    )


def check_target(files: Sequence[Input], target: str) -> None:
    """Refuse what cannot be written, before anything is judged; see :func:`write_digests`.

    Raises:
        UsageError: as :func:`write_digests`.
    """
    if target and len(files) != 1:
        what = f"--write-digests={target} takes one file of --from, and {len(files)} were given"
        raise UsageError(what)
    if not target and any(file.path == STDIN for file in files):
        raise UsageError(
            "standard input cannot be written in place: --write-digests=FILE, or "
            "--write-digests=- for standard output"
        )


def rewritten(file: Input, digests: Mapping[ImageUse, str]) -> Rewritten:
    """Give the bytes of ``file`` with the digest of each use in it; a use with one stays."""
    spans: dict[tuple[int, int], bytes] = {}
    left = []
    for use, digest in digests.items():
        if use.file != file.path or use.reference.digest:
            continue
        if use.start < 0 or file.data[use.start : use.end] != use.written.encode():
            left.append(use)
        else:
            spans[use.start, use.end] = with_digest(use, digest).encode()
    pieces, at = [], 0
    for (start, end), new in sorted(spans.items()):
        pieces += [file.data[at:start], new]
        at = end
    data = b"".join([*pieces, file.data[at:]])
    return Rewritten(file, data, len(spans), tuple(left))


def with_digest(use: ImageUse, digest: str) -> str:
    """The reference as it was written, with its digest; the tag stays where the format takes it."""
    return f"{use.written if use.tags_allowed else _TAG.sub('', use.written)}@{digest}"


def _check_unchanged(file: Input, world: World) -> None:
    if world.files.read_bytes(world.path(file.path)) != file.data:
        place = Location(file.shown or file.path)
        raise WorldError("changed since it was read: no digest was written", place)


def _not_written(use: ImageUse) -> Finding:
    place = use.location or Location(use.file)
    return Finding(
        rule=NOT_WRITTEN,
        severity=Severity.MEDIUM,
        message=f"the digest of {use.reference} cannot be written in place: {use.where}",
        locations=(place,),
        help="write the reference on one line, without escapes and variables",
        fingerprint=f"{NOT_WRITTEN}:{place.path}:{use.where}",
    )
