"""Which policy stores are there? By convention, by configuration, or by flags."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.cedar import names
from buildsteps.steps.cedar.layout import Layout
from buildsteps.steps.cedar.named_files import find_named
from buildsteps.steps.cedar.scan import Scan, scan
from buildsteps.steps.cedar.shapes import Shape, sniff
from buildsteps.world import World
from buildsteps.world.git import repository_root


class Store(Struct, frozen=True, kw_only=True):
    """The files of one policy store; ``entities_of`` tells which entities a test sees.

    ``tests`` are requests in ALLOW and DENY folders, ``suites`` tests in our own format,
    ``case_files`` those of the Cedar CLI's ``run-tests``. ``stdin`` stands for policies that
    are read from standard input.
    """

    name: str
    folder: Path
    schema: Path | None = None
    policies: tuple[Path, ...] = ()
    links: tuple[Path, ...] = ()
    entities: tuple[Path, ...] = ()
    tests: tuple[Path, ...] = ()
    suites: tuple[Path, ...] = ()
    case_files: tuple[Path, ...] = ()
    outside_links: tuple[Path, ...] = ()
    shared_entities: bool = False
    stdin: bool = False

    @property
    def has_tests(self) -> bool:
        """Whether there is any file that tests may be in."""
        return bool(self.tests or self.suites or self.case_files)

    def entities_of(self, tests: Path) -> tuple[Path, ...]:
        """The entities files nearest to the folder ``tests``, from there up to the store's.

        All of a folder count together; entities named by flag or configuration count for all.
        """
        if self.shared_entities:
            return self.entities
        by_folder: dict[Path, list[Path]] = {}
        for path in self.entities:
            by_folder.setdefault(path.parent, []).append(path)
        for folder in (tests, *tests.parents):
            # By convention the entities stand in tests/, or beside the schema.
            if folder in by_folder:
                return tuple(by_folder[folder])
            if folder == self.folder:
                break
        return tuple(by_folder.get(self.folder / names.TESTS_FOLDER, ()))


class Found(Struct, frozen=True):
    """What paths stand for: stores, and integration tests, each a small store of its own.

    ``strays`` are tests below no store, which nobody can run.
    """

    stores: tuple[Store, ...]
    integration: tuple[Path, ...] = ()
    strays: tuple[Path, ...] = ()


def find_stores(
    paths: Sequence[str], layout: Layout, configured: Mapping[str, Layout], world: World
) -> Found:
    """Find the stores that ``paths`` stand for; ``layout`` holds what flags say.

    Raises:
        UsageError: a path that is not there, a folder with two schemas, an empty glob.
    """
    try:
        return _find(paths, layout, configured, world)
    except OSError as error:  # such as a name that is too long, or a folder that is locked
        place = Location(path=world.shown(error.filename)) if error.filename else None
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot be reached: {reason}", place) from None


def _find(
    paths: Sequence[str], layout: Layout, configured: Mapping[str, Layout], world: World
) -> Found:
    if layout != Layout() or "-" in paths:
        return Found((_by_flags(paths, layout, world),))
    if configured and not paths:
        return Found(tuple(_by_layout(name, one, world) for name, one in configured.items()))
    stores: dict[Path, Store] = {}
    integration: dict[Path, None] = {}
    strays: dict[Path, None] = {}
    for text in paths or (".",):
        path = _existing(text, world)
        named = _configured_at(path, configured, world)
        found = Found(tuple(named)) if named else _by_convention(path, world)
        for store in found.stores:
            stores.setdefault(store.folder, store)
        integration.update(dict.fromkeys(found.integration))
        strays.update(dict.fromkeys(found.strays))
    return Found(tuple(stores.values()), tuple(integration), tuple(strays))


def _existing(text: str, world: World) -> Path:
    path = world.path(text)
    if not path.exists():
        raise UsageError(f"there is no file or folder `{text}`")
    return path


def _configured_at(path: Path, configured: Mapping[str, Layout], world: World) -> list[Store]:
    """The configured stores at or below ``path``, or the one that holds it."""
    folders = {name: world.path(one.path or ".") for name, one in configured.items()}
    below = [name for name, folder in folders.items() if folder.is_relative_to(path)]
    around = [name for name, folder in folders.items() if path.is_relative_to(folder)]
    nearest = sorted(around, key=lambda name: len(folders[name].parts))[-1:]
    return [_by_layout(name, configured[name], world) for name in below or nearest]


def _by_flags(paths: Sequence[str], layout: Layout, world: World) -> Store:
    if len(paths) > 1:
        raise UsageError(
            "standard input, --schema, --policies, --links, --entities and --tests go with one PATH"
        )
    if "-" in paths:
        if layout.policies:
            raise UsageError("policies come from standard input or from --policies, not both")
        return _by_layout("stdin", layout, world, stdin=True)
    folder = _existing(paths[0] if paths else ".", world)
    if not folder.is_dir():
        raise UsageError(f"`{paths[0]}` is no folder; name it with --policies")
    return _by_layout(world.shown(folder), replace(layout, path=str(folder)), world)


def _by_layout(name: str, layout: Layout, world: World, *, stdin: bool = False) -> Store:
    """A store whose parts are partly named; the rest is found by convention."""
    folder = world.path(layout.path or ".")
    if not folder.is_dir():
        raise UsageError(f"the folder `{world.shown(folder)}` of store `{name}` is not there")
    schema = world.path(layout.schema) if layout.schema else None
    if schema is not None and not schema.is_file():
        raise UsageError(f"there is no schema file `{layout.schema}`")
    if stdin:
        store = Store(name=name, folder=folder, schema=schema, stdin=True)
    else:
        store = _store(folder, _scan(folder, world), world, schema=schema, name=name)
    parts = {
        "policies": _expand(layout.policies, names.is_policy, world),
        "links": _expand(layout.links, names.is_links, world),
        "entities": _expand(layout.entities, names.is_entities, world),
    }
    given: dict[str, Any] = {part: found for part, found in parts.items() if found}
    if layout.tests:
        given |= _sorted_tests(_expand(layout.tests, names.is_test, world), world)
    return replace(store, **given, shared_entities=bool(layout.entities))


def _sorted_tests(paths: Iterable[Path], world: World) -> dict[str, tuple[Path, ...]]:
    """Test files by format: by name, or for a JSON file without one by shape."""
    kinds: dict[str, list[Path]] = {"tests": [], "suites": [], "case_files": []}
    for path in paths:
        if names.is_suite(path.name) or path.suffix in (".yaml", ".yml"):
            kinds["suites"].append(path)
        elif not names.is_request(path.name) and _is_run_tests(path, world):
            kinds["case_files"].append(path)
        else:
            kinds["tests"].append(path)
    return {kind: tuple(found) for kind, found in kinds.items()}


def _is_run_tests(path: Path, world: World) -> bool:
    return sniff(str(path), world)[0] is Shape.RUN_TESTS


def _expand(
    patterns: Iterable[str], wanted: Callable[[str], bool], world: World
) -> tuple[Path, ...]:
    """Files, folders and globs as files; a folder stands for its conventional names."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = world.path(pattern)
        if path.is_file():
            matches = [path]
        elif path.is_dir():
            matches = [one for one in scan(path, world).files if wanted(one.name)]
        else:
            matches = _glob(path)
        if not matches:
            raise UsageError(f"`{pattern}` matches no file")
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _glob(path: Path) -> list[Path]:
    """The files that a pattern means; a part of it that is there as it stands is no pattern."""
    fixed = Path(path.anchor)
    parts = path.parts[1:]
    for number, part in enumerate(parts):
        if any(letter in part for letter in "*?[") and not (fixed / part).exists():
            pattern = "/".join(parts[number:])
            try:
                return sorted(one for one in fixed.glob(pattern) if one.is_file())
            except ValueError as error:
                raise UsageError(f"`{pattern}` is no glob: {error}") from None
        fixed /= part
    return []


