"""Cases of a scan: a file that was read, or a rule where no file is known to be; clean ones pass.

A file is one case however many engines read it; its group names them. A finding of an engine that
does not say what it read fails the case of its rule, in the group of that engine, or of the engine
and its subject where it scanned several, such as images.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Outcome
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.verdict.case_words import detail_of, message_of, passed_message, sorted_
from buildsteps.steps.scan.verdict.unparsed import once, unparsed_files

MOST_RULES = 200
"""Rules of an engine that have each a case; of more, only those with a finding have one."""

_Key = tuple[str, str]  # the group, and the file or the rule


class _Room(Struct, frozen=True):
    """A scan that is judged by rules, and the group of its cases."""

    group: str
    scan: Scanned

    @property
    def listed(self) -> tuple[str, ...]:
        return self.scan.rules if len(self.scan.rules) <= MOST_RULES else ()


def cases_of(
    scans: Sequence[Scanned], findings: Sequence[Finding], stops: Collection[str], most: int = 0
) -> list[Case]:
    """Judge what was scanned; ``stops`` are the fingerprints of the findings that stop.

    As many as ``most`` of them are let pass; with more, all stop.
    """
    number = sum(one.fingerprint in stops for one in findings)
    judged = _judged(scans, findings, stops if number > most else ())
    cases = [*once([case for scan in scans for case in scan.cases]), *judged]
    return [*cases, _limit(number, most)] if most > 0 and cases else cases


def _judged(
    scans: Sequence[Scanned], findings: Sequence[Finding], stops: Collection[str]
) -> list[Case]:
    readers, rooms = _readers(scans), _rooms(scans)
    files = {(", ".join(readers[path]), path) for path in readers}
    members: dict[_Key, list[Finding]] = {key: [] for key in sorted(files, key=lambda key: key[1])}
    members |= {(room.group, rule): [] for room in rooms for rule in room.listed}
    expected = set(members)
    for finding in findings:
        if finding.engines:
            members.setdefault(_key(finding, readers, rooms), []).append(finding)
    unparsed = unparsed_files(scans)
    cases = []
    for key, found in members.items():
        is_file = key in files
        case = _case(key, found, stops, is_file=is_file)
        failed = case.outcome is Outcome.FAILED
        if failed or (key in expected and not (is_file and key[1] in unparsed)):
            cases.append(case)
    return [*cases, *_others(rooms, cases)]


def _readers(scans: Sequence[Scanned]) -> dict[str, tuple[str, ...]]:
    """The engines that read a file, by its path."""
    readers: dict[str, tuple[str, ...]] = {}
    for scan in scans:
        for path in scan.read or ():
            known = readers.get(path, ())
            if scan.engine not in known:
                readers[path] = (*known, scan.engine)
    return readers


def _rooms(scans: Sequence[Scanned]) -> list[_Room]:
    """The scans that are judged by rules; several of one engine have groups of their own."""
    by_rules = [scan for scan in scans if scan.read is None]
    engines = [scan.engine for scan in by_rules]
    return [
        _Room(
            f"{scan.engine}: {scan.subject}" if engines.count(scan.engine) > 1 else scan.engine,
            scan,
        )
        for scan in by_rules
    ]


def _key(finding: Finding, readers: Mapping[str, tuple[str, ...]], rooms: Sequence[_Room]) -> _Key:
    """The case that a finding belongs to."""
    path = finding.locations[0].path if finding.locations else ""
    reading = readers.get(path, ())
    if any(engine in reading for engine in finding.engines):
        return ", ".join(reading), path
    own = [room for room in rooms if room.scan.engine in finding.engines]
    room = own[0] if own else None
    if len(own) > 1:
        room = next((one for one in own if _saw(one.scan, finding)), room)
    if room is None:
        return finding.engines[0], finding.rule
    names = (finding.rule, *finding.aliases)
    rule = next((one for one in names if one in room.scan.rules), finding.rule)
    return room.group, rule


def _saw(scan: Scanned, finding: Finding) -> bool:
    """Whether this scan, of several of one engine, is the one that saw a finding."""
    if finding.locations and finding.locations[0].path == scan.subject:
        return True
    names = (finding.rule, *finding.aliases)
    return any(
        one.rule in names and one.locations[:1] == finding.locations[:1] for one in scan.sightings
    )


def _case(key: _Key, findings: Sequence[Finding], stops: Collection[str], *, is_file: bool) -> Case:
    group, name = key
    failing = sorted_([one for one in findings if one.fingerprint in stops])
    if not failing:
        return Case(
            name=name, group=group, outcome=Outcome.PASSED, message=passed_message(findings)
        )
    return Case(
        name=name,
        group=group,
        outcome=Outcome.FAILED,
        kind="finding",
        message=message_of(failing, in_file=is_file),
        detail=detail_of(failing),
        locations=tuple(place for one in failing for place in one.locations[:1]),
        findings=tuple(one.fingerprint for one in failing),
    )


def _others(rooms: Sequence[_Room], cases: Sequence[Case]) -> Iterator[Case]:
    """What an engine judged beside the rules that have cases, so that a clean scan shows, too."""
    made: dict[str, int] = {}
    for case in cases:
        made[case.group] = made.get(case.group, 0) + 1
    for room in rooms:
        number = made.get(room.group, 0)
        left = len(room.scan.rules) - number
        if not room.listed and left > 0:
            noun = "other rule" if number else "rule"
            yield Case(
                name=f"{counted(left, noun)} without a failure",
                group=room.group,
                outcome=Outcome.PASSED,
            )
        elif not number and not room.scan.cases:
            yield Case(name=room.scan.subject, group=room.group, outcome=Outcome.PASSED)


def _limit(number: int, most: int) -> Case:
    """The case of ``--max``, which says how far from the limit a run is."""
    over = number - most
    said = counted(number, "finding")
    return Case(
        name=f"at most {counted(most, 'finding')}",
        group="limit",
        outcome=Outcome.FAILED if over > 0 else Outcome.PASSED,
        kind="limit" if over > 0 else "",
        message=f"{said}: {over:,} more than --max {most} lets pass" if over > 0 else said,
    )
