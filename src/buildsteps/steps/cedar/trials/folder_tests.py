"""Tests as the folders ``<suite>/ALLOW/*.cedarauth.json`` and ``<suite>/DENY/...`` hold them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from buildsteps.errors import BuildstepsError, UnreadableError, UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Finding, Location, Severity
from buildsteps.source import SourceText
from buildsteps.steps.cedar.stores import names
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.trials.request import parse_request
from buildsteps.steps.cedar.trials.trial import EntitySource, Expectation, Trial
from buildsteps.world import World

UNPLACED = "unplaced-test"

_IN_NEITHER = "this request is in neither an ALLOW nor a DENY folder, so it is never run"


def folder_tests(store: Store, world: World) -> tuple[list[Trial], list[Finding]]:
    """The tests of a store's ALLOW and DENY folders, named as the AWS sample names them.

    A request file in neither folder is told as a finding, and so is any test without the name of
    one: they would never be run.
    """
    placed = [path for path in store.tests if _is_placed(path)]
    unplaced = [_unplaced(path, world) for path in store.tests if not _is_placed(path)]
    nearest = cache(store.entities_of)  # the same for all tests of a folder
    trials = [
        _trial(path, group, name, EntitySource(paths=nearest(path.parent)), world)
        for path, group, name in _named(placed, store.folder)
    ]
    return trials, unplaced + [_misnamed(path, world) for path in store.misnamed_tests]


def _is_placed(path: Path) -> bool:
    return path.parent.name in (names.ALLOW, names.DENY)


def _named(paths: list[Path], folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Suite and name of each: ``ALLOW <file name up to the first dot>``, longer where two agree."""
    taken: set[tuple[str, str]] = set()
    suite = cache(_suite)
    for path in paths:
        group = suite(path.parent.parent, folder)
        name = f"{path.parent.name} {path.name.split('.')[0]}"
        if (group, name) in taken:
            name = f"{path.parent.name} {path.name}"
        taken.add((group, name))
        yield path, group, name


def _suite(suite: Path, folder: Path) -> str:
    """The name of the folder that holds ALLOW or DENY, without a leading ``tests/``."""
    if not suite.is_relative_to(folder) or suite == folder:
        return suite.name
    parts = suite.relative_to(folder).parts
    if parts[0] == names.TESTS_FOLDER and len(parts) > 1:
        parts = parts[1:]
    return "/".join(parts)


def _trial(path: Path, group: str, name: str, entities: EntitySource, world: World) -> Trial:
    location = Location(path=world.shown(path))
    request = None
    error: BuildstepsError | None = None
    try:
        request = parse_request(SourceText(location.path, world.files.read_text(path)))
    except (UnreadableError, UsageError) as caught:
        error = caught
    return Trial(
        group=group,
        name=name,
        location=location,
        expected=Expectation(decision=path.parent.name),
        request=request,
        error=error,
        entities=entities,
    )


def stray_test(path: Path, world: World) -> Finding:
    """A test below no store: there are no policies to ask."""
    return _unplaced(path, world, "this test is below no policy store, so it is never run")


def _misnamed(path: Path, world: World) -> Finding:
    if path.suffix == ".json":
        kind, ending = f"stands in {path.parent.name} like a request", ".cedarauth.json"
    else:
        kind, ending = "looks like a suite", ".cedartests.yaml"
    message = f"this file {kind}, but its name does not end in `{ending}`, so it is never run"
    return _unplaced(path, world, message)


def _unplaced(path: Path, world: World, message: str = "") -> Finding:
    place = Location(path=world.shown(path))
    if not message:
        nearest = suggestion(path.parent.name, (names.ALLOW, names.DENY))
        message = f"{_IN_NEITHER}.{nearest}" if nearest else _IN_NEITHER
    return Finding(
        rule=UNPLACED,
        severity=Severity.MEDIUM,
        message=message,
        locations=(place,),
        fingerprint=f"{UNPLACED}:{place.path}",
    )
