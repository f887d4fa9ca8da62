"""One page for people: it needs nothing beside it, no network and no script."""

from collections.abc import Iterator, Sequence

import buildsteps
from buildsteps.reporting.facts import flat_facts
from buildsteps.reporting.headline import counts_line, most_severe_first
from buildsteps.reporting.html_style import STYLE
from buildsteps.reporting.html_text import block, folded, inline, items, section, table
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.stopping import findings_beside_cases, stopping
from buildsteps.reporting.text import counted, web_address
from buildsteps.results import Case, Counts, Finding, Location, Outcome, Report, RunResult, Table

MOST_CASES = 2_000
"""Cases of a kind and findings that are shown: a browser is slow with more."""

_FEW = 20
"""Cases that do not stop, and lines of a detail, that are shown without being asked for."""

_SHORT = 70
"""Characters of a cell that stay on one line on a narrow screen, too."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A browser loads and runs nothing, also if something slipped through."""


def render(result: RunResult, rendering: Rendering) -> Iterator[str]:
    """Yield the page; what stops comes first, and ``quiet`` shows nothing else."""
    report = result.report
    yield _head(result)
    yield section("What stops", _many([_case(case) for case in stopping(report)], "case"))
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
        f"{items(verdict.reasons)}</header>\n{items(result.report.notes)}"
    )


def _sections(report: Report) -> Iterator[str]:
    findings = most_severe_first(findings_beside_cases(report))
    yield section("Findings", _many([_finding(finding) for finding in findings], "finding"))
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


def _case(case: Case) -> str:
    word = f"{case.outcome} ({case.cause})" if case.cause else case.outcome.value
    short = case.detail.count("\n") < _FEW
    detail = folded("details", block(case.detail), unfolded=short) if case.detail else ""
    return (
        f'<article>\n<p><span class="word {case.outcome.value}">{word}</span> {_name(case)}'
        f"{_places(case.locations)}</p>\n<p>{inline(case.message)}</p>\n{detail}</article>\n"
    )


def _name(case: Case) -> str:
    group = f'<span class="quiet">{inline(case.group)}:</span> ' if case.group else ""
    return f"{group}<strong>{inline(case.name)}</strong>"


def _places(locations: Sequence[Location]) -> str:
    if not locations:
        return ""
    places = ", ".join(f"<code>{inline(str(location))}</code>" for location in locations[:10])
    more = f" and {len(locations) - 10:,} more" if len(locations) > 10 else ""
    return f' <span class="quiet">at {places}{more}</span>'


def _finding(finding: Finding) -> str:
    rule, address = inline(finding.rule), web_address(finding.help)
    if address:
        rule = f'<a href="{inline(address)}" rel="noreferrer">{rule}</a>'
    parts = [
        f'<p><span class="word {finding.severity.value}">{finding.severity.value}</span> {rule}'
        f"{_places(finding.locations)}</p>\n<p>{inline(finding.message)}</p>\n"
    ]
    advice = "" if address else finding.help
    for label, text in (("Help", advice), ("Fix", finding.fix), ("Accepted", finding.accepted)):
        if text:
            parts.append(f"<p>{label}: {inline(text)}</p>\n")
    if finding.detail:
        parts.append(folded("details", block(finding.detail)))
    return f"<article>\n{''.join(parts)}</article>\n"


def _other_cases(cases: Sequence[Case]) -> str:
    if not cases:
        return ""
    rows = ((_name(case), inline(case.message)) for case in cases[:MOST_CASES])
    body = table(("case", "message"), rows) + _left_out(len(cases), "case")
    return body if len(cases) <= _FEW else folded(counted(len(cases), "case"), body)


def _many(shown: Sequence[str], noun: str) -> str:
    return "".join(shown[:MOST_CASES]) + _left_out(len(shown), noun)


def _left_out(number: int, noun: str) -> str:
    more = number - MOST_CASES
    return f"<p>… {counted(more, f'more {noun}')}, all in --format json</p>\n" if more > 0 else ""


def _table(one: Table) -> str:
    columns = [inline(column) for column in one.columns]
    rows = [[inline(cell) for cell in row] for row in one.rows[:MOST_CASES]]
    short = all(len(cell) <= _SHORT for row in (one.columns, *one.rows) for cell in row)
    return table(columns, rows, "short" if short else "") + _left_out(len(one.rows), "row")
