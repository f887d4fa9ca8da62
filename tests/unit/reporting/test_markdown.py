import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.markdown import COMMENT_LIMIT, render
from buildsteps.reporting.standing import standing_of
from buildsteps.reporting.stopping import stopping
from buildsteps.results import (
    Case,
    Finding,
    Outcome,
    Report,
    RunResult,
    Severity,
    Table,
    Verdict,
    VerdictOutcome,
)
from tests.unit.reporting.any_results import results
from tests.unit.reporting.golden_files import assert_golden
from tests.unit.reporting.samples import SAMPLES, STOPPED

OUR_HTML = re.compile(r'</?(?:code|span|sub|a)>|<br>|<a href="https?:[^"<>\s]*">')
OUR_BLOCK = re.compile(r"<details><summary>[^<>\n]*</summary>\n|</details>\n")
OUR_TOKENS = {
    "bullet_list_close",
    "bullet_list_open",
    "code_inline",
    "em_close",
    "em_open",
    "fence",
    "heading_close",
    "heading_open",
    "html_block",
    "html_inline",
    "inline",
    "list_item_close",
    "list_item_open",
    "paragraph_close",
    "paragraph_open",
    "table_close",
    "table_open",
    "tbody_close",
    "tbody_open",
    "td_close",
    "td_open",
    "text",
    "text_special",
    "th_close",
    "th_open",
    "thead_close",
    "thead_open",
    "tr_close",
    "tr_open",
}


def text_of(result: RunResult, verbosity: int = 0) -> str:
    return "".join(render(result, Rendering(verbosity=verbosity)))


def tokens_of(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def failed(number: int, detail: str = "", message: str = "wrong") -> tuple[Case, ...]:
    return tuple(
        Case(name=f"case {n}", group="g", outcome=Outcome.FAILED, message=message, detail=detail)
        for n in range(number)
    )


def result_of(report: Report, reasons: tuple[str, ...] = ()) -> RunResult:
    verdict = Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1, reasons=reasons)
    return RunResult(command="scan", report=report, verdict=verdict)


def assert_ours(text: str) -> list[Token]:
    """Check that the structure of the comment is ours and none of it came with a text."""
    tokens = list(tokens_of(text))
    assert {token.type for token in tokens} <= OUR_TOKENS
    for token in tokens:
        if token.type == "html_inline":
            assert OUR_HTML.fullmatch(token.content), token.content
        if token.type == "html_block":
            assert OUR_BLOCK.fullmatch(token.content), token.content
    blocks = [token.content for token in tokens if token.type == "html_block"]
    assert sum(block.startswith("<details>") for block in blocks) * 2 == len(blocks)
    return tokens


@pytest.mark.parametrize("name", SAMPLES)
def test_the_comment_of_a_run_is_the_golden_one(name: str) -> None:
    assert_golden(text_of(SAMPLES[name]), f"{name}.md")
    assert_ours(text_of(SAMPLES[name]))


@given(results)
def test_any_text_shows_as_text_and_the_comment_fits(result: RunResult) -> None:
    text = text_of(result)
    text.encode()
    assert len(text) <= COMMENT_LIMIT
    tokens = assert_ours(text)
    stops = stopping(result.report)
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == sum(bool(case.detail) for case in stops)
    tables = [token for token in tokens if token.type == "table_open"]
    standing = standing_of(result.report) is not None
    most = standing + bool(stops) + bool(result.report.findings) + len(result.report.tables)
    assert len(tables) <= most


def test_mentions_and_references_reach_nobody() -> None:
    text = text_of(result_of(Report(cases=failed(1, message="@octocat broke #12 and a@b"))))
    assert "@octocat" not in text
    assert "#12" not in text
    assert "a@b" not in text


def test_a_fence_is_longer_than_any_backticks_in_the_detail() -> None:
    text = text_of(result_of(Report(cases=failed(1, detail="```\n</details>\n`````"))))
    assert "\n``````text\n" in text
    assert_ours(text)


def test_too_many_cases_are_cut_with_a_sentence_that_counts_them() -> None:
    text = text_of(result_of(Report(cases=failed(100_000, detail="d" * 5000))))
    assert COMMENT_LIMIT * 0.8 < len(text) <= COMMENT_LIMIT
    shown = text.count("| failed |")
    assert f"_{100_000 - shown:,} more cases are not shown: the comment would be too long._" in text
    assert_ours(text)


def test_the_worst_of_texts_still_fits() -> None:
    table = Table(title="$" * 500, columns=("$" * 500,) * 50, rows=(("$" * 500,) * 50,) * 50)
    report = Report(
        cases=failed(5, detail="`" * 9000, message="$" * 9000),
        findings=[Finding(rule="$" * 900, severity=Severity.LOW, message="$" * 9000)] * 50,
        facts={"$" * 100 + str(number): "$" * 500 for number in range(50)},
        notes=("$" * 9000,) * 50,
        tables=(table,) * 50,
    )
    text = text_of(result_of(report, reasons=("$" * 9000,) * 50))
    assert len(text) <= COMMENT_LIMIT
    assert_ours(text)


def test_failed_cases_come_before_errors() -> None:
    text = text_of(STOPPED)
    assert text.index("| failed |") < text.index("| error (subject) |")


def test_quiet_shows_only_what_stops() -> None:
    text = text_of(STOPPED, verbosity=-1)
    assert "#### What stops" in text
    assert "#### Findings" not in text


def test_rows_have_as_many_cells_as_the_table_has_columns() -> None:
    table = Table(title="t", columns=("a", "b"), rows=(("1",), ("1", "2", "3")))
    text = text_of(result_of(Report(tables=(table,))))
    assert "| 1 |  |\n| 1 | 2 |\n" in text


def test_a_scan_begins_with_how_its_findings_stand_and_counts_the_old_ones() -> None:
    text = text_of(SAMPLES["scanned"])
    standing = text.index(
        "| new | open | accepted | fixed |\n| --- | --- | --- | --- |\n| 4 (1 critical"
    )
    assert standing < text.index("#### What stops")
    assert text.count("B602</a>") == 1  # the accepted one; the old one is in the sentence
    assert "_1 finding is in the baseline._" in text
