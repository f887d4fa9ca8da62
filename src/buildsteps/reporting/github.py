"""GitHub workflow commands: annotations on the lines of a pull request, tables, the verdict.

GitHub shows at most 10 errors, 10 warnings and 10 notices of a step, so what stops comes first,
and a notice in front of the other notices says how many there are of a kind that is cut. Source:
"Workflow commands for GitHub Actions" and actions/toolkit's ``command.ts`` for the escaping.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from buildsteps.reporting.gathered import Gathered
from buildsteps.reporting.headline import most_severe_first, verdict_line
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.standing import is_old
from buildsteps.reporting.stopping import findings_beside_cases, stopping
from buildsteps.reporting.table_text import table_lines
from buildsteps.reporting.text import clipped, counted, printable
from buildsteps.results import Case, Finding, Location, Report, RunResult, Severity, Table

SHOWN = 10
MESSAGE_LIMIT = 4000

_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


class Annotation(Struct, frozen=True, kw_only=True):
    """One workflow command; ``command`` is error, warning or notice."""

    command: str
    title: str
    message: str
    location: Location | None = None


def render(result: RunResult, rendering: Rendering) -> Iterator[str]:
    """Yield a line an annotation, the worst first, and a line that says the verdict."""
    annotations = [*_of_cases(result.report)]
    if rendering.verbosity >= 0:
        annotations += _of_findings(result.report)
        annotations += map(_of_table, result.report.tables)
    by_command = {
        command: [annotation for annotation in annotations if annotation.command == command]
        for command in ("error", "warning", "notice")
    }
    cut = _cut(by_command)
    if cut:
        by_command["notice"].insert(0, cut)
    for kind in by_command.values():
        for annotation in kind:
            yield _line(annotation)
    yield verdict_line(result) + "\n"


def _of_cases(report: Report) -> Iterator[Annotation]:
    known = Gathered.of(report)
    for case in stopping(report):
        findings = known.findings(case)
        if findings:
            yield from (_of_finding(finding, "error") for finding in findings)
            continue
        yield Annotation(
            command="error",
            title=f"{case.group}: {case.name}",
            message=_message(case),
            location=case.locations[0] if case.locations else None,
        )


def _of_findings(report: Report) -> Iterator[Annotation]:
    """What is old is not annotated: it was there before the change that GitHub shows."""
    for finding in most_severe_first(findings_beside_cases(report)):
        if not is_old(finding):
            yield _of_finding(finding, "notice" if finding.accepted else None)


def _of_finding(finding: Finding, command: str | None) -> Annotation:
    accepted = f"accepted ({finding.accepted}): " if finding.accepted else ""
    fix = f"\nFix: {finding.fix}" if finding.fix and finding.engines else ""
    return Annotation(
        command=command or _COMMANDS[finding.severity],
        title=f"{finding.rule} ({finding.severity})",
        message=accepted + _message(finding) + fix,
        location=finding.locations[0] if finding.locations else None,
    )


def _of_table(table: Table) -> Annotation:
    """A notice without a place: it stands on the page of the run, not in a file."""
    title = printable(table.title) or "table"
    return Annotation(command="notice", title=title, message="\n".join(table_lines(table)))


def _message(said: Case | Finding) -> str:
    return f"{said.message}\n{said.detail}" if said.detail else said.message


def _cut(by_command: dict[str, list[Annotation]]) -> Annotation | None:
    over = [
        counted(len(kind), command) for command, kind in by_command.items() if len(kind) > SHOWN
    ]
    if not over:
        return None
    message = f"GitHub shows {SHOWN} of a kind; there are {_listed(over)}, all in the step's log."
    return Annotation(command="notice", title="Not all annotations are shown", message=message)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _line(annotation: Annotation) -> str:
    properties = {**_place(annotation.location), "title": printable(annotation.title)}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = clipped(printable(annotation.message, multiline=True), MESSAGE_LIMIT)
    return f"::{annotation.command} {listed}::{_data(message)}\n"


def _place(location: Location | None) -> dict[str, str]:
    """Name the place; GitHub takes columns only where the place is on one line."""
    if location is None or not location.path:
        return {}
    place = {"file": printable(location.path)}
    if location.line is None:
        return place
    place |= {"line": str(location.line), "endLine": str(location.end_line or location.line)}
    if location.column is not None and location.end_line in (None, location.line):
        end = location.end_column or location.column
        place |= {"col": str(location.column), "endColumn": str(end)}
    return place


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
