import csv
import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.errors import UnreadableError, UsageError
from buildsteps.expressions import Window
from buildsteps.steps.loadtest.measured.grouped import MOST_LABELS
from buildsteps.steps.loadtest.measured.model import SAMPLE_COLUMNS, Results
from buildsteps.steps.loadtest.measured.sample_file import LONGEST_LINE, SampleFile
from buildsteps.steps.loadtest.measured.samples import Samples

START = 1_772_366_400_000
"""Milliseconds since 1970 of the first sample of these tests."""

HEADER = ",".join(SAMPLE_COLUMNS) + "\n"


def row(
    at: float = 0.0,
    elapsed: float = 50,
    label: str = "GET /",
    code: str = "200",
    success: str = "true",
) -> str:
    return f"{START + round(at * 1000)},{elapsed},{label},{code},{success},100,{elapsed},1,5\n"


def written(folder: Path, *rows: str, name: str = "kpi.jtl", header: str = HEADER) -> SampleFile:
    path = folder / name
    path.write_text(header + "".join(rows), encoding="utf-8", newline="")
    return SampleFile(path)


def read(*files: SampleFile) -> Results:
    return Samples(files, shown=lambda path: path.name).results()


def refused(*files: SampleFile) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(*files)
    return str(caught.value)


def test_all_requests_are_counted_with_their_errors_codes_and_bytes(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        row(0, 10),
        row(1, 20),
        row(2, 60, code="503", success="false"),
        row(3, 30, label="POST /orders", code="201"),
    )
    found = read(file)
    assert found.exact
    assert found.started == START / 1000
    assert (found.total.count, found.total.errors, found.total.bytes) == (4, 1, 400)
    assert found.total.codes == {"200": 2, "201": 1, "503": 1}
    assert (found.total.minimum, found.total.mean, found.total.maximum) == (0.01, 0.03, 0.06)
    assert found.total.duration == 3.03
    assert list(found.labels) == ["GET /", "POST /orders"]
    assert found.labels["GET /"].errors == 1
    assert found.samples == (file.path,)


def test_any_percentile_is_exact(tmp_path: Path) -> None:
    times = [*range(1, 1000), 9999]
    found = read(written(tmp_path, *(row(0, elapsed) for elapsed in times)))
    shares = {50: 0.5, 95: 0.95, 99.9: 0.999, 99.95: 9.999, 100: 9.999, 0: 0.001}
    assert {share: found.total.times.percentile(share) for share in shares} == shares


def test_a_request_between_two_milliseconds_counts_as_it_is(tmp_path: Path) -> None:
    found = read(written(tmp_path, row(0, 12.3), row(0, 12.7)))
    assert (found.total.minimum, found.total.maximum) == (0.0123, 0.0127)


def test_files_of_several_regions_are_told_apart_and_together(tmp_path: Path) -> None:
    near = written(tmp_path, row(0, 10), row(1, 20), name="near.jtl")
    far = written(tmp_path, row(0, 200), name="far.jtl")
    found = read(SampleFile(near.path, "eu-west-1"), SampleFile(far.path, "us-east-1"))
    assert found.total.count == 3
    assert found.regions["eu-west-1"].maximum == 0.02
    assert found.regions["us-east-1"].count == 1


def test_files_may_order_their_columns_differently(tmp_path: Path) -> None:
    one = written(tmp_path, row(0, 10), name="one.jtl")
    other = written(
        tmp_path,
        f"true;GET /;20;{START}\n",
        name="other.jtl",
        header="success;label;elapsed;timeStamp\n",
    )
    found = read(one, other)
    assert (found.total.count, found.total.maximum, found.total.codes) == (2, 0.02, {"200": 1})


def test_the_series_tells_each_second_and_the_gaps_between(tmp_path: Path) -> None:
    file = written(tmp_path, row(0, 10), row(0.5, 30, success="false"), row(3, 50))
    series = read(file).series
    assert [(one.at, one.width, one.count, one.errors) for one in series] == [
        (0, 1, 2, 1),
        (1, 1, 0, 0),
        (2, 1, 0, 0),
        (3, 1, 1, 0),
    ]
    assert (series[0].p50, series[0].p95, series[0].users) == (0.01, 0.03, 5)


def test_users_of_several_files_are_added_up(tmp_path: Path) -> None:
    one, other = (written(tmp_path, row(0), name=f"{n}.jtl") for n in range(2))
    assert read(one, other).series[0].users == 10


