"""What somebody should know of a run that was read: places that are not ours, and what was left."""

from collections import Counter

from buildsteps.reporting.text import counted
from buildsteps.steps.scan.sarif.uris import Found, Uris


def notes_of(left: Counter[tuple[str, str]], uris: Uris) -> tuple[str, ...]:
    """Sentences about what the results of a run were taken for."""
    notes = [
        f"the base `{base}` of its paths is not known here; taken as the source root"
        for base in _of_kind(left, "base")
    ]
    outside = _of_kind(left, "outside")
    if outside:
        number = counted(sum(outside.values()), "place")
        verb = "is" if sum(outside.values()) == 1 else "are"
        notes.append(f"{number} {verb} outside of the source root, such as {next(iter(outside))}")
    passed = sum(_of_kind(left, "kind").values())
    if passed:
        notes.append(f"{counted(passed, 'result')} of kind pass, notApplicable or absent left out")
    return (*notes, *_missing(uris))


def _of_kind(left: Counter[tuple[str, str]], kind: str) -> dict[str, int]:
    return {text: number for (one, text), number in left.items() if one == kind}


def _missing(uris: Uris) -> tuple[str, ...]:
    """Whether the files are there at all: else the source root is most likely another."""
    known: dict[object, Found] = uris.__dict__["known"]
    paths = {one.path: one.there for one in known.values() if one.path}
    missing = [path for path, there in paths.items() if not there]
    if not missing:
        return ()
    which = "none" if len(missing) == len(paths) else f"{len(missing):,} not"
    return (
        f"of {counted(len(paths), 'file')} that it names, {which} there"
        f" (such as {missing[0]}); --source-root says where they begin",
    )
