from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import unjudged
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.verdict.since import Changed
from tests.unit.steps.scan.verdict.running import (
    FILE,
    counts,
    finding,
    run,
    scanned,
    states,
    written,
)

BROKEN = (unjudged("b.py", "x", "does not parse", kind="syntax"),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(f"eval({name})\neval({name}, 2)\neval({name})\n")
    return tmp_path


def test_without_a_baseline_all_is_new_and_none_is_made(folder: Path) -> None:
    result = run(folder, [finding("a.py:1")])
    assert states(result) == "n"
    assert counts(result) == {"new": 1}
    assert result.tables == ()
    assert not (folder / FILE).exists()


def test_what_is_recorded_is_known_at_once_and_afterwards(folder: Path) -> None:
    first = run(folder, [finding("a.py:1"), finding("b.py:2")], write_baseline=True)
    assert states(first) == "kk"
    assert first.notes == (
        f"baseline {FILE}: 2 findings recorded, 2 of them new; 0 fixed ones dropped",
    )
    again = run(folder, [finding("a.py:1"), finding("b.py:2"), finding("c.py:1")])
    assert states(again) == "kkn"
    assert counts(again) == {"known": 2, "new": 1}


def test_lines_alike_are_written_with_a_count_where_their_surroundings_are_alike(
    folder: Path,
) -> None:
    run(folder, [finding("a.py:2"), finding("a.py:2")], write_baseline=True)
    assert written(folder) == [("a.py", ("bandit",), 2)]


def test_writing_is_the_same_file_again(folder: Path) -> None:
    run(folder, [finding("b.py:1"), finding("a.py:1")], write_baseline=True)
    before = (folder / FILE).read_bytes()
    (folder / "a.py").write_text("# moved\n" * 50 + (folder / "a.py").read_text())
    run(folder, [finding("b.py:1"), finding("a.py:51")])
    assert (folder / FILE).read_bytes() == before


def test_what_is_fixed_is_told_and_dropped_by_pruning_only(folder: Path) -> None:
    run(folder, [finding("a.py:1"), finding("b.py:2")], write_baseline=True)
    told = run(folder, [finding("a.py:1")])
    assert counts(told) == {"known": 1, "fixed": 1}
    assert told.tables[-1].rows == (("b.py", "B307", "1"),)
    assert len(written(folder)) == 2
    pruned = run(folder, [finding("a.py:1"), finding("c.py:1")], prune_baseline=True)
    assert states(pruned) == "kn"
    assert pruned.notes == (f"baseline {FILE}: 1 fixed one dropped",)
    assert [path for path, *_ in written(folder)] == ["a.py"]


def test_pruning_drops_one_of_two_alike(folder: Path) -> None:
    run(folder, [finding("a.py:2"), finding("a.py:2")], write_baseline=True)
    run(folder, [finding("a.py:2")], prune_baseline=True)
    assert written(folder) == [("a.py", ("bandit",), 1)]


def test_writing_drops_what_is_fixed(folder: Path) -> None:
    run(folder, [finding("a.py:1"), finding("b.py:2")], write_baseline=True)
    run(folder, [finding("a.py:1")], write_baseline=True)
    assert [path for path, *_ in written(folder)] == ["a.py"]


def test_a_run_over_some_files_keeps_what_is_in_others(folder: Path) -> None:
    run(folder, [finding("a.py:1"), finding("b.py:2")], write_baseline=True)
    scans = [scanned("bandit", "a.py", "c.py")]
    result = run(folder, [finding("c.py:1")], scans, whole=False, write_baseline=True)
    assert counts(result) == {"known": 1, "fixed": 1, "unseen": 1}
    assert result.notes[0].endswith("1 fixed one dropped, 1 kept that this run did not look for")
    assert [path for path, *_ in written(folder)] == ["b.py", "c.py"]


def test_a_run_over_some_files_by_an_engine_that_does_not_say_what_it_read_fixes_nothing(
    folder: Path,
) -> None:
    run(folder, [finding("a.py:1")], write_baseline=True)
    assert counts(run(folder, whole=False)) == {"unseen": 1}


def test_another_engine_fixes_nothing_of_one_that_did_not_run(folder: Path) -> None:
    both = [finding("a.py:1", "bandit"), finding("b.py:1", "ruff")]
    run(folder, both, [scanned("bandit"), scanned("ruff")], write_baseline=True)
    result = run(folder, [], [scanned("ruff")], prune_baseline=True)
    assert counts(result) == {"fixed": 1, "unseen": 1}
    assert [path for path, *_ in written(folder)] == ["a.py"]


def test_an_engine_that_was_not_asked_is_still_a_witness(folder: Path) -> None:
    one = finding("a.py:1", "bandit")
    run(folder, [one], [scanned("bandit")], write_baseline=True)
    run(folder, [finding("a.py:1", "ruff")], [scanned("ruff")], write_baseline=True)
    assert written(folder) == [("a.py", ("bandit", "ruff"), 1)]


def test_of_an_engine_that_failed_nothing_is_fixed(folder: Path) -> None:
    run(folder, [finding("a.py:1")], write_baseline=True)
    assert counts(run(folder, [], [scanned(cases=BROKEN)])) == {"unseen": 1}
    assert counts(run(folder, [], [scanned(partial=True)])) == {"unseen": 1}
    assert counts(run(folder, [], [scanned(), scanned(cases=BROKEN)])) == {"unseen": 1}


@pytest.mark.parametrize("what", ["write", "prune"])
@pytest.mark.parametrize(
    ("scans", "why"),
    [
        ([scanned(), scanned("ruff", cases=BROKEN)], "not all could be scanned"),
        ([Scanned(engine="bandit", subject="0 files", read=frozenset())], "nothing was scanned"),
        ([], "nothing was scanned"),
    ],
)
def test_a_scan_that_is_not_whole_writes_nothing_and_says_so(
    folder: Path, what: str, scans: Sequence[Scanned], why: str
) -> None:
    run(folder, [finding("a.py:1")], write_baseline=True)
    before = (folder / FILE).read_bytes()
    result = run(
        folder,
        [finding("c.py:1")],
        scans,
        write_baseline=what == "write",
        prune_baseline=what == "prune",
    )
    assert states(result) == "n"
    assert result.notes == (f"baseline {FILE}: nothing was written, because {why}",)
    assert (folder / FILE).read_bytes() == before


def test_what_is_accepted_is_not_recorded(folder: Path) -> None:
    result = run(
        folder, [finding("a.py:1", accepted="why"), finding("b.py:1")], write_baseline=True
    )
    assert counts(result) == {"known": 1, "accepted": 1}
    assert [path for path, *_ in written(folder)] == ["b.py"]


def test_what_is_accepted_later_is_not_fixed(folder: Path) -> None:
    run(folder, [finding("a.py:1")], write_baseline=True)
    result = run(folder, [finding("a.py:1", accepted="why")], prune_baseline=True)
    assert counts(result) == {"accepted": 1}
    assert [path for path, *_ in written(folder)] == ["a.py"]


def test_of_two_alike_the_one_that_nobody_accepted_is_the_old_one(folder: Path) -> None:
    run(folder, [finding("a.py:2")], write_baseline=True)
    result = run(folder, [finding("a.py:2", accepted="why"), finding("a.py:2")])
    assert counts(result) == {"accepted": 1, "known": 1}


def test_a_renamed_file_keeps_its_findings_known(folder: Path) -> None:
    run(folder, [finding("a.py:1"), finding("a.py:2")], write_baseline=True)
    (folder / "a.py").rename(folder / "new.py")
    assert states(run(folder, [finding("new.py:1"), finding("new.py:2")])) == "kk"
    run(folder, [finding("new.py:1"), finding("new.py:2")], write_baseline=True)
    assert {path for path, *_ in written(folder)} == {"new.py"}


def test_a_file_that_is_gone_is_fixed_where_its_folder_was_looked_at(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src/d.py").write_text("eval(x)\n")
    run(folder, [finding("a.py:1"), finding("src/d.py:1")], write_baseline=True)
    (folder / "a.py").unlink()
    (folder / "src/d.py").unlink()
    some = [scanned("bandit", "b.py")]
    assert counts(run(folder, [], some, paths=("b.py",))) == {"unseen": 2}
    assert counts(run(folder, [], some, paths=("b.py", "src"))) == {"fixed": 1, "unseen": 1}
    assert counts(run(folder, [], some, paths=(".",))) == {"fixed": 2}
    assert counts(run(folder, [], some)) == {"fixed": 2}
    from_below = run(folder / "src", [], some, baseline=f"../{FILE}")
    assert counts(from_below) == {"fixed": 1, "unseen": 1}


def test_a_file_that_is_there_and_was_not_read_is_not_fixed(folder: Path) -> None:
    run(folder, [finding("a.py:1")], write_baseline=True)
    assert counts(run(folder, [], [scanned("bandit", "b.py")])) == {"unseen": 1}


def test_since_shows_changed_lines_and_says_what_it_leaves_out(folder: Path) -> None:
    changed = Changed(ref="main", lines={"a.py": [(1, 1)]})
    every = [finding("a.py:1"), finding("a.py:2"), finding("nowhere")]
    result = run(folder, every, changed=changed)
    assert [str(one.locations[0]) for one in result.findings] == ["a.py:1"]
    assert result.facts["since"] == {"ref": "main", "unchanged": 1, "in_no_file": 1}
    assert result.notes == (
        "since main: not shown are 1 finding on lines that did not change and 1 in no file",
    )


def test_with_since_recording_adds_and_drops_nothing(folder: Path) -> None:
    run(folder, [finding("a.py:1"), finding("b.py:1")], write_baseline=True)
    changed = Changed(ref="main", lines={"c.py": [(1, 1)]})
    every = [finding("a.py:1"), finding("a.py:2"), finding("c.py:1")]
    result = run(folder, every, changed=changed, write_baseline=True)
    assert result.notes[0] == f"baseline {FILE}: 1 new finding recorded, all others kept"
    assert [path for path, *_ in written(folder)] == ["a.py", "b.py", "c.py"]


def test_ignoring_it_makes_all_new(folder: Path) -> None:
    run(folder, [finding("a.py:1")], write_baseline=True)
    assert states(run(folder, [finding("a.py:1")], ignore_baseline=True)) == "n"


def test_a_broken_one_can_be_ignored(folder: Path) -> None:
    (folder / FILE).write_text("{")
    with pytest.raises(UsageError, match="not valid JSON"):
        run(folder, [])
    assert states(run(folder, [finding("a.py:1")], ignore_baseline=True)) == "n"


def test_a_named_one_that_is_not_there_is_a_wrong_call_unless_it_is_written(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"the baseline old\.json is not there; --write-baseline"):
        run(folder, [], baseline="old.json")
    run(folder, [finding("a.py:1")], baseline="old.json", write_baseline=True)
    assert states(run(folder, [finding("a.py:1")], baseline="old.json")) == "k"


def test_pruning_what_is_not_there_is_a_wrong_call(folder: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        run(folder, [], prune_baseline=True)


def test_what_contradicts_is_a_wrong_call(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run(folder, [], write_baseline=True, prune_baseline=True)
    assert str(caught.value) == (
        "--write-baseline and --prune-baseline exclude each other "
        "(the first also drops what was fixed)"
    )
    with pytest.raises(UsageError, match="--prune-baseline and --ignore-baseline exclude"):
        run(folder, [], prune_baseline=True, ignore_baseline=True)


def test_it_lies_beside_the_configuration_and_its_paths_begin_there(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "sub/deep").mkdir(parents=True)
    (folder / "sub/buildsteps.yaml").touch()
    (folder / "sub/deep/a.py").write_text("eval(x)\n")
    run(folder / "sub/deep", [finding("a.py:1")], write_baseline=True)
    assert [path for path, *_ in written(folder / "sub")] == ["deep/a.py"]


def test_without_a_configuration_it_lies_in_the_root_of_the_repository(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "sub").mkdir()
    (folder / "sub/a.py").write_text("eval(x)\n")
    run(folder / "sub", [finding("a.py:1")], write_baseline=True)
    assert [path for path, *_ in written(folder)] == ["sub/a.py"]


def test_the_table_of_what_was_fixed_ends(folder: Path) -> None:
    many = [finding(f"f{number:02}.py:1") for number in range(30)]
    run(folder, many, write_baseline=True)
    table = run(folder).tables[-1]
    assert len(table.rows) == 21
    assert table.rows[-1] == ("elsewhere", "", "10")


def test_names_that_are_no_text_can_be_recorded(folder: Path) -> None:
    odd = replace(finding("a.py:1", engine="tool\ud800"), rule="rule\udcff")
    run(folder, [odd], write_baseline=True)
    assert states(run(folder, [odd])) == "k"
