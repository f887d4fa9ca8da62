"""``inspector``: a bill of materials through ``inspector-scan:ScanSbom``."""

from collections.abc import Iterable, Sequence
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.reporting.text import clipped, counted, printable
from buildsteps.results import Location
from buildsteps.steps.scan.engines.inspector.answer import Answer, answer_of
from buildsteps.steps.scan.engines.inspector.making import made_sbom
from buildsteps.steps.scan.engines.inspector.sbom import WANTED_VERSION, Sbom, parts_of, read_sbom
from buildsteps.steps.scan.engines.package_places import Places
from buildsteps.steps.scan.engines.packages import gathered, sighting_of
from buildsteps.steps.scan.engines.purl import Purl
from buildsteps.steps.scan.engines.saved import Saved, saved_for, told_of
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World
from buildsteps.world.aws import AwsError
from buildsteps.world.concurrency import threaded_map

MOST_NAMES = 5
"""Names that a note lists before it says how many more there are."""


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Judge the bill of materials; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    if options.saved:
        saved = saved_for("inspector", options, world)
        return tuple(_of_saved(one, subjects, world) for one in saved)
    sbom = _given(options, world) if options.sbom else made_sbom(world, options.timeout)
    world.note(f"note: asking Amazon Inspector about {counted(len(sbom.components), 'component')}")
    parts = parts_of(sbom)
    answers = [
        answer_of(answer.get("sbom"))
        for answer in threaded_map(lambda part: _asked(part, options, world), parts, threads=2)
    ]
    _check_read(sbom, answers)
    places = Places(subjects.files, world)
    return (
        Scanned(
            engine="inspector",
            subject=sbom.source,
            sightings=sightings_of(answers, places, sbom.path),
            notes=tuple(_notes(sbom, answers, len(parts))),
            facts={"sbom": sbom.source, "spec_version": sbom.version, **_facts(sbom, answers)},
        ),
    )


def sightings_of(answers: Iterable[Answer], places: Places, sbom_path: str) -> list[Sighting]:
    """One sighting a vulnerability and package, where the project names it, or the bill does."""
    pairs = [pair for answer in answers for pair in answer.found]
    purls: dict[str, Purl | None] = {one.package: component.purl for one, component in pairs}
    fallback = (Location(sbom_path),) if sbom_path else ()
    return [
        sighting_of(one, (place,) if (place := places.of(purls[one.package])) else fallback)
        for one in gathered(vulnerable for vulnerable, _ in pairs)
    ]


def _of_saved(one: Saved, subjects: Subjects, world: World) -> Scanned:
    """What the service answered once; the bill that it was asked about is not at hand."""
    with told_of(one.path):
        answer = answer_of(one.answer.get("sbom", one.answer))
    return Scanned(
        engine="inspector",
        subject=one.path,
        sightings=sightings_of([answer], Places(subjects.files, world), one.path),
        notes=tuple(_skipped_notes([answer])),
        facts={"saved": one.path, "components": answer.components},
    )


def _given(options: ScanOptions, world: World) -> Sbom:
    path = world.path(options.sbom)
    if not path.exists():
        raise UsageError(f"--sbom {options.sbom} is not there")
    return read_sbom(world.files.read_text(path), world.shown(path))


def _asked(part: dict[str, Any], options: ScanOptions, world: World) -> dict[str, Any]:
    request = {"sbom": part, "outputFormat": "CYCLONE_DX_1_5"}
    try:
        return world.aws.call("inspector-scan", "ScanSbom", request, region=options.region)
    except AwsError as error:
        if error.code != "ValidationException":
            raise
        version = part["specVersion"]
        hint = f"; it takes CycloneDX {WANTED_VERSION}, and this is {version}"
        raise UsageError(
            f"Amazon Inspector refuses the SBOM: {error.said or error.code}"
            f"{hint if version != WANTED_VERSION else ''}"
        ) from None


def _check_read(sbom: Sbom, answers: Sequence[Answer]) -> None:
    """What says nothing of any component has not read them."""
    if not any(answer.components for answer in answers):
        number = counted(len(sbom.components), "component")
        raise AwsError(f"inspector-scan:ScanSbom was asked about {number} and speaks of none")


def _notes(sbom: Sbom, answers: Sequence[Answer], parts: int) -> Iterable[str]:
    if sbom.version != WANTED_VERSION:
        yield (
            f"the SBOM is CycloneDX {printable(sbom.version)}; "
            f"Amazon Inspector is documented to take {WANTED_VERSION}"
        )
    if parts > 1:
        yield f"the SBOM was sent in {parts} parts, since Amazon Inspector takes only so much"
    if missing := sbom.unversioned:
        shown = ", ".join(missing[:MOST_NAMES])
        more = f" and {len(missing) - MOST_NAMES:,} more" if len(missing) > MOST_NAMES else ""
        yield f"nothing is known of what has no version: {printable(shown)}{more}"
    yield from _skipped_notes(answers)


def _skipped_notes(answers: Sequence[Answer]) -> Iterable[str]:
    for reason, number in _skipped(answers).items():
        said = clipped(printable(reason), 120)
        yield f"Amazon Inspector of {counted(number, 'component')}: {said}"


def _skipped(answers: Sequence[Answer]) -> dict[str, int]:
    together: dict[str, int] = {}
    for answer in answers:
        for reason, number in answer.skipped.items():
            together[reason] = together.get(reason, 0) + number
    return together


def _facts(sbom: Sbom, answers: Sequence[Answer]) -> dict[str, Any]:
    return {
        "components": len(sbom.components),
        "unversioned": len(sbom.unversioned),
        "skipped": sum(_skipped(answers).values()),
    }
