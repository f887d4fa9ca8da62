import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buildsteps.reporting.html import MOST_CASES, render
from buildsteps.reporting.html_charts import EXTRA
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.stopping import stopping
from buildsteps.results import (
    Case,
    Chart,
    Finding,
    Level,
    Outcome,
    Report,
    RunResult,
    Series,
    Severity,
    Verdict,
    VerdictOutcome,
)
from tests.unit.reporting.any_results import charts, results
from tests.unit.reporting.golden_files import assert_golden
from tests.unit.reporting.samples import ALL_PASSED, SAMPLES, STOPPED

VOID = {"meta", "br"}
OURS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "footer",
    "h1",
    "h2",
    "section",
    "article",
    "p",
    "span",
    "strong",
    "code",
    "pre",
    "ul",
    "li",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "a",
    "figure",
    "figcaption",
    "svg",
    "defs",
    "g",
    "path",
    "use",
    "text",
    "clippath",
    "rect",
}
TIMES = Chart(
    title="Response time",
    unit="ms",
    along="seconds from the start",
    series=(
        Series(name="p95", x=(0.5, 1.5, 2.5, 3.5), y=(120.0, None, 130.25, 125.0)),
        Series(name="p50", x=(0.5, 1.5), y=(1234.5, 80.0)),
    ),
    levels=(Level(name="p95 of 5 earlier runs", value=110.0),),
)


