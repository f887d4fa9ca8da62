"""ruff: Python code for security and for bugs, apart from the project's own configuration."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set

from msgspec.structs import replace

from buildsteps.errors import UnreadableError
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, Location, unjudged
from buildsteps.steps.scan.engines.ruff_calls import UNREADABLE, Calls
from buildsteps.steps.scan.engines.ruff_report import Diagnostic
from buildsteps.steps.scan.python.comments import noqa_reason
from buildsteps.steps.scan.python.files import python_files
from buildsteps.steps.scan.python.source import Sources, decoded
from buildsteps.steps.scan.python.syntax import no_python
from buildsteps.steps.scan.python_rules import SECRETS, canonical, ruff_cwes, ruff_severity
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World

_MARKS = re.compile(rb"noqa|ruff:", re.IGNORECASE)
_HEEDING_NONE = "--ignore-noqa"


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Scan the Python files; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    files = python_files(subjects, world, stubs=True)
    calls = Calls(world, options.timeout)
    version = calls.version()
    judged = Judging(files, calls, world) if files else None
    notes = [f"ruff {version} has no rule {rule}" for rule in calls.unknown]
    return (
        Scanned(
            engine="ruff",
            subject=counted(len(files), "file"),
            version=version,
            sightings=judged.sightings() if judged else (),
            read=judged.read if judged else frozenset(),
            cases=judged.cases if judged else (),
            notes=tuple(notes),
            partial=bool(judged and judged.cases) or not subjects.whole,
        ),
    )


class Judging:
    """One scan: ``read`` are the files that were judged, ``cases`` those that could not be."""

    def __init__(self, files: Sequence[str], calls: Calls, world: World) -> None:
        self._world = world
        self._calls = calls
        self._sources = Sources(world)
        self._texts: dict[str, str] = {}
        self._names = _Names(files, world)
        self._all = self._asked(frozenset(files), _HEEDING_NONE)
        again = [self._shown(one) for one in self._all if one.code == UNREADABLE]
        broken = [self._unreadable(one) for one in self._all if one.code == UNREADABLE]
        self._all = [one for one in self._all if one.code != UNREADABLE]
        for path in again:
            if path in self._texts:
                self._all += calls.check_text(path, self._texts[path], _HEEDING_NONE)
        cases = [case for case in broken if case is not None] + self._unparsed()
        told = {case.name for case in cases}
        cases += self._unread([path for path in files if path not in told])
        self.cases = tuple(cases)
        self.read = frozenset(files) - {case.name for case in cases}

    def sightings(self) -> list[Sighting]:
        """What was seen in files that parse, and what a comment lets pass."""
        seen = [one for one in self._all if self._shown(one) in self.read]
        marked = {path for path in {self._shown(one) for one in seen} if self._is_marked(path)}
        live = Counter(self._asked(marked - set(self._texts)))
        for path in sorted(marked & set(self._texts)):
            live.update(self._calls.check_text(path, self._texts[path]))
        found = []
        for one in seen:
            suppressed = self._shown(one) in marked and not live[one]
            live[one] -= not suppressed
            found.append(self._sighting(one, self._reason(one) if suppressed else ""))
        return sorted(found, key=lambda one: (one.locations[0].path, one.locations[0].line or 0))

    def _asked(self, wanted: Set[str], *flags: str) -> list[Diagnostic]:
        """What ruff says of the files, those whose names it prints alike one by one."""
        distinct, alike = self._names.distinct, self._names.alike
        found = self._calls.check([path for path in distinct if path in wanted], *flags)
        for path in alike:
            if path in wanted:
                found += (replace(one, filename=path) for one in self._calls.check([path], *flags))
        return found

    def _shown(self, one: Diagnostic) -> str:
        return self._names.shown(one.filename)

    def _is_marked(self, path: str) -> bool:
        try:
            return _MARKS.search(self._world.files.read_bytes(self._world.path(path))) is not None
        except UnreadableError:
            return False

    def _unreadable(self, one: Diagnostic) -> Case | None:
        """The error case, unless the file declares an encoding that we can read for ruff."""
        path = self._shown(one)
        try:
            self._texts[path] = decoded(self._world.files.read_bytes(self._world.path(path)))
        except UnreadableError as error:
            why = error.message
        except ValueError as error:
            why = str(error)
        else:
            return None
        return no_python(Location(path), why)

    def _unparsed(self) -> list[Case]:
        first: dict[str, Diagnostic] = {}
        for one in self._all:
            if one.is_syntax:
                first.setdefault(self._shown(one), one)
        return [
            no_python(
                Location(path, one.location.row, one.location.column),
                f"is not valid Python: {one.message.removeprefix('SyntaxError: ')}",
            )
            for path, one in first.items()
        ]

    def _unread(self, files: Sequence[str]) -> list[Case]:
        """Files that ruff would not read: it says nothing of them, and ends with success."""
        lines = self._calls.listed([path for path in files if path not in self._texts])
        message = "ruff did not read it"
        return [
            unjudged(path, "ruff", message, kind="engine", cause=Cause.WORLD)
            for path in files
            if path not in self._texts and not lines.issuperset(self._names.printed(path))
        ]

    def _sighting(self, one: Diagnostic, suppressed: str) -> Sighting:
        rule = one.code or ""
        start, end = one.location, one.end_location
        path = self._shown(one)
        return Sighting(
            engine="ruff",
            rule=rule,
            title=_title(one),
            severity=ruff_severity(rule, one.message, self._code(one)),
            message=one.message,
            locations=(Location(path, start.row, start.column, end.row, end.column),),
            cwes=ruff_cwes(rule),
            help=one.url or "",
            fix=one.suggestion,
            secret=canonical(rule) in SECRETS,
            suppressed=suppressed,
        )

    def _code(self, one: Diagnostic) -> str:
        """The code at a place that may be a secret."""
        if canonical(one.code or "") not in SECRETS or one.location.row != one.end_location.row:
            return ""
        line = self._sources.line(self._shown(one), one.location.row)
        return line[one.location.column - 1 : one.end_location.column - 1]

    def _reason(self, one: Diagnostic) -> str:
        path = self._shown(one)
        row = one.noqa_row or one.location.row
        return noqa_reason(self._sources.line(path, row), self._sources.lines(path))


def _title(one: Diagnostic) -> str:
    """The rule's name in words; ruff before 0.13 gives it in the address of its page only."""
    name = one.name or (one.url or "").rstrip("/").rpartition("/")[2]
    return name.replace("-", " ")


class _Names:
    """How ruff prints the names of files, and which file is meant by such a name.

    It prints absolute paths, and what is no UTF-8 in them as U+FFFD. ``distinct`` are files
    that are told apart by that; each of ``alike`` is printed as one of them.
    """

    def __init__(self, files: Iterable[str], world: World) -> None:
        self._cwd = os.fspath(world.cwd)
        self._meant: dict[str, str] = {}
        self.alike: list[str] = []
        for path in files:
            if self._meant.setdefault(self._name(path), path) != path:
                self.alike.append(path)
        self.distinct = list(self._meant.values())

    def shown(self, name: str) -> str:
        """The path, as we show it, of a file that ruff names."""
        return self._meant.get(name, name)

    def printed(self, path: str) -> list[str]:
        """The lines on which ruff prints the file's name."""
        return self._name(path).splitlines()

    def _name(self, path: str) -> str:
        joined = os.path.normpath(os.path.join(self._cwd, path))  # noqa: PTH118 - thousands
        return os.fsencode(joined).decode(errors="replace")
