"""SARIF files that scanners wrote before: ``--sarif FILE``."""

import os
from collections.abc import Iterator
from pathlib import Path

from buildsteps.config import STDIN
from buildsteps.errors import UnreadableError, UsageError
from buildsteps.steps.scan.sarif.origin import Origin, unreadable
from buildsteps.steps.scan.sarif.reading import MAX_BYTES
from buildsteps.steps.scan.sarif.runs import scans_of
from buildsteps.steps.scan.sarif.selecting import selected
from buildsteps.steps.scan.sarif.tree import Tree
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Read the files; see :class:`~buildsteps.steps.scan.engines.interface.Engine`.

    A file that is given twice, or a run that stands in two files, is read once.

    Raises:
        UsageError: no file is given, or one is not there.
    """
    if not options.sarif:
        raise UsageError("the engine sarif reads files: name them with --sarif FILE")
    tree = Tree(source_root(options, world), world)
    found: list[Scanned] = []
    seen: dict[bytes, str] = {}
    for text in _once(options.sarif, world):
        found += _scans(text, tree, world, seen)
    return tuple(selected(one, subjects, options) for one in found)


def source_root(options: ScanOptions, world: World) -> Path:
    """Where relative paths begin.

    Raises:
        UsageError: it is no folder.
    """
    root = world.path(options.source_root or ".")
    if not root.is_dir():
        raise UsageError(f"--source-root {options.source_root}: there is no such folder")
    return root


def _once(texts: tuple[str, ...], world: World) -> Iterator[str]:
    """Each file once; one that is not there is a wrong call, before anything is read."""
    for text in texts:
        if text != STDIN and not world.path(text).is_file():
            there = world.path(text).exists()
            what = "is no file; - is standard input" if there else "is not there"
            raise UsageError(f"--sarif {text}: {what}")
    seen: set[str] = set()
    for text in texts:
        real = text if text == STDIN else os.path.realpath(world.path(text))
        if real in seen:
            world.note(f"--sarif {text} is given twice; read once")
            continue
        seen.add(real)
        yield text


def _scans(text: str, tree: Tree, world: World, seen: dict[bytes, str]) -> tuple[Scanned, ...]:
    name = "stdin" if text == STDIN else world.shown(world.path(text))
    origin = Origin(name=name, subject=name)
    try:
        data = _data(text, world)
    except UnreadableError as error:
        return (unreadable(error, origin),)
    return scans_of(data, origin, tree, seen)


def _data(text: str, world: World) -> bytes:
    if text == STDIN:
        return world.read_stdin()
    return world.files.read_bytes(world.path(text), MAX_BYTES)
