"""Which policy stores are there? By convention, by configuration, or by flags."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.cedar.stores import names
from buildsteps.steps.cedar.stores.conventions import (
    sorted_scan,
    store_in,
    stores_below,
    stores_by_convention,
)
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.scan import scan
from buildsteps.steps.cedar.stores.shapes import Shape, sniff
from buildsteps.steps.cedar.stores.store import Found, Store
from buildsteps.world import World


def find_stores(
    paths: Sequence[str],
    layout: Layout,
    configured: Mapping[str, Layout],
    world: World,
    *,
    without_tests: bool = False,
) -> Found:
    """Find the stores that ``paths`` stand for; ``layout`` holds what flags say.

    ``without_tests`` takes a folder or glob that is said to have the tests, and has none yet.

    Raises:
        UsageError: a path that is not there, a folder with two schemas, an empty glob.
    """
    try:
        found = _find(_each_once(paths, world), layout, configured, world)
    except OSError as error:  # such as a name that is too long, or a folder that is locked
        place = Location(path=world.shown(error.filename)) if error.filename else None
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot be reached: {reason}", place) from None
    empty = [place for store in found.stores for place in store.empty_test_places]
    if empty and not without_tests:
        raise UsageError(f"{empty[0]}; --init-tests can begin")
    return found


def _each_once(paths: Sequence[str], world: World) -> list[str]:
    """The paths, of several that mean the same file or folder the first; ``-`` is none."""
    found: dict[Path | None, str] = {}
    for text in paths:
        found.setdefault(None if text == "-" else world.path(text), text)
    return list(found.values())


def _find(
    paths: Sequence[str], layout: Layout, configured: Mapping[str, Layout], world: World
) -> Found:
    if layout != Layout() or "-" in paths:
        return Found((_by_flags(paths, layout, world),))
    if configured and not paths:
        return Found(tuple(_by_layout(name, one, world) for name, one in configured.items()))
    stores: dict[tuple[Path, str], Store] = {}
    integration: dict[Path, None] = {}
    strays: dict[Path, None] = {}
    for text in paths or (".",):
        path = _existing(text, world)
        named = _configured_at(path, configured, world)
        found = Found(tuple(named)) if named else stores_by_convention(path, world)
        for store in found.stores:
            stores.setdefault((store.folder, store.name), store)
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
        seen = sorted_scan(folder, world)
        inner = stores_below(folder, seen, schema)
        store = store_in(folder, seen, world, among=inner, schema=schema, name=name)
    parts = {
        "policies": _expand(layout.policies, names.is_policy, world),
        "links": _expand(layout.links, names.is_links, world),
        "entities": _expand(layout.entities, names.is_entities, world),
    }
    given: dict[str, Any] = {part: found for part, found in parts.items() if found}
    if layout.tests:
        empty = {one for one in layout.tests if _is_empty_place(one, world)}
        filled = [one for one in layout.tests if one not in empty]
        given |= _sorted_tests(_expand(filled, names.is_test, world), world)
        given["test_places"] = tuple(world.path(pattern) for pattern in layout.tests)
        given["empty_test_places"] = tuple(_no_match(one, world) for one in sorted(empty))
    named = {path for files in given.values() for path in files}
    given["misnamed_tests"] = tuple(one for one in store.misnamed_tests if one not in named)
    return replace(store, **given, shared_entities=bool(layout.entities))


def _is_empty_place(pattern: str, world: World) -> bool:
    """Whether a first suite could stand there, and no test does."""
    path = world.path(pattern)
    if path.is_dir():
        return not _matches(path, names.is_test, world)
    return path.parent.is_dir() and not path.is_file() and "*" in path.name and not _glob(path)


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
        matches = _matches(world.path(pattern), wanted, world)
        if not matches:
            raise UsageError(_no_match(pattern, world))
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _matches(path: Path, wanted: Callable[[str], bool], world: World) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return [one for one in scan(path, world).files if wanted(one.name)]
    return _glob(path)


def _no_match(pattern: str, world: World) -> str:
    """A pattern of the configuration is absolute by now; people know it as they wrote it."""
    shown = world.shown(world.path(pattern)) if Path(pattern).is_absolute() else pattern
    return f"`{shown}` matches no file"


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
