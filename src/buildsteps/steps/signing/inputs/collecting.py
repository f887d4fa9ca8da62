"""From references and files to images: each once, with every place that uses it."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.reporting.text import counted, printable
from buildsteps.results import Finding, Location
from buildsteps.steps.signing.inputs.assembly import is_folder, manifests_below
from buildsteps.steps.signing.inputs.detect import kind_of
from buildsteps.steps.signing.inputs.document import parse_document
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.world import World
from buildsteps.world.files import MAX_TEXT_BYTES

STDIN = "-"
DEFAULT_TAG = "latest"

_FILES = (".yaml", ".yml", ".json", "cdk.out")


class CollectedImage(Struct, frozen=True):
    """An image, as it was first written, and every place that uses it (at least one)."""

    reference: ImageReference
    uses: tuple[ImageUse, ...]


class Collected(Struct, frozen=True, kw_only=True):
    """What a call names: images in the order in which they were first seen.

    ``files`` are those that were read, for whoever rewrites them; ``notes`` say what was found in
    each; ``emptiness`` why there is no image, if there is none.
    """

    images: tuple[CollectedImage, ...]
    files: tuple[Input, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    emptiness: str = ""


def collect_images(references: Iterable[str], files: Sequence[str], world: World) -> Collected:
    """Read references, and files (``-`` for standard input, a folder for a cloud assembly).

    Raises:
        UsageError: a reference or a file is wrong; with the place.
    """
    uses = [_of_command_line(text, world) for text in references]
    findings: list[Finding] = []
    notes: list[str] = []
    inputs = read_files(files, world)
    for file in inputs:
        document = parse_document(file.path, file.data, file.shown, file.environ)
        kind = kind_of(document)
        found = kind.read(document)
        uses += found.uses
        findings += found.findings
        notes.append(f"{file.shown} ({kind.NAME}): {counted(len(found.uses), 'image')}")
    return Collected(
        images=folded(uses),
        files=tuple(inputs),
        findings=tuple(findings),
        notes=tuple(notes),
        emptiness="" if uses else _emptiness(inputs),
    )


def folded(uses: Iterable[ImageUse]) -> tuple[CollectedImage, ...]:
    """Put together what names the same image: by digest, else by tag (``latest`` if none)."""
    images: dict[ImageReference, list[ImageUse]] = {}
    for use in uses:
        images.setdefault(_identity(use.reference), []).append(use)
    return tuple(CollectedImage(group[0].reference, tuple(group)) for group in images.values())


def read_files(files: Iterable[str], world: World) -> list[Input]:
    """Read each file once, in the order given.

    Raises:
        UsageError: one cannot be read, or is too large; a folder is no cloud assembly.
    """
    found: dict[str, Input] = {}
    for name in files:
        for path in manifests_below(name, world) if is_folder(name, world) else [name]:
            if path not in found:
                found[path] = read_file(path, world)
    return list(found.values())


def read_file(name: str, world: World) -> Input:
    """Read one file, or standard input.

    Raises:
        UsageError: it cannot be read, or is too large.
    """
    if name != STDIN:
        path = world.path(name)
        return Input(name, world.files.read_bytes(path), world.shown(path), world.environ)
    data = world.read_stdin()
    if len(data) > MAX_TEXT_BYTES:
        what = f"is too large: {len(data):,} bytes, more than the {MAX_TEXT_BYTES:,} allowed"
        raise UsageError(what, Location("stdin"))
    return Input(STDIN, data, "stdin", world.environ)


def _of_command_line(text: str, world: World) -> ImageUse:
    if _names_a_file(text, world):
        shown = printable(text)
        what = f"`{shown}` is the name of a file, not of an image"
        raise UsageError(f"{what}: --from {shown} takes the images that it names")
    return ImageUse(reference=parse_reference(text), written=text)


def _names_a_file(text: str, world: World) -> bool:
    """Whether ``--from`` was forgotten: `deployment.yaml` alone would be an image of Docker Hub."""
    if not text.endswith(_FILES):
        return False
    return "/" not in text or world.path(text).exists()


def _identity(reference: ImageReference) -> ImageReference:
    if reference.digest:
        return reference.at(reference.digest)
    return ImageReference(reference.registry, reference.repository, reference.tag or DEFAULT_TAG)


def _emptiness(inputs: Sequence[Input]) -> str:
    if not inputs:
        return "no image was given: name images, or with --from files that use some"
    names = ", ".join(file.shown for file in inputs[:3])
    more = f" and {len(inputs) - 3} more" if len(inputs) > 3 else ""
    return f"no image is used in {names}{more}"
