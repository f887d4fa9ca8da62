"""What bandit's report means: sightings, files that were read, and those that could not be."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from buildsteps.errors import UnreadableError
from buildsteps.results import Case, Cause, Location, unjudged
from buildsteps.steps.scan.engines.bandit_report import BanditReport, Issue, Skipped
from buildsteps.steps.scan.python.comments import nosec_reason
from buildsteps.steps.scan.python.source import Sources, decoded
from buildsteps.steps.scan.python.syntax import no_python, parsed, unparsed
from buildsteps.steps.scan.python_rules import SECRETS, bandit_severity
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.world import World

_OF_STRINGS = frozenset({"B104", "B105", "B108", "B608"})
"""Rules about a string: bandit's range of lines is then that of what holds it, such as a table."""

_INTERNAL = re.compile(r"Bandit internal error running: (\S+) on file (.+) at line (\d+): ?(.*)")
_ANCHOR = re.compile(r"#b\d{3}-(.+)")
_DOTS = re.compile(r"\A(?:\./)+")


class _Judged(Protocol):
    @property
    def report(self) -> BanditReport: ...
    @property
    def stderr(self) -> str: ...


class Meaning:
    """Reads reports of one scan, with the sources that they speak of."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sources = Sources(world)

    def quieted(self, report: BanditReport) -> list[str]:
        """The files in which a ``nosec`` comment let something pass."""
        return [
            _shown(name)
            for name, one in report.metrics.items()
            if name != "_totals" and (one.nosec or one.skipped_tests)
        ]

    def read(self, report: BanditReport) -> set[str]:
        """The files that were read to their end."""
        skipped = {one.filename for one in report.errors}
        return {_shown(name) for name in report.metrics if name not in skipped} - {"_totals"}

    def sightings(
        self, reports: Sequence[BanditReport], loud: Sequence[BanditReport]
    ) -> list[Sighting]:
        """What was seen, and what was let pass: what only ``loud`` has, which heeds no comment."""
        live = [one for report in reports for one in report.results]
        seen = Counter(one.identity for one in live)
        let_pass = []
        for one in (issue for report in loud for issue in report.results):
            if seen[one.identity] > 0:
                seen[one.identity] -= 1
            else:
                let_pass.append(one)
        found = [self._sighting(one, suppressed="") for one in _by_file(live)]
        found += [self._sighting(one, self._reason(one)) for one in _by_file(let_pass)]
        return sorted(found, key=lambda one: (one.locations[0].path, one.locations[0].line or 0))

    def cases(self, judged: _Judged) -> Iterator[Case]:
        """Files that could not be judged, and rules that broke on one."""
        yield from self._skipped(judged.report.errors)
        for rule, name, line, why in _INTERNAL.findall(judged.stderr):
            path = _shown(name)
            message = f"bandit's rule {rule} failed on it: {why.removesuffix('Traceback')}"
            yield unjudged(
                path,
                "bandit",
                message.split("Traceback (most")[0].rstrip(": "),
                kind="engine",
                cause=Cause.WORLD,
                locations=(Location(path, int(line) or None),),
            )

    def _skipped(self, errors: Sequence[Skipped]) -> Iterator[Case]:
        doubtful = {_shown(one.filename): one.reason for one in errors}
        unread = {path: why for path in doubtful if (why := self._unreadable(path))}
        asked = [path for path in doubtful if path not in unread]
        mistakes = parsed(self._world, asked)
        for path, reason in doubtful.items():
            if path in unread:
                yield no_python(Location(path), unread[path])
            elif path in mistakes:
                yield unparsed(mistakes[path])
            else:
                message = f"bandit failed on it: {reason}"
                yield unjudged(path, "bandit", message, kind="engine", cause=Cause.WORLD)

    def _unreadable(self, path: str) -> str:
        """Why a file is no text, or nothing where it is one."""
        try:
            decoded(self._world.files.read_bytes(self._world.path(path)))
        except UnreadableError as error:
            return error.message
        except ValueError as error:
            return str(error)
        return ""

    def _sighting(self, one: Issue, suppressed: str) -> Sighting:
        secret = one.test_id in SECRETS
        return Sighting(
            engine="bandit",
            rule=one.test_id,
            title=_title(one),
            severity=bandit_severity(
                one.test_id, one.issue_severity, one.issue_confidence, one.issue_text
            ),
            # bandit quotes what it takes for a password.
            message=one.issue_text.partition(":")[0] if secret else one.issue_text.strip(),
            locations=(self._location(one),),
            cwes=(one.issue_cwe.id,) if one.issue_cwe.id else (),
            help=one.more_info,
            secret=secret,
            suppressed=suppressed,
            extent=_extent(one),
        )

    def _location(self, one: Issue) -> Location:
        """The place; its columns where they are of the line that bandit names.

        Of a call over several lines bandit names the line of one argument, but the columns of the
        call's first and last line.
        """
        path, line = _shown(one.filename), one.line_number
        if line < 1 or one.col_offset < 0 or (one.line_range and one.line_range[0] != line):
            return Location(path, max(line, 1))
        column = self._sources.column(path, line, one.col_offset)
        if one.line_range[-1:] not in ((), (line,)) or one.end_col_offset <= one.col_offset:
            return Location(path, line, column)
        end = self._sources.column(path, line, one.end_col_offset)
        return Location(path, line, column, line, end)

    def _reason(self, one: Issue) -> str:
        path = _shown(one.filename)
        numbers = dict.fromkeys((one.line_number, *one.line_range))
        return nosec_reason(self._sources.line(path, number) for number in numbers)


def _by_file(issues: Iterable[Issue]) -> list[Issue]:
    """In the order of files, so that each source is read once."""
    return sorted(issues, key=lambda one: one.filename)


def _extent(one: Issue) -> tuple[int, int] | None:
    if one.test_id in _OF_STRINGS or len(one.line_range) < 2:
        return None
    return one.line_range[0], one.line_range[-1]


def _title(one: Issue) -> str:
    """The rule's name in words; rules of a list are all called ``blacklist`` by bandit."""
    anchor = _ANCHOR.search(one.more_info) if one.test_name == "blacklist" else None
    return (anchor[1] if anchor else one.test_name).replace("-", " ").replace("_", " ")


def _shown(name: str) -> str:
    """The path as we show it: bandit puts ``./`` before what we gave it."""
    return _DOTS.sub("", name).replace(os.sep, "/") if os.sep != "/" else _DOTS.sub("", name)