class Sorted(Scan, frozen=True):
    """A scan whose other JSON files were looked into: only ``run-tests`` files are kept."""

    integration: tuple[Path, ...] = ()


def _scan(folder: Path, world: World) -> Sorted:
    """Scan a folder; what integration tests name is no part of a store."""
    seen = scan(folder, world)
    run_tests: list[Path] = []
    integration: list[Path] = []
    named: set[Path] = set()
    for path in seen.documents:
        shape, mentioned = sniff(str(path), world)
        if shape is Shape.RUN_TESTS:
            run_tests.append(path)
        elif shape is Shape.INTEGRATION:
            integration.append(path)
            found = (find_named(name, path, world.cwd) for name in mentioned)
            named.update(one for one in found if one is not None)
    files = tuple(one for one in seen.files if one not in named)
    return Sorted(seen.root, files, tuple(run_tests), seen.outside_links, tuple(integration))


def _by_convention(path: Path, world: World) -> Found:
    if path.is_file():
        return _around_file(path, world)
    seen = _scan(path, world)
    schemas = _schema_folders(seen)
    stores = [_store(folder, seen, world, among=schemas) for folder in schemas]
    strays = _below(seen.files, seen.root, schemas)
    has_strays = any(
        names.is_policy(one.name) and not _in_tests(one.parent, seen.root) for one in strays
    )
    outer = _outer_store_folder(path, world) if not schemas else None
    if outer is not None and (has_strays or not seen.integration):
        stores.append(_conventional_store(outer, world))
    elif has_strays:
        stores.append(_store(seen.root, seen, world, among=[seen.root, *schemas]))
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
    seen = _scan(folder, world)
    return _store(folder, seen, world, among=_schema_folders(seen))


def _outer_store_folder(folder: Path, world: World) -> Path | None:
    """The nearest folder with a schema, from ``folder`` up to the repository's root."""
    root = repository_root(folder) or world.cwd
    for candidate in (folder, *folder.parents):
        if any(
            names.is_schema(name) and (candidate / name).is_file() for name in _listed(candidate)
        ):
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


def _store(
    folder: Path,
    seen: Scan,
    world: World,
    *,
    among: Sequence[Path] = (),
    schema: Path | None = None,
    name: str = "",
) -> Store:
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
