"""For people: what was judged, what stops, why, and what to do; plain or coloured."""

from collections.abc import Iterator, Mapping, Sequence

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.stopping import findings_beside_cases
from buildsteps.reporting.table_text import table_lines
from buildsteps.reporting.text import clipped_lines, printable
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

_LIMITS = (100, 500)
_VERBOSE_LIMITS = (2000, 10_000)
"""Lines of a detail, and characters of a line, that are shown; JSON has all of them."""

_COLOURS = {
    "bold": "1",
    "dim": "2",
    "red": "1;31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}
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
    for case in stops:
        yield from page.case(case)
    if not quiet:
        for finding in findings_beside_cases(report):
            yield from page.finding(finding)
        for table in report.tables:
            yield from page.table(table)
    if not quiet or stops or result.verdict.exit_code:
        yield from page.verdict(result)


class _Page:
    """Renders parts; holds only how to render."""

    def __init__(self, rendering: Rendering) -> None:
        self.rendering = rendering
        self.limits = _LIMITS if rendering.verbosity <= 0 else _VERBOSE_LIMITS

    def paint(self, text: str, colour: str) -> str:
        if not self.rendering.colour or not text:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def heading(self, result: RunResult) -> Iterator[str]:
        engine = result.report.facts.get("engine", {})
        title = self.paint(f"buildsteps {printable(result.title)}", "bold")
        if isinstance(engine, Mapping):
            named = " ".join(str(engine[key]) for key in ("name", "version") if key in engine)
            title += self.paint(f"  {printable(named)}", "dim") if named else ""
        yield f"{title}\n"
        for note in result.report.notes:
            yield f"{self._line_of(note)}\n"

    def groups(self, cases: Sequence[Case]) -> Iterator[str]:
        groups: dict[str, list[Case]] = {}
        for case in cases:
            groups.setdefault(case.group, []).append(case)
        if groups:
            yield "\n"
        width = min(max((len(printable(group)) for group in groups), default=0), 60)
        for group, members in groups.items():
            yield f"  {self._line_of(group):<{width}}  {self._tally(members)}\n"
            if self.rendering.verbosity > 0:
                for case in members:
                    yield from self._line(case)

    def _tally(self, members: Sequence[Case]) -> str:
        parts = []
        for outcome in Outcome:
            number = sum(case.outcome is outcome for case in members)
            if number:
                word = _plural(number, "error") if outcome is Outcome.ERROR else outcome.value
                parts.append(self.paint(f"{number} {word}", _OUTCOME_COLOUR[outcome]))
        return ", ".join(parts)

    def _line(self, case: Case) -> Iterator[str]:
        word = self.paint(f"{case.outcome.value:<7}", _OUTCOME_COLOUR[case.outcome])
        message = f"  {self._line_of(case.message)}" if case.message else ""
        yield f"    {word} {self._line_of(case.name)}{message}\n"
        if case.outcome in (Outcome.PASSED, Outcome.SKIPPED) and case.detail:
            yield self._indented(case.detail, 12)

    def case(self, case: Case) -> Iterator[str]:
        word = "FAILED" if case.outcome is Outcome.FAILED else "ERROR"
        title = f"{self._line_of(case.group)} > {self._line_of(case.name)}"
        yield f"\n{self.paint(word, 'red')} {self.paint(title, 'bold')}\n"
        place = f"{printable(str(case.locations[0]))}: " if case.locations else ""
        yield f"  {place}{self._line_of(case.message)}\n"
        if case.detail:
            yield self._indented(case.detail, 2)

    def finding(self, finding: Finding) -> Iterator[str]:
        word, colour = _SEVERITY_WORD[finding.severity]
        if finding.accepted:
            word, colour = "accepted", "dim"
        label = self.paint(f"{word}[{printable(finding.rule)}]", colour)
        place = f"{printable(str(finding.locations[0]))}: " if finding.locations else ""
        yield f"\n{label} {place}{self._line_of(finding.message)}\n"
        if finding.accepted:
            yield f"  accepted: {printable(finding.accepted)}\n"
            return
        if finding.detail:
            yield self._indented(finding.detail, 2)
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
            yield f"  {self._line_of(reason)}\n"

    def _indented(self, text: str, columns: int) -> str:
        margin = " " * columns
        lines = clipped_lines(printable(text, multiline=True), *self.limits)
        return "".join(f"{margin}{line}".rstrip() + "\n" for line in lines)

    def _line_of(self, text: str) -> str:
        """A text from outside on one line, not longer than people read."""
        return clipped_lines(printable(text), *self.limits)[0]


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
