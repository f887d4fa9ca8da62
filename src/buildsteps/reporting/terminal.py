"""For people: what was judged, what stops, why, and what to do; plain or coloured."""

from collections.abc import Iterator, Mapping, Sequence

from buildsteps.reporting.gathered import Gathered
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.standing import standing_of
from buildsteps.reporting.stopping import findings_beside_cases
from buildsteps.reporting.table_text import table_lines
from buildsteps.reporting.terminal_ink import Ink
from buildsteps.reporting.terminal_scanned import beside, gathered
from buildsteps.reporting.text import printable
from buildsteps.results import (
    Case,
    Counts,
    Finding,
    Outcome,
    RunResult,
    Severity,
    Table,
    VerdictOutcome,
)

_OUTCOME_COLOUR = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.ERROR: "red",
    Outcome.SKIPPED: "yellow",
}
_SEVERITY_WORD = {
    Severity.CRITICAL: ("critical", "red"),
    Severity.HIGH: ("error", "red"),
    Severity.MEDIUM: ("warning", "yellow"),
    Severity.LOW: ("note", "cyan"),
    Severity.INFO: ("note", "cyan"),
}


def render(result: RunResult, rendering: Rendering) -> Iterator[str]:
    """Render for a terminal: groups, what stops with its detail, findings, the verdict."""
    page = _Page(rendering)
    quiet = rendering.verbosity < 0
    report = result.report
    # In the order judged: what did not validate stands before the tests that it may explain.
    stops = [case for case in report.cases if case.outcome in (Outcome.FAILED, Outcome.ERROR)]
    if not quiet:
        yield from page.heading(result)
        yield from page.groups(report.cases)
    known = Gathered.of(report)
    for case in stops:
        yield from page.case(case, known.findings(case))
    if not quiet:
        others = findings_beside_cases(report)
        for finding in others:
            if not finding.engines:
                yield from page.finding(finding)
        scanned = [finding for finding in others if finding.engines]
        yield from beside(scanned, standing_of(report), page)
        for table in report.tables:
            yield from page.table(table)
    if not quiet or stops or result.verdict.exit_code:
        yield from page.verdict(result)


class _Page(Ink):
    """Renders the parts of a report."""

    def heading(self, result: RunResult) -> Iterator[str]:
        engine = result.report.facts.get("engine", {})
        title = self.paint(f"buildsteps {printable(result.title)}", "bold")
        if isinstance(engine, Mapping):
            named = " ".join(str(engine[key]) for key in ("name", "version") if key in engine)
            title += self.paint(f"  {printable(named)}", "dim") if named else ""
        yield f"{title}\n"
        for note in result.report.notes:
            yield f"{self.line(note)}\n"

    def groups(self, cases: Sequence[Case]) -> Iterator[str]:
        groups: dict[str, list[Case]] = {}
        for case in cases:
            groups.setdefault(case.group, []).append(case)
        if groups:
            yield "\n"
        width = min(max((len(printable(group)) for group in groups), default=0), 60)
        for group, members in groups.items():
            yield f"  {self.line(group):<{width}}  {self._tally(members)}\n"
            if self.rendering.verbosity > 0:
                for case in members:
                    yield from self._case_line(case)

    def _tally(self, members: Sequence[Case]) -> str:
        parts = []
        for outcome in Outcome:
            number = sum(case.outcome is outcome for case in members)
            if number:
                word = _plural(number, "error") if outcome is Outcome.ERROR else outcome.value
                parts.append(self.paint(f"{number} {word}", _OUTCOME_COLOUR[outcome]))
        return ", ".join(parts)

    def _case_line(self, case: Case) -> Iterator[str]:
        word = self.paint(f"{case.outcome.value:<7}", _OUTCOME_COLOUR[case.outcome])
        message = f"  {self.line(case.message)}" if case.message else ""
        yield f"    {word} {self.line(case.name)}{message}\n"
        if case.outcome in (Outcome.PASSED, Outcome.SKIPPED) and case.detail:
            yield self.indented(case.detail, 12)

    def case(self, case: Case, findings: Sequence[Finding]) -> Iterator[str]:
        word = "FAILED" if case.outcome is Outcome.FAILED else "ERROR"
        title = f"{self.line(case.group)} > {self.line(case.name)}"
        yield f"\n{self.paint(word, 'red')} {self.paint(title, 'bold')}\n"
        if findings:
            yield from gathered(findings, self)
            return
        place = f"{printable(str(case.locations[0]))}: " if case.locations else ""
        yield f"  {place}{self.line(case.message)}\n"
        if case.detail:
            yield self.indented(case.detail, 2)

    def finding(self, finding: Finding) -> Iterator[str]:
        word, colour = _SEVERITY_WORD[finding.severity]
        if finding.accepted:
            word, colour = "accepted", "dim"
        label = self.paint(f"{word}[{printable(finding.rule)}]", colour)
        place = f"{printable(str(finding.locations[0]))}: " if finding.locations else ""
        yield f"\n{label} {place}{self.line(finding.message)}\n"
        if finding.accepted:
            yield f"  accepted: {printable(finding.accepted)}\n"
            return
        if finding.detail:
            yield self.indented(finding.detail, 2)
        if finding.fix:
            yield f"  fix: {printable(finding.fix)}\n"
        if finding.help and self.rendering.verbosity > 0:
            yield f"  help: {printable(finding.help)}\n"

    def table(self, table: Table) -> Iterator[str]:
        yield f"\n{self.paint(printable(table.title), 'bold')}\n"
        for number, line in enumerate(table_lines(table)):
            yield f"  {self.paint(line, 'dim') if number == 0 else line}\n"

    def verdict(self, result: RunResult) -> Iterator[str]:
        counts = Counts.of(result.report)
        parts = [
            f"{counts.passed:,} passed",
            *([f"{counts.failed:,} failed"] if counts.failed else []),
            *([f"{counts.error:,} {_plural(counts.error, 'error')}"] if counts.error else []),
            *([f"{counts.skipped:,} skipped"] if counts.skipped else []),
            *(
                [f"{counts.findings:,} {_plural(counts.findings, 'finding')}"]
                if counts.findings
                else []
            ),
        ]
        seconds = result.report.facts.get("seconds")
        took = f" in {seconds:.2f} s" if isinstance(seconds, float | int) else ""
        passed = result.verdict.outcome is VerdictOutcome.PASSED
        word = self.paint("PASSED", "green") if passed else self.paint(_word(result), "red")
        yield f"\n{word}: {', '.join(parts)}{took}\n"
        for reason in result.verdict.reasons:
            yield f"  {self.line(reason)}\n"


def _word(result: RunResult) -> str:
    words = {
        VerdictOutcome.STOPPED: "STOPPED",
        VerdictOutcome.WRONG_CALL: "NOT JUDGED",
        VerdictOutcome.WORLD_FAILED: "NOT JUDGED",
        VerdictOutcome.INTERRUPTED: "INTERRUPTED",
    }
    if result.verdict.outcome is VerdictOutcome.WRONG_CALL and Counts.of(result.report).passed:
        return "WRONG CALL"
    return words[result.verdict.outcome]


def _plural(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"
