"""What a policy store is, as files."""

from pathlib import Path

from msgspec import Struct

from buildsteps.steps.cedar.stores import names


class Store(Struct, frozen=True, kw_only=True):
    """The files of one policy store; ``entities_of`` tells which entities a test sees.

    ``tests`` are requests in ALLOW and DENY folders, ``suites`` tests in our own format,
    ``case_files`` those of the Cedar CLI's ``run-tests``. ``misnamed_tests`` are tests by their
    folder or form, but not by their name, so that none of them is run. ``test_places`` are the
    files, folders and globs that name them where convention does not; ``empty_test_places``
    say which of them have none yet. ``stdin`` stands for policies read from standard input.
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
    misnamed_tests: tuple[Path, ...] = ()
    outside_links: tuple[Path, ...] = ()
    test_places: tuple[Path, ...] = ()
    empty_test_places: tuple[str, ...] = ()
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