def test_a_long_run_has_no_more_steps_than_can_be_shown(tmp_path: Path) -> None:
    found = read(written(tmp_path, *(row(at, 10) for at in range(0, 7200, 2))))
    assert len(found.series) == 120
    assert {one.count for one in found.series} == {30}


def test_a_run_whose_ends_say_nothing_of_its_length_has_few_steps_too(tmp_path: Path) -> None:
    padding = [row(0) for _ in range(3000)]
    file = written(tmp_path, *padding, *(row(at) for at in range(5000)), *padding)
    assert len(read(file).series) <= 240


def test_the_series_counts_from_when_the_run_began(tmp_path: Path) -> None:
    file = written(tmp_path, row(2), row(3))
    samples = Samples([file], started=START / 1000)
    assert [one.count for one in samples.results().series] == [0, 0, 1, 1]
    assert samples.window(Window(3)).total.count == 1


def test_a_window_leaves_the_warm_up_out(tmp_path: Path) -> None:
    rows = [row(at, 900 if at < 10 else 50) for at in range(20)]
    samples = Samples([written(tmp_path, *rows)])
    assert samples.results().total.maximum == 0.9
    steady = samples.window(Window(10))
    assert (steady.total.count, steady.total.maximum) == (10, 0.05)
    assert steady.total.duration == pytest.approx(9.05)
    assert samples.window(Window(2, 5)).total.throughput == 1.0
    assert samples.window(Window(500)).total.count == 0


def test_parts_of_a_run_can_be_asked_for_later_with_their_regions(tmp_path: Path) -> None:
    near = written(tmp_path, *(row(at, 10) for at in range(10)), name="near.jtl")
    far = written(tmp_path, *(row(at, 200) for at in range(10)), name="far.jtl")
    whole = read(SampleFile(near.path, "eu-west-1"), SampleFile(far.path, "us-east-1"))
    part = Samples.of(whole).window(Window(5))
    assert (part.total.count, part.regions["us-east-1"].count) == (10, 5)
    assert part.total.duration == pytest.approx(4.2)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("nothing,50,GET /,200,true,1,1,1,5\n", "`timeStamp` is no moment in milliseconds"),
        (",50,GET /,200,true,1,1,1,5\n", "`timeStamp` is no moment in milliseconds: it is empty"),
        ("99999999999999999999,5,GET /,200,true,1,1,1,5\n", "`timeStamp` is no moment"),
        ("1,,GET /,200,true,1,1,1,5\n", "`elapsed` is no time in milliseconds: it is empty"),
        ("1,-5,GET /,200,true,1,1,1,5\n", "`elapsed` is no time in milliseconds: `-5`"),
        ("1,nan,GET /,200,true,1,1,1,5\n", "`elapsed` is no time in milliseconds: `nan`"),
        ("1,inf,GET /,200,true,1,1,1,5\n", "`elapsed` is no time in milliseconds: `inf`"),
        ("1,1e300,GET /,200,true,1,1,1,5\n", "`elapsed` is no time in milliseconds: `1e300`"),
        ("1,5,GET /,200,maybe,1,1,1,5\n", "`success` is neither true nor false: `maybe`"),
        ("1,5,GET /,200,,1,1,1,5\n", "`success` is neither true nor false: it is empty"),
        ("1,5,GET /,200,true,many,1,1,5\n", "`bytes` is no whole number: `many`"),
        ("1,5,GET /\n", "the row has 3 of 9 columns: it may have been cut off"),
        ("17723664", "the row has 1 of 9 columns: it may have been cut off"),
        ("1,5,a,200,true,1,1,1,5,6,7\n", "the row has 11 of 9 columns"),
        ('1,5,"GET /,200,true,1,1,1,5\n', "is no CSV: unexpected end of data"),
        ("1,5," + "x" * (LONGEST_LINE + 1) + ",200,true,1,1,1,5\n", "the line is longer than"),
    ],
)
def test_a_row_that_is_no_sample_is_told_with_its_line(
    tmp_path: Path, broken: str, message: str
) -> None:
    said = refused(written(tmp_path, row(), row(), broken))
    assert said.startswith("kpi.jtl:4: ")
    assert message in said
    assert len(said) < 300


