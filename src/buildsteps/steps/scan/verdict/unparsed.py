"""Files that engines could not read: each is one case, whoever says it."""

from collections.abc import Sequence

from msgspec.structs import replace

from buildsteps.results import Case, Cause
from buildsteps.steps.scan.sighting import Scanned


def unparsed_files(scans: Sequence[Scanned]) -> frozenset[str]:
    """The files that an engine could not judge for what they are."""
    return frozenset(path for scan in scans for case in scan.cases if (path := _file(case)))


def once(cases: Sequence[Case]) -> list[Case]:
    """The cases of engines, those about one file put together: bandit and ruff both say it."""
    kept: dict[tuple[str, str], Case] = {}
    for number, case in enumerate(cases):
        path = _file(case)
        key = (path, "") if path else ("", str(number))
        kept[key] = _together(kept[key], case) if key in kept else case
    return list(kept.values())


def _file(case: Case) -> str:
    return case.locations[0].path if case.cause is Cause.SUBJECT and case.locations else ""


def _together(first: Case, second: Case) -> Case:
    """The case that says where exactly, and what the other engine said in its detail."""
    told, other = first, second
    if first.locations[0].line is None and second.locations[0].line is not None:
        told, other = second, first
    groups = [*first.group.split(", "), *second.group.split(", ")]
    said = "" if other.message in (told.message, *told.detail.split("\n")) else other.message
    lines = [told.detail, f"{other.group}: {said}" if said else ""]
    return replace(
        told,
        group=", ".join(dict.fromkeys(groups)),
        detail="\n".join(line for line in lines if line),
    )
