from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buildsteps.steps.loadtest.measured.model import Failure, Second
from buildsteps.steps.loadtest.showing.tables import sparkline, tables_of
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule, compare
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from tests.unit.steps.loadtest.runs import measured, results


def test_the_total_stands_before_the_labels() -> None:
    found = results([0.1] * 90 + [0.2] * 10, errors=1, labels={"GET /": measured([0.1] * 50)})
    (table,) = tables_of(found)
    assert table.columns[:3] == ("label", "requests", "failed")
    assert table.rows == (
        ("all", "100", "1 (1 %)", "10/s", "110 ms", "100 ms", "200 ms", "200 ms", "200 ms"),
        ("GET /", "50", "0 (0 %)", "5/s", "100 ms", "100 ms", "100 ms", "100 ms", "100 ms"),
    )


def test_many_labels_are_cut_and_that_is_said() -> None:
    found = results([0.1] * 90, labels={f"GET /{n}": measured([0.1]) for n in range(30)})
    (table,) = tables_of(found)
    assert table.title == "Measured (the 20 most frequent of 30)"
    assert len(table.rows) == 21


def test_the_course_of_a_run_is_a_line_a_metric() -> None:
    series = tuple(
        Second(at=at, width=1, count=count, errors=at, p50=0.1, p95=0.1 * (at + 1))
        for at, count in enumerate((10, 0, 5))
    )
    _, table = tables_of(replace(results([0.1] * 15), series=series))
    assert table.title == "Over time (0 to 3 s)"
    assert table.rows == (
        ("requests", "█▁▅", "10/s"),
        ("failed", "▁▅█", "2/s"),
        ("p95", "▃ █", "300 ms"),
    )


def test_earlier_runs_stand_beside_this_one() -> None:
    earlier = StoredRun(id="1", at=1.0, fingerprint="f", values={"p95": 0.8}, good=True)
    comparison = compare("p95", 0.9, None, [earlier], BaselineRule())
    table = tables_of(results([0.1]), [comparison])[-1]
    assert table.rows == (("p95", "900 ms", "800 ms", "880 ms", "slower by 12 %", "1"),)


def test_a_run_without_results_has_no_table() -> None:
    assert tables_of(None) == ()
    assert tables_of(results([]))[0].rows[0][:2] == ("all", "0")


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=300), st.integers(1, 80))
def test_a_sparkline_is_never_wider_than_asked(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) <= min(width, len(values))
    assert set(sparkline(values, width)) <= set(" ▁▂▃▄▅▆▇█")


def test_what_failed_is_told_with_its_reason() -> None:
    failures = (Failure("GET /", "connection refused", 1_200), Failure("POST /", "status 500", 3))
    _, table = tables_of(results([0.1] * 10, errors=2), failures=failures)
    assert (table.title, table.columns) == ("Failed", ("label", "why", "requests"))
    assert table.rows == (("GET /", "connection refused", "1,200"), ("POST /", "status 500", "3"))


def test_where_an_engine_tells_no_reason_the_answers_do() -> None:
    broken = replace(measured([0.1] * 9, errors=4), codes={"200": 5, "404": 1, "503": 3})
    healthy = replace(measured([0.1] * 9), codes={"404": 9})  # what a script accepts is no failure
    found = results([0.1] * 18, errors=4, labels={"GET /": broken, "GET /gone": healthy})
    _, table = tables_of(found)
    assert table.rows == (("GET /", "status 503", "3"), ("GET /", "status 404", "1"))


def test_many_reasons_are_cut_and_that_is_said() -> None:
    failures = tuple(Failure("GET /", f"reason {n}", 1) for n in range(30))
    _, table = tables_of(results([0.1] * 30, errors=30), failures=failures)
    assert table.title == "Failed (the 20 most frequent reasons of 30)"
    assert len(table.rows) == 20
