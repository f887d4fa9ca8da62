"""Stores that need no configuration: a folder with a schema, and what lies below it."""

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.cedar.stores import names
from buildsteps.steps.cedar.stores.named_files import find_named
from buildsteps.steps.cedar.stores.scan import Scan, scan
from buildsteps.steps.cedar.stores.shapes import Shape, sniff
from buildsteps.steps.cedar.stores.store import Found, Store
from buildsteps.world import World
from buildsteps.world.git import ignored, repository_root


class Sorted(Scan, frozen=True):
    """A scan whose other files were looked into: only ``run-tests`` files are kept.

    ``misnamed`` are tests by their folder or form whose name is that of none.
    """

    integration: tuple[Path, ...] = ()
    misnamed: tuple[Path, ...] = ()


def sorted_scan(folder: Path, world: World) -> Sorted:
    """Scan a folder; what integration tests name is no part of a store."""
    seen = scan(folder, world)
    run_tests: list[Path] = []
    integration: list[Path] = []
    misnamed: list[Path] = []
    named: set[str] = set()
    cwd = str(world.cwd)
    for path in seen.documents:
        shape, mentioned = sniff(str(path), world)
        if shape is Shape.RUN_TESTS:
            run_tests.append(path)
        elif shape is Shape.INTEGRATION:
            integration.append(path)
            found = (find_named(name, str(path), cwd) for name in mentioned)
            named.update(one for one in found if one is not None)
        elif shape is Shape.SUITE or path.parent.name in (names.ALLOW, names.DENY):
            misnamed.append(path)
    files = tuple(one for one in seen.files if str(one) not in named) if named else seen.files
    return Sorted(
        seen.root,
        files,
        tuple(run_tests),
        seen.outside_links,
        tuple(integration),
        tuple(one for one in misnamed if str(one) not in named),
    )


def stores_by_convention(path: Path, world: World) -> Found:
    """The stores that a path stands for, and the tests in it that are no part of one."""
    if path.is_file():
        return _around_file(path, world)
    seen = sorted_scan(path, world)
    schemas = _schema_folders(seen)
    stores = [store_in(folder, seen, world, among=schemas) for folder in schemas]
    strays = [] if seen.root in schemas else _below(seen.files, seen.root, schemas)
    has_strays = any(
        names.is_policy(one.name) and not _in_tests(one.parent, seen.root) for one in strays
    )
    outer = _outer_store_folder(path, world) if not schemas else None
    if outer is not None and (has_strays or not seen.integration):
        stores.append(_conventional_store(outer, world))
    elif has_strays:
        stores.append(store_in(seen.root, seen, world, among=[seen.root, *schemas]))
    else:
        tests = tuple(one for one in strays if names.is_test(one.name))
        return Found(tuple(stores), seen.integration, tests)
    return Found(tuple(stores), seen.integration)


def _around_file(path: Path, world: World) -> Found:
    """The store that a file stands for: the nearest folder upwards with a schema."""
    shape = Shape.OTHER if names.is_any(path.name) else sniff(str(path), world)[0]
    if shape is Shape.INTEGRATION:
        return Found((), (path,))
    if shape is Shape.OTHER and not names.is_any(path.name):
        raise UsageError(f"`{world.shown(path)}` has no name and no form that Cedar files have")
    outer = _outer_store_folder(path.parent, world) or path.parent
    return Found((_conventional_store(outer, world),))


def _conventional_store(folder: Path, world: World) -> Store:
    """The store of a folder, without those further down."""
    seen = sorted_scan(folder, world)
    return store_in(folder, seen, world, among=_schema_folders(seen))


def _outer_store_folder(folder: Path, world: World) -> Path | None:
    """The nearest folder with a schema, from ``folder`` up to the repository's root.

    A schema that git ignores, such as one that a build made, makes no store.
    """
    root = repository_root(folder) or world.cwd
    for candidate in (folder, *folder.parents):
        named = [candidate / name for name in _listed(candidate) if names.is_schema(name)]
        schemas = [str(path) for path in named if path.is_file()]
        if len(ignored(world, candidate, schemas)) < len(schemas):
            return candidate
        if candidate == root:
            break
    return None


def _listed(folder: Path) -> list[str]:
    """The names in a folder; none where it cannot be listed."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is needed
    except OSError:
        return []


def _schema_folders(seen: Scan) -> list[Path]:
    """The folders that are stores: those with a schema, not among another store's tests."""
    folders = sorted({one.parent for one in seen.files if names.is_schema(one.name)})
    return [
        folder
        for folder in folders
        if not any(
            folder != outer and folder.is_relative_to(outer) and _in_tests(folder, outer)
            for outer in folders
        )
    ]


def stores_below(folder: Path, seen: Scan, schema: Path | None) -> list[Path]:
    """The stores below ``folder``, which is a store because somebody says so, with this ``schema``.

    The folder that the schema lies in is no other store.
    """
    own = schema.parent if schema else folder
    return [
        one
        for one in _schema_folders(seen)
        if one not in (folder, own) and not _in_tests(one, folder)
    ]


def _in_tests(path: Path, store: Path) -> bool:
    below = str(path)[len(str(store)) :]
    return names.TESTS_FOLDER in below.split(os.sep)  # noqa: PTH206 - a text, for speed


def _below(files: Iterable[Path], folder: Path, among: Sequence[Path]) -> list[Path]:
    """The files below ``folder`` that belong to no store of ``among`` further down."""
    inner = [_prefix(one) for one in among if one != folder and one.is_relative_to(folder)]
    around = _prefix(folder)
    return [
        one
        for one in files
        if (text := str(one)).startswith(around)
        and not any(text.startswith(prefix) for prefix in inner)
    ]


def _prefix(folder: Path) -> str:
    """What the path of everything below ``folder`` begins with; faster than pathlib, per file."""
    text = str(folder)
    return text if text.endswith(os.sep) else text + os.sep


def store_in(
    folder: Path,
    seen: Sorted,
    world: World,
    *,
    among: Sequence[Path] = (),
    schema: Path | None = None,
    name: str = "",
) -> Store:
    """The store in ``folder``, made of what lies below it and belongs to no store further down."""
    files = _below(seen.files, folder, among)
    outside_tests = [one for one in files if not _in_tests(one.parent, folder)]
    if schema is None:
        schema = _schema([one for one in files if one.parent == folder], world)
    return Store(
        name=name or world.shown(folder),
        folder=folder,
        schema=schema,
        policies=tuple(one for one in outside_tests if names.is_policy(one.name)),
        links=tuple(one for one in outside_tests if names.is_links(one.name)),
        entities=tuple(one for one in files if names.is_entities(one.name)),
        tests=tuple(one for one in files if names.is_request(one.name)),
        suites=tuple(one for one in files if names.is_suite(one.name)),
        case_files=tuple(_below(seen.documents, folder, among)),
        misnamed_tests=tuple(_below(seen.misnamed, folder, among)),
        outside_links=tuple(one for one in seen.outside_links if one.is_relative_to(folder)),
    )


def _schema(files: Sequence[Path], world: World) -> Path | None:
    """The schema of a folder; of one schema in both formats, the one in Cedar's syntax."""
    schemas = sorted(one for one in files if names.is_schema(one.name))
    stems = [key for key, _ in groupby(schemas, key=lambda one: one.name.removesuffix(".json"))]
    if len(stems) > 1:
        found = " and ".join(f"`{one.name}`" for one in schemas)
        place = Location(path=world.shown(schemas[0].parent))
        raise UsageError(f"two schemas, {found}; choose one with --schema", place)
    return schemas[0] if schemas else None
