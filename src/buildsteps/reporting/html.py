"""One page for people: it needs nothing beside it, no network and no script."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import buildsteps
from buildsteps.reporting.facts import flat_facts
from buildsteps.reporting.gathered import Gathered
from buildsteps.reporting.headline import counts_line, most_severe_first
from buildsteps.reporting.html_findings import finding_html, gathered_html, places_html
from buildsteps.reporting.html_style import STYLE
from buildsteps.reporting.html_text import block, folded, inline, items, section, table
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.standing import beside_title, is_old, standing_of, standing_table
from buildsteps.reporting.stopping import findings_beside_cases, stopping
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Counts, Finding, Outcome, Report, RunResult, Table

MOST_CASES = 2_000
"""Cases of a kind and findings that are shown: a browser is slow with more."""

MOST_IN_A_CASE = 200
"""Findings of one case that are shown."""

_FEW = 20
"""Cases that do not stop, and lines of a detail, that are shown without being asked for."""

_SHORT = 70
"""Characters of a cell that stay on one line on a narrow screen, too."""

_FOLDED = ("In the baseline", "Accepted")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A browser loads and runs nothing, also if something slipped through."""


def render(result: RunResult, rendering: Rendering) -> Iterator[str]:
    """Yield the page; what stops comes first, and ``quiet`` shows nothing else."""
    report = result.report
    yield _head(result)
    stops = stopping(report)
    yield section(
        "What stops",
        _many(_cases(stops, Gathered.of(report)), "case", len(stops)),
    )
    if rendering.verbosity >= 0:
        yield from _sections(report)
    yield f'<footer><p class="quiet">buildsteps {buildsteps.__version__}</p></footer>\n'
    yield "</main>\n</body>\n</html>\n"


def _head(result: RunResult) -> str:
    verdict, title = result.verdict, inline(result.title)
    decision = verdict.outcome.value.replace("-", " ")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}: {decision}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header class="{verdict.outcome.value}">\n'
        f'<h1>{title}: <span class="word">{decision}</span></h1>\n'
        f"<p>{inline(counts_line(Counts.of(result.report)))}"
        f' <span class="quiet">· exit code {verdict.exit_code:d}</span></p>\n'
        f"{items(verdict.reasons)}</header>\n{_standing(result.report)}{items(result.report.notes)}"
    )


def _standing(report: Report) -> str:
    """How the findings of scanners stand, as a small table."""
    standing = standing_of(report)
    if standing is None:
        return ""
    columns, cells = standing_table(standing)
    return table(map(inline, columns), [map(inline, cells)], "standing short")


def _sections(report: Report) -> Iterator[str]:
    findings = findings_beside_cases(report)
    open_ones = [one for one in findings if not (one.accepted or is_old(one)) or not one.engines]
    yield _findings(beside_title(open_ones), open_ones)
    yield _findings("In the baseline", [one for one in findings if one.engines and is_old(one)])
    yield _findings("Accepted", [one for one in findings if one.engines and one.accepted])
    if report.charts:
        from buildsteps.reporting.html_charts import charts_of

        yield section("Charts", charts_of(report.charts))
    for one in report.tables:
        yield section(one.title, _table(one))
    for outcome in (Outcome.PASSED, Outcome.SKIPPED):
        cases = [case for case in report.cases if case.outcome is outcome]
        yield section(outcome.value.capitalize(), _other_cases(cases))
    facts = ((inline(name), inline(value)) for name, value in flat_facts(report.facts))
    rows = list(facts)
    yield section(
        "Facts", folded(counted(len(rows), "fact"), table(("", ""), rows)) if rows else ""
    )


def _findings(title: str, findings: Sequence[Finding]) -> str:
    shown = _many(map(finding_html, most_severe_first(findings)), "finding", len(findings))
    behind = title in _FOLDED and findings
    return section(title, folded(counted(len(findings), "finding"), shown) if behind else shown)


def _cases(cases: Iterable[Case], known: Gathered) -> Iterator[str]:
    """Each case, with the findings that it gathers as long as the page has room for them."""
    room = MOST_CASES
    for case in cases:
        findings = known.findings(case)
        yield _case(case, findings, room)
        room = max(room - min(len(findings), MOST_IN_A_CASE), 0)


def _case(case: Case, findings: Sequence[Finding], room: int) -> str:
    word = f"{case.outcome} ({case.cause})" if case.cause else case.outcome.value
    if findings:
        return (
            f'<article>\n<p><span class="word {case.outcome.value}">{word}</span> {_name(case)}</p>'
            f"\n{gathered_html(findings, min(room, MOST_IN_A_CASE))}</article>\n"
        )
    short = case.detail.count("\n") < _FEW
    detail = folded("details", block(case.detail), unfolded=short) if case.detail else ""
    return (
        f'<article>\n<p><span class="word {case.outcome.value}">{word}</span> {_name(case)}'
        f"{places_html(case.locations)}</p>\n<p>{inline(case.message)}</p>\n{detail}</article>\n"
    )


def _name(case: Case) -> str:
    group = f'<span class="quiet">{inline(case.group)}:</span> ' if case.group else ""
    return f"{group}<strong>{inline(case.name)}</strong>"


def _other_cases(cases: Sequence[Case]) -> str:
    if not cases:
        return ""
    rows = ((_name(case), inline(case.message)) for case in cases[:MOST_CASES])
    body = table(("case", "message"), rows) + _left_out(len(cases), "case")
    return body if len(cases) <= _FEW else folded(counted(len(cases), "case"), body)


def _many(shown: Iterable[str], noun: str, number: int) -> str:
    return "".join(islice(shown, MOST_CASES)) + _left_out(number, noun)


def _left_out(number: int, noun: str) -> str:
    more = number - MOST_CASES
    return f"<p>… {counted(more, f'more {noun}')}, all in --format json</p>\n" if more > 0 else ""


def _table(one: Table) -> str:
    columns = [inline(column) for column in one.columns]
    rows = [[inline(cell) for cell in row] for row in one.rows[:MOST_CASES]]
    short = all(len(cell) <= _SHORT for row in (one.columns, *one.rows) for cell in row)
    return table(columns, rows, "short" if short else "") + _left_out(len(one.rows), "row")