class Page(HTMLParser):
    """What a browser finds: tags, all of them closed, attributes and the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.shown = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.shown += data


def text_of(result: RunResult, verbosity: int = 0) -> str:
    return "".join(render(result, Rendering(verbosity=verbosity)))


def result_of(report: Report) -> RunResult:
    verdict = Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1)
    return RunResult(command="scan", report=report, verdict=verdict)


def assert_ours(text: str) -> Page:
    """Check that the page is built of our elements alone, runs nothing and loads nothing."""
    text.encode()
    page = Page(text)
    assert set(page.tags) <= OURS
    for name, value in page.attributes:
        assert not name.startswith("on")
        if name in ("href", "src", "xlink:href"):
            assert re.match(r"https?://|#chart-", value)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert "@import" not in text
    return page


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_of_a_run_is_the_golden_one(name: str) -> None:
    assert_golden(text_of(SAMPLES[name]), f"{name}.html")
    assert_ours(text_of(SAMPLES[name]))


@given(results)
def test_any_text_shows_as_text(result: RunResult) -> None:
    page = assert_ours(text_of(result))
    assert page.tags.count("article") >= len(stopping(result.report))


@settings(max_examples=15, deadline=None)  # each draws a picture
@given(st.lists(charts, min_size=1, max_size=2).map(tuple))
def test_any_chart_is_drawn_and_its_names_show_as_text(some: tuple[Chart, ...]) -> None:
    page = assert_ours(text_of(result_of(Report(charts=some))))
    drawn = [chart for chart in some if any(y is not None for s in chart.series for y in s.y)]
    assert page.tags.count("svg") == page.tags.count("figure") == len(drawn)


def test_a_script_in_a_name_is_shown_and_not_run() -> None:
    page = assert_ours(text_of(STOPPED))
    assert "<script>alert('@octocat')</script>" in page.shown


def test_an_address_that_would_run_something_is_no_link() -> None:
    finding = Finding(
        rule="r", severity=Severity.LOW, message="m", help="javascript:alert(1)//https://a.b"
    )
    page = assert_ours(text_of(result_of(Report(findings=[finding]))))
    assert "a" not in page.tags
    assert "javascript:alert(1)" in page.shown


def test_what_stops_comes_before_what_passed() -> None:
    shown = Page(text_of(STOPPED)).shown
    assert shown.index("What stops") < shown.index("Findings") < shown.index("Passed")


def test_quiet_shows_only_what_stops() -> None:
    shown = Page(text_of(STOPPED, verbosity=-1)).shown
    assert "What stops" in shown
    assert "Findings" not in shown
    assert "Facts" not in shown


def test_a_detail_keeps_its_lines() -> None:
    case = Case(name="c", group="g", outcome=Outcome.FAILED, detail="\n  a <b>\n    ^\n")
    assert "<pre>\n\n  a &lt;b&gt;\n    ^</pre>" in text_of(result_of(Report(cases=[case])))


def test_too_many_cases_are_counted_in_a_sentence() -> None:
    cases = [Case(name=f"c{n}", group="g", outcome=Outcome.FAILED) for n in range(MOST_CASES + 5)]
    page = Page(text_of(result_of(Report(cases=cases))))
    assert page.tags.count("article") == MOST_CASES
    assert "… 5 more cases, all in --format json" in page.shown


def test_a_chart_takes_the_colours_of_the_page() -> None:
    text = text_of(result_of(Report(charts=(TIMES,))))
    picture = text[text.index("<svg") : text.index("</svg>")]
    assert "fill: currentColor" in picture
    for at in range(3):
        assert f"stroke: var(--series-{at})" in picture
        assert f"--series-{at}: #" in text
    assert not re.search("stroke: #", picture)


def test_the_line_of_a_series_breaks_where_a_value_is_missing_and_a_lone_one_is_a_dot() -> None:
    text = text_of(result_of(Report(charts=(TIMES,))))
    (p95,) = re.findall(
        r'<path d="([^"]*)"[^>]*stroke: var\(--series-0\)[^>]*stroke-width: 2', text
    )
    assert p95.count("L") == 1
    assert "<use" in text


def test_the_numbers_of_a_chart_stand_under_it() -> None:
    text = text_of(result_of(Report(charts=(TIMES,))))
    assert "<tr><td>0.5</td><td>120</td><td>1,234</td></tr>" in text
    assert "<tr><td>1.5</td><td></td><td>80</td></tr>" in text
    assert "<tr><td>2.5</td><td>130.2</td><td></td></tr>" in text
    assert "p95 of 5 earlier runs: 110" in Page(text).shown


def test_without_matplotlib_the_page_has_the_numbers_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "buildsteps.reporting.html_drawing", None)
    with_charts = replace(ALL_PASSED, report=replace(ALL_PASSED.report, charts=(TIMES,)))
    page = assert_ours(text_of(with_charts))
    assert "svg" not in page.tags
    assert EXTRA in page.shown
    assert_golden(text_of(with_charts), "charts-as-numbers.html")


def test_a_matplotlibrc_that_is_no_text_costs_the_charts_but_not_the_page(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes(b"lines.linewidth: \xff\n")
    chart = "Chart(title='t', unit='ms', along='s', series=(Series(name='n', x=(1.,), y=(2.,)),))"
    program = (
        "from buildsteps.results import Chart, Series\n"
        "from buildsteps.reporting.html_charts import charts_of\n"
        f"print(charts_of([{chart}]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "Not drawn: Matplotlib cannot read its matplotlibrc" in run.stdout
    assert "<tr><td>1</td><td>2</td></tr>" in run.stdout
    assert run.stderr == ""


def test_settings_of_matplotlib_from_elsewhere_do_not_change_a_chart() -> None:
    import matplotlib

    before = text_of(result_of(Report(charts=(TIMES,))))
    with matplotlib.rc_context({"text.usetex": True, "lines.linewidth": 40, "svg.id": "x"}):
        assert text_of(result_of(Report(charts=(TIMES,)))) == before
        assert matplotlib.rcParams["text.usetex"] is True


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_chart_has_finite_numbers_only(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Series(name="s", x=(0.0,), y=(value,))
    with pytest.raises(ValueError, match="finite"):
        Level(name="l", value=value)


def test_a_series_has_a_value_for_each_place() -> None:
    with pytest.raises(ValueError, match="as many values"):
        Series(name="s", x=(0.0, 1.0), y=(1.0,))