def test_the_line_is_right_behind_fields_of_several_lines(tmp_path: Path) -> None:
    file = written(tmp_path, row(label='"one\ntwo\nthree"'), "1,5,a,200,maybe,1,1,1,5\n")
    assert refused(file).startswith("kpi.jtl:5: `success`")


def test_a_broken_row_is_found_among_many(tmp_path: Path) -> None:
    many = [row(at / 100) for at in range(30_000)]
    file = written(tmp_path, *many, "1,x,a,200,true,1,1,1,5\n", *many)
    assert refused(file) == "kpi.jtl:30002: `elapsed` is no time in milliseconds: `x`"


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "kpi.jtl"
    path.write_bytes((HEADER + row() + row(label="Grüße")).encode("latin-1"))
    assert refused(SampleFile(path)) == "kpi.jtl:3: is not UTF-8 (byte 0xfc)"
    path.write_bytes(HEADER.encode("utf-16"))
    assert "is not UTF-8 (byte 0xff)" in refused(SampleFile(path))


def test_a_file_that_says_nothing_is_refused(tmp_path: Path) -> None:
    assert refused(SampleFile(tmp_path / "gone.jtl")) == "gone.jtl:1: is missing"
    assert "is no file" in refused(SampleFile(tmp_path))
    assert "has no samples: it is empty" in refused(written(tmp_path, header=""))
    assert refused(written(tmp_path)) == "there is no sample in kpi.jtl"
    assert refused() == "there is no sample in no file"


def test_a_file_without_the_columns_that_are_needed_is_refused(tmp_path: Path) -> None:
    said = refused(written(tmp_path, header="timeStamp,label,success\n"))
    assert said == "kpi.jtl:1: the column `elapsed` of a samples file (JTL) is missing"
    said = refused(written(tmp_path, header=row()))
    assert "are missing; it must begin with a line of their names" in said
    said = refused(written(tmp_path, header=f"elapsed,{HEADER}"))
    assert said == "kpi.jtl:1: the column `elapsed` is there twice"


def test_line_ends_of_windows_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "kpi.jtl"
    path.write_bytes(("\ufeff" + HEADER + row() + row()).replace("\n", "\r\n").encode())
    assert read(SampleFile(path)).total.count == 2


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    written(tmp_path, row(), name="a.jtl")
    file = written(tmp_path, row(), row(), name="[a-z]*?'.jtl")
    assert read(file).total.count == 2


def test_labels_without_end_are_told_up_to_a_number(tmp_path: Path) -> None:
    rows = [row(label=f"GET /items/{number}") for number in range(MOST_LABELS + 500)]
    found = read(written(tmp_path, *rows, row(label="GET /"), row(label="GET /")))
    assert found.total.count == MOST_LABELS + 502
    assert len(found.labels) == MOST_LABELS
    assert next(iter(found.labels)) == "GET /"
    assert found.unlisted == 501


def test_without_duckdb_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"pip install 'buildsteps\[loadtest\]'"):
        read(written(tmp_path, row()))


def _slow_percentile(times: Sequence[int], share: float) -> float:
    ordered = sorted(times)
    place = math.ceil(Fraction(str(share)) * len(ordered) / 100)
    return ordered[max(place, 1) - 1] / 1000


_ROWS = st.lists(
    st.tuples(
        st.integers(0, 30_000),
        st.integers(0, 2000),
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(rows=_ROWS, share=st.decimals(0, 100, places=3).map(float))
def test_results_are_those_of_the_plain_and_slow_way(
    rows: list[tuple[int, int, str, bool]], share: float
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.jtl"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
            writer.writerow(("timeStamp", "elapsed", "label", "success"))
            writer.writerows(
                (START + at, took, name, str(ok).lower()) for at, took, name, ok in rows
            )
        found = read(SampleFile(path))
    times = [took for _, took, _, _ in rows]
    assert found.total.count == len(rows)
    assert found.total.errors == sum(not ok for *_, ok in rows)
    assert found.total.mean == pytest.approx(sum(times) / len(times) / 1000)
    assert found.total.times.percentile(share) == _slow_percentile(times, share)
    for label in {name for _, _, name, _ in rows}:
        mine = [took for _, took, name, _ in rows if name == label]
        assert found.labels[label].times.percentile(share) == _slow_percentile(mine, share)
    assert sum(one.count for one in found.series) == len(rows)
    assert found.steps is not None
    whole = found.steps.percentile(share, [(0, found.steps.number)])
    assert whole == _slow_percentile(times, share)
