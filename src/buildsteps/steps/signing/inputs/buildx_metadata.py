"""What ``docker buildx build`` and ``bake`` write with ``--metadata-file``.

The source is "Write build result metadata" of the reference of ``docker buildx build``:
``containerimage.digest`` and ``image.name`` (several names with commas); of a bake, a mapping of
targets to these.
"""

from buildsteps.errors import UsageError
from buildsteps.image_reference import is_digest
from buildsteps.reporting.text import clipped, printable
from buildsteps.results import Finding, Severity
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.naming import below, checked, members
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.yaml_document import Node

NAME = "docker buildx metadata"

_KEYS = ("containerimage.", "image.name", "buildx.build.ref", "buildx.build.provenance")
"""What the result of one build begins with; ``buildx.build.warnings`` stands beside the targets."""


def recognises(document: Document) -> bool:
    """Whether it, or a target of it, has a key that buildx writes."""
    root = document.root
    return _is_result(root) or any(_is_result(target) for target in members(root).values())


def _is_result(node: Node | None) -> bool:
    return any(key.startswith(_KEYS) for key in members(node))


def read(document: Document) -> Uses:
    """Give every name of every target, each at the digest that was pushed."""
    root = members(document.root)
    targets = {"": document.root} if _is_result(document.root) else root
    uses: list[ImageUse] = []
    findings: list[Finding] = []
    for name, target in targets.items():
        if target is not None and _is_result(target):
            _read_target(document, name, target, uses, findings)
    return Uses(tuple(uses), tuple(findings))


def _read_target(
    document: Document, name: str, target: Node, uses: list[ImageUse], findings: list[Finding]
) -> None:
    where = f"target {clipped(printable(name), 120)}" if name else "build result"
    written = below(target, "image.name")
    if written is None:
        findings.append(_nameless(where, target))
        return
    digest = below(target, "containerimage.digest")
    if digest is None:
        what = f"{where} has no `containerimage.digest`: build it with --push"
        raise UsageError(what, target.location)
    if not isinstance(digest.value, str) or not is_digest(digest.value):
        raise UsageError(f"{where}: `containerimage.digest` is no digest", digest.location)
    if not isinstance(written.value, str):
        raise UsageError(
            f"{where}: `image.name` is text, found {written.found()}", written.location
        )
    for one in written.value.split(","):
        place = document.place(written)
        reference = checked(one.strip(), where, place).at(digest.value)
        uses.append(
            ImageUse(
                reference=reference,
                written=one.strip(),
                location=place,
                where=where,
                file=document.file,
            )
        )


def _nameless(where: str, target: Node) -> Finding:
    place = target.location
    return Finding(
        rule="image-missing",
        severity=Severity.MEDIUM,
        message=f"{where} has no `image.name`: it was not tagged, so no registry is known",
        locations=(place,),
        help="build it with --tag and --push",
        fingerprint=f"image-missing:{place.path}:{where}",
    )
