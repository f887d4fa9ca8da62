"""Which policy stores are there? By convention, by configuration, or by flags."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.cedar import names
from buildsteps.steps.cedar.layout import Layout
from buildsteps.steps.cedar.scan import Scan, scan
from buildsteps.world import World
from buildsteps.world.git import repository_root


class Store(Struct, frozen=True, kw_only=True):
    """The files of one policy store; ``entities_of`` tells which entities a test sees."""

    name: str
    folder: Path
    schema: Path | None = None
    policies: tuple[Path, ...] = ()
    links: tuple[Path, ...] = ()
    entities: tuple[Path, ...] = ()
    tests: tuple[Path, ...] = ()
    outside_links: tuple[Path, ...] = ()
    shared_entities: bool = False

    def entities_of(self, test: Path) -> tuple[Path, ...]:
        """The entities files nearest to ``test``, from its folder up to the store's.

        All of a folder count together; entities named by flag or configuration count for all.
        """
        if self.shared_entities:
            return self.entities
        by_folder: dict[Path, list[Path]] = {}
        for path in self.entities:
            by_folder.setdefault(path.parent, []).append(path)
        for folder in test.parents:
            # By convention the entities stand in tests/, or beside the schema.
            if folder in by_folder:
                return tuple(by_folder[folder])
            if folder == self.folder:
                break
        return tuple(by_folder.get(self.folder / names.TESTS_FOLDER, ()))


def find_stores(
    paths: Sequence[str], layout: Layout, configured: Mapping[str, Layout], world: World
) -> tuple[Store, ...]:
    """Find the stores that ``paths`` stand for; ``layout`` holds what flags say.

    Raises:
        UsageError: a path that is not there, a folder with two schemas, an empty glob.
    """
    if layout != Layout():
        return (_by_flags(paths, layout, world),)
    if configured and not paths:
        return tuple(_by_layout(name, one, world) for name, one in configured.items())
    found: dict[Path, Store] = {}
    for text in paths or (".",):
        path = _existing(text, world)
        named = _configured_at(path, configured, world)
        for store in named or _by_convention(path, world):
            found.setdefault(store.folder, store)
    return tuple(found.values())


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
        raise UsageError("--schema, --policies, --links, --entities and --tests need one PATH")
    folder = _existing(paths[0] if paths else ".", world)
    if not folder.is_dir():
        raise UsageError(f"`{paths[0]}` is no folder; name it with --policies")
    return _by_layout(world.shown(folder), replace(layout, path=str(folder)), world)


def _by_layout(name: str, layout: Layout, world: World) -> Store:
    """A store whose parts are partly named; the rest is found by convention."""
    folder = world.path(layout.path or ".")
    if not folder.is_dir():
        raise UsageError(f"the folder `{world.shown(folder)}` of store `{name}` is not there")
    schema = world.path(layout.schema) if layout.schema else None
    if schema is not None and not schema.is_file():
        raise UsageError(f"there is no schema file `{layout.schema}`")
    seen = scan(folder, world)
    store = _store(folder, seen, world, schema=schema, name=name)
    parts = {
        "policies": _expand(layout.policies, names.is_policy, world),
        "links": _expand(layout.links, names.is_links, world),
        "entities": _expand(layout.entities, names.is_entities, world),
        "tests": _expand(layout.tests, names.is_request, world),
    }
    given = {part: found for part, found in parts.items() if found}
    return replace(store, **given, shared_entities=bool(layout.entities))


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
    fixed = Path(path.anchor)
    parts = path.parts[1:]
    for number, part in enumerate(parts):
        if any(letter in part for letter in "*?["):
            return sorted(one for one in fixed.glob("/".join(parts[number:])) if one.is_file())
        fixed /= part
    return []


def _by_convention(path: Path, world: World) -> list[Store]:
    if path.is_file():
        return [_around_file(path, world)]
    seen = scan(path, world)
    schemas = _schema_folders(seen)
    stores = [_store(folder, seen, world, among=schemas) for folder in schemas]
    strays = _below(seen, seen.root, schemas)
    if any(names.is_policy(one.name) for one in strays):
        outer = None if schemas else _outer_store_folder(path, world)
        if outer is not None:
            return [_store(outer, scan(outer, world), world)]
        stores.append(_store(seen.root, seen, world, among=[seen.root, *schemas]))
    if not stores and (outer := _outer_store_folder(path, world)) is not None:
        stores.append(_store(outer, scan(outer, world), world))
    return stores


def _around_file(path: Path, world: World) -> Store:
    """The store that a file stands for: the nearest folder upwards with a schema."""
    if not names.is_any(path.name):
        raise UsageError(f"`{world.shown(path)}` has no name that Cedar files have")
    outer = _outer_store_folder(path.parent, world) or path.parent
    return _store(outer, scan(outer, world), world)


def _outer_store_folder(folder: Path, world: World) -> Path | None:
    """The nearest folder with a schema, from ``folder`` up to the repository's root."""
    root = repository_root(folder) or world.cwd
    for candidate in (folder, *folder.parents):
        if any(names.is_schema(one.name) for one in candidate.iterdir()):
            return candidate
        if candidate == root:
            break
    return None


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
    return names.TESTS_FOLDER in path.relative_to(store).parts


def _below(seen: Scan, folder: Path, among: Sequence[Path]) -> list[Path]:
    """The files below ``folder`` that belong to no store of ``among`` further down."""
    inner = [one for one in among if one != folder and one.is_relative_to(folder)]
    return [
        one
        for one in seen.files
        if one.is_relative_to(folder) and not any(one.is_relative_to(other) for other in inner)
    ]


def _store(
    folder: Path,
    seen: Scan,
    world: World,
    *,
    among: Sequence[Path] = (),
    schema: Path | None = None,
    name: str = "",
) -> Store:
    files = _below(seen, folder, among)
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
