"""Markdown for a pull-request comment: what stops first, and never more than GitHub takes."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from msgspec import Struct

import buildsteps
from buildsteps.reporting.facts import flat_facts
from buildsteps.reporting.headline import counts_line, most_severe_first
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.markdown_text import bullet, code, fenced, header, html, inline, row
from buildsteps.reporting.standing import (
    beside_title,
    is_old,
    known_sentence,
    standing_of,
    standing_table,
)
from buildsteps.reporting.stopping import findings_beside_cases, stopping
from buildsteps.reporting.text import counted, web_address
from buildsteps.results import (
    Case,
    Counts,
    Finding,
    Location,
    Report,
    RunResult,
    Table,
    VerdictOutcome,
)

COMMENT_LIMIT = 65_536
"""Characters that GitHub takes in the body of a comment."""

_RESERVE = 8_000
"""Characters kept back for the sentences that say what is not shown."""
_MOST_LINES = 10
_MOST_TABLES = 20
_MOST_COLUMNS = 20
_MARKS = {VerdictOutcome.PASSED: "✅", VerdictOutcome.STOPPED: "❌"}


_Item = TypeVar("_Item")


class Section(Struct, Generic[_Item], frozen=True, kw_only=True):
    """Items under a head, each made Markdown by ``shown``.

    ``noun`` names an item in the sentence about those left out. The section may fill one part in
    ``parts`` of the room that those before it left.
    """

    head: str
    items: Sequence[_Item]
    shown: Callable[[_Item], str]
    noun: str
    parts: int = 1

    def fitted(self, room: int) -> str:
        """Return the section with as many whole items as fit into ``room`` characters."""
        room = room // self.parts - len(self.head)
        kept: list[str] = []
        for text in map(self.shown, self.items):
            room -= len(text)
            if room < 0:
                break
            kept.append(text)
        missing = len(self.items) - len(kept)
        said = _not_shown(missing, self.noun) if missing else ""
        return f"{self.head}{''.join(kept)}{said}" if kept else said


def render(result: RunResult, rendering: Rendering) -> Iterator[str]:
    """Yield the comment; what does not fit is counted in a sentence, failed cases come first."""
    head, footer = _head(result), _footer(result.report)
    room = COMMENT_LIMIT - _RESERVE - len(head) - len(footer)
    yield head
    for section in _sections(result.report, everything=rendering.verbosity >= 0):
        text = section.fitted(room)
        room -= len(text)
        yield text
    yield footer


def _not_shown(number: int, noun: str) -> str:
    verb = "is" if number == 1 else "are"
    return f"\n_{counted(number, noun)} {verb} not shown: the comment would be too long._\n"


def _head(result: RunResult) -> str:
    verdict = result.verdict
    mark = _MARKS.get(verdict.outcome, "⚠️")
    decision = verdict.outcome.value.replace("-", " ")
    command = inline(result.title, 100)
    title = f"### {mark} {command}: {decision} (exit code {verdict.exit_code:d})\n"
    counts = counts_line(Counts.of(result.report))
    return f"{title}\n{counts}\n{_standing(result.report)}{_reasons(verdict.reasons)}"


def _standing(report: Report) -> str:
    """How the findings of scanners stand, as a small table."""
    standing = standing_of(report)
    if standing is None:
        return ""
    columns, cells = standing_table(standing)
    return f"\n{header(*columns)}{row(cells)}"


def _reasons(reasons: Sequence[str]) -> str:
    if not reasons:
        return ""
    lines = [bullet(reason) for reason in reasons[:_MOST_LINES]]
    missing = len(reasons) - len(lines)
    return "\n" + "".join(lines) + (_not_shown(missing, "more reason") if missing else "")


def _sections(report: Report, *, everything: bool) -> Iterator[Section[Any]]:
    stops = stopping(report)
    yield Section(
        head="\n#### What stops\n\n" + header("outcome", "case", "where", "message"),
        items=stops,
        shown=_case_row,
        noun="more case",
    )
    yield Section(
        head="\n#### Details\n",
        items=[case for case in stops if case.detail],
        shown=_details,
        noun="more detail",
        parts=2,
    )
    if everything:
        findings = findings_beside_cases(report)
        yield _findings(most_severe_first(one for one in findings if not is_old(one)))
        old = known_sentence(findings)
        yield Section(head="", items=[f"\n_{old}._\n"] if old else [], shown=str, noun="sentence")
        yield from _tables(report.tables)
        yield Section(head="\n", items=report.notes, shown=bullet, noun="more note")


def _case_row(case: Case) -> str:
    outcome = f"{case.outcome} ({case.cause})" if case.cause else case.outcome.value
    name = inline(f"{case.group}: {case.name}" if case.group else case.name)
    return row((outcome, name, _where(case.locations), inline(case.message)))


def _details(case: Case) -> str:
    summary = f"<summary>{html(case.name)}</summary>"
    return f"\n<details>{summary}\n\n{fenced(case.detail)}\n</details>\n"


def _where(locations: Sequence[Location]) -> str:
    if not locations:
        return ""
    others = f" and {len(locations) - 1} more" if len(locations) > 1 else ""
    return code(str(locations[0])) + others


def _findings(findings: Sequence[Finding]) -> Section[Finding]:
    return Section(
        head=f"\n#### {beside_title(findings)}\n\n"
        + header("severity", "rule", "where", "message"),
        items=findings,
        shown=_finding_row,
        noun="more finding",
    )


def _finding_row(finding: Finding) -> str:
    rule, address = inline(finding.rule, 100), web_address(finding.help)
    if address and len(address) <= 300:
        rule = f'<a href="{address.replace("&", "&amp;")}">{rule}</a>'
    message = inline(finding.message)
    if finding.fix:
        message += f"<br>Fix: {inline(finding.fix)}"
    if finding.accepted:
        message += f"<br>Accepted: {inline(finding.accepted)}"
    return row((finding.severity.value, rule, _where(finding.locations), message))


def _tables(tables: Sequence[Table]) -> Iterator[Section[Any]]:
    with_columns = [table for table in tables if table.columns]
    for table in with_columns[:_MOST_TABLES]:
        columns = table.columns[:_MOST_COLUMNS]
        titles = header(*(inline(column, 60) for column in columns))
        yield Section(
            head=f"\n#### {inline(table.title, 100)}\n\n{titles}",
            items=table.rows,
            shown=partial(_table_row, columns=len(columns)),
            noun="more row",
        )
    others = len(with_columns) - _MOST_TABLES
    if others > 0:
        sentence = _not_shown(others, "more table")
        yield Section(head="", items=[sentence], shown=str, noun="more sentence")


def _table_row(cells: Sequence[str], columns: int) -> str:
    padded = [*cells, *[""] * (columns - len(cells))]
    return row(inline(cell, 100) for cell in padded[:columns])


def _footer(report: Report) -> str:
    facts = list(flat_facts(report.facts))[:_MOST_LINES]
    parts = [f"{inline(name, 60)} {inline(value, 60)}" for name, value in facts]
    return "\n<sub>" + " · ".join([f"buildsteps {buildsteps.__version__}", *parts]) + "</sub>\n"
