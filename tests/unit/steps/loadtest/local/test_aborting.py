from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.local.abort_rules import abort_rules, refuse_on_dlt
from buildsteps.steps.loadtest.local.aborting import ABORT_FILE, Watcher
from buildsteps.steps.loadtest.local.live import FEWEST
from buildsteps.steps.loadtest.measured.model import SAMPLE_COLUMNS
from buildsteps.steps.loadtest.settings import LoadtestOptions

START = 1_772_366_400_000
HEADER = ",".join(SAMPLE_COLUMNS) + "\n"


def options(*texts: str) -> LoadtestOptions:
    return LoadtestOptions(abort_unless=texts)


def rows(number: int, *, at: float = 0.0, success: bool = True, label: str = "a") -> str:
    code = 200 if success else 500
    began = START + round(at * 1000)
    return f"{began},100.0,{label},{code},{str(success).lower()},5,,,1\n" * number


def watcher(folder: Path, *texts: str, warm_up: float = 0.0) -> Watcher:
    return Watcher(folder, abort_rules(options(*texts), warm_up))


def grow(folder: Path, text: str, process: int = 1) -> None:
    path = folder / f"samples-{process}.jtl"
    with path.open("a", newline="") as stream:
        stream.write(text if stream.tell() else HEADER + text)


def test_a_run_goes_on_as_long_as_the_expression_holds(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "error_rate < 20%")
    grow(tmp_path, rows(90) + rows(10, success=False))
    assert not watch.look()
    assert not (tmp_path / ABORT_FILE).exists()
    grow(tmp_path, rows(20, success=False))
    assert watch.look()
    assert watch.said == (
        "error_rate < 20%: measured 25 %, 25 % above the limit of 20 %, after 120 requests"
    )
    assert (tmp_path / ABORT_FILE).exists()


def test_a_few_requests_end_no_run(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "error_rate < 20%")
    grow(tmp_path, rows(FEWEST - 1, success=False))
    assert not watch.look()
    grow(tmp_path, rows(1, success=False))
    assert watch.look()


def test_the_samples_of_all_processes_count_and_each_once(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "errors < 35")
    for process in (1, 2):
        grow(tmp_path, rows(17, success=False), process)
    for _ in range(3):
        assert not watch.look()
    grow(tmp_path, rows(1, success=False), 2)
    assert watch.look()


def test_a_row_that_is_half_written_waits_for_its_rest(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "errors < 40")
    text = rows(40, success=False)
    grow(tmp_path, text[:-7])
    assert not watch.look()
    grow(tmp_path, text[-7:])
    assert watch.look()


def test_a_label_and_a_part_of_the_run_can_be_meant(tmp_path: Path) -> None:
    watch = watcher(tmp_path, 'label("b, \\"c").error_rate[5s:] < 50%')
    label = '"b, ""c"'
    grow(tmp_path, rows(50) + rows(50, success=False, label=label))
    grow(tmp_path, rows(50, at=6, success=False))
    assert not watch.look()
    assert watch.unjudged()
    grow(tmp_path, rows(30, at=6, success=False, label=label))
    assert watch.look()
    assert not watch.unjudged()


def test_the_warm_up_ends_no_run(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "p95 < 50ms", warm_up=2)
    grow(tmp_path, rows(100))
    assert not watch.look()
    grow(tmp_path, rows(100, at=2))
    assert watch.look()
    assert watch.said.startswith("p95 < 50ms: measured 100 ms, 100 % above")


def test_throughput_is_over_the_time_so_far(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "throughput > 20/s")
    grow(tmp_path, rows(50) + rows(50, at=3.9))
    assert not watch.look()
    grow(tmp_path, rows(1, at=9.9))
    assert watch.look()
    assert "measured 10.1/s" in watch.said


def test_rows_that_are_none_are_left_to_the_reading_after_the_run(tmp_path: Path) -> None:
    watch = watcher(tmp_path, "error_rate < 20%")
    grow(tmp_path, "\nnonsense\n,,,,\n" + rows(30, success=False))
    assert watch.look()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("error_rate < 20", "--abort-unless: "),
        ("warn: error_rate < 20%", "only warns"),
        ('region("eu-west-1").p95 < 1s', "this machine has none"),
        ("requests > 100", "only grow"),
        ("errors >= 1", "only grow"),
    ],
)
def test_what_could_never_be_judged_is_a_wrong_call(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        abort_rules(options(text))


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        abort_rules(options("p95 < 1", "nonsense"))
    assert "nonsense" in caught.value.detail


def test_distributed_load_testing_has_no_figures_while_it_runs() -> None:
    with pytest.raises(UsageError, match="tells no figures before a test has ended"):
        refuse_on_dlt(options("error_rate < 20%"))
    refuse_on_dlt(options())
