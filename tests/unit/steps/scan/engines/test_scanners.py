"""Scanners of the configuration: shown, run, and never believed in silence."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from msgspec import Struct, field

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Cause, Outcome
from buildsteps.steps.scan.engines.scanners.engine import scan
from buildsteps.steps.scan.settings import Scanner, ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world.process import Completed
from tests.sarif_logs import log, result
from tests.world_double import ScriptedProcesses, fake_world

CLEAN, ONE = log(), log(result())


class Writing(ScriptedProcesses):
    """Programs that do something before they answer; ``runs`` records folder and time limit."""

    doing: Callable[[], object] = lambda: None
    runs: list[tuple[Path | None, float]] = field(default_factory=list)

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """Do it, then answer."""
        self.runs.append((cwd, timeout))
        self.doing()
        return super().run(arguments, cwd=cwd, stdin=stdin, environ=environ, timeout=timeout)


class Stage(Struct):
    """A folder with one scanner called ``tool``."""

    folder: Path
    said: list[str] = field(default_factory=list)
    processes: Writing = field(default_factory=Writing)

    def run(
        self,
        done: Completed | None = None,
        *,
        scanner: Scanner | None = None,
        doing: Callable[[], object] = lambda: None,
        files: tuple[str, ...] = ("app.py",),
    ) -> Scanned:
        """What comes of the scanner ending so."""
        self.processes = Writing(answers={"tool": done} if done else {}, doing=doing)
        world = fake_world(self.folder, progress=self.said, processes=self.processes)
        options = ScanOptions(scanners={"mine": scanner or Scanner(run=("tool", "a b"))})
        (found,) = scan(Subjects(files=files), options, world)
        return found


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A folder with a source."""
    (tmp_path / "app.py").write_text("x\n")
    return Stage(tmp_path)


def test_findings_carry_the_name_that_the_configuration_gives(stage: Stage) -> None:
    found = stage.run(Completed(1, ONE, b""))
    assert (found.engine, found.cases, found.facts["tool"]) == ("mine", (), "Tool")
    assert [one.engine for one in found.sightings] == ["mine"]


def test_the_command_is_shown_before_it_starts(stage: Stage) -> None:
    shown: list[list[str]] = []
    stage.run(Completed(0, CLEAN, b""), doing=lambda: shown.append(list(stage.said)))
    assert shown == [["mine: tool 'a b'"]]


def test_control_characters_of_the_command_are_not_shown_as_such(stage: Stage) -> None:
    scanner = Scanner(run=("tool", "\x1b[2J\u202e"))
    stage.run(Completed(0, CLEAN, b""), scanner=scanner)
    assert stage.said == ["mine: tool '\ufffd'"]


@pytest.mark.parametrize(
    ("done", "said", "detail"),
    [
        (None, "tool cannot be run: no such file or directory", ""),
        (
            Completed(2, ONE, b"bad rule\n"),
            "mine failed: exit status 2, where 0 or 1 is a success",
            "bad rule",
        ),
        (Completed(-9, b"", b""), "mine failed: signal 9 ended it", ""),
        (Completed(0, b"", b"hello"), "mine wrote nothing to standard output", "hello"),
        (Completed(0, b" \n", b""), "mine wrote nothing to standard output", ""),
        (
            Completed(0, b"{}", b"oops"),
            "is JSON but no SARIF: `version` and `runs` are missing",
            "oops",
        ),
        (
            Completed(1, CLEAN, b"out of memory"),
            "mine ended with exit status 1 and wrote no result",
            "out of memory",
        ),
        (
            Completed(0, CLEAN, b"warning: No Python files found under the given path(s)"),
            "mine wrote no result and says `No Python files found`: it read nothing",
            "warning: No Python files found under the given path(s)",
        ),
        (
            Completed(0, CLEAN, b"x: No such file or directory (os error 2)"),
            "mine wrote no result and says `No such file or directory`: it read nothing",
            "x: No such file or directory (os error 2)",
        ),
        (
            Completed(0, log(results=None), b""),
            "has a run without `results`: that scanner did not scan",
            "",
        ),
    ],
)
def test_a_scanner_that_failed_or_read_nothing_is_the_worlds_fault(
    done: Completed | None, said: str, detail: str, stage: Stage
) -> None:
    found = stage.run(done)
    (case,) = found.cases
    assert (case.message, case.detail) == (said, detail)
    assert (case.group, case.outcome, case.cause) == ("mine", Outcome.ERROR, Cause.WORLD)
    assert found.partial


def test_a_scanner_that_takes_too_long_is_named(stage: Stage) -> None:
    def late() -> None:
        raise WorldError("tool did not end within 5 seconds")

    (case,) = stage.run(Completed(0, CLEAN, b""), doing=late).cases
    assert (case.group, case.message) == ("mine", "tool did not end within 5 seconds")


def test_the_time_limit_is_the_scanners_own(stage: Stage) -> None:
    stage.run(Completed(0, CLEAN, b""), scanner=Scanner(run=("tool",), timeout=5))
    assert stage.processes.runs == [(stage.folder, 5)]


def test_no_scanner_takes_longer_than_the_call_allows(tmp_path: Path) -> None:
    processes = Writing(answers={"tool": Completed(0, CLEAN, b"")})
    options = ScanOptions(scanners={"mine": Scanner(run=("tool",))}, timeout=7)
    scan(Subjects(files=()), options, fake_world(tmp_path, processes=processes))
    assert processes.runs == [(tmp_path, 7)]


def test_an_empty_result_is_clean_where_nothing_speaks_against_it(stage: Stage) -> None:
    found = stage.run(Completed(0, CLEAN, b"INF 12 commits scanned. no leaks found"))
    assert (found.cases, found.notes, found.partial) == ((), (), False)


def test_exit_statuses_of_a_success_are_those_of_the_configuration(stage: Stage) -> None:
    scanner = Scanner(run=("tool",), success=(0, 6))
    assert stage.run(Completed(6, ONE, b""), scanner=scanner).cases == ()
    (case,) = stage.run(Completed(1, ONE, b""), scanner=scanner).cases
    assert case.message == "mine failed: exit status 1, where 0 or 6 is a success"


def writing(folder: Path, data: bytes = ONE) -> Callable[[], object]:
    """Write the output file."""
    return lambda: (folder / "out" / "r.sarif").write_bytes(data)


def to_file(folder: Path) -> Scanner:
    """A scanner that writes a file, in a folder that nobody made."""
    return Scanner(run=("tool",), output=str(folder / "out" / "r.sarif"))


def test_the_output_file_is_read_instead_of_standard_output(stage: Stage) -> None:
    found = stage.run(
        Completed(0, b"12 files scanned", b""),
        scanner=to_file(stage.folder),
        doing=writing(stage.folder),
    )
    assert (len(found.sightings), found.facts["sarif"]) == (1, "out/r.sarif")


def test_the_output_of_an_earlier_run_is_never_read(stage: Stage) -> None:
    (stage.folder / "out").mkdir()
    writing(stage.folder)()
    found = stage.run(Completed(0, b"", b"hm"), scanner=to_file(stage.folder))
    (case,) = found.cases
    assert case.message == "mine did not write out/r.sarif (exit status 0)"
    assert found.sightings == ()


def test_a_file_that_no_scanner_wrote_is_not_removed_for_its_output(stage: Stage) -> None:
    (stage.folder / "out").mkdir()
    ours = stage.folder / "out" / "r.sarif"
    ours.write_text("scan:\n  fail_on: high\n")
    found = stage.run(Completed(0, b"", b""), scanner=to_file(stage.folder))
    (case,) = found.cases
    assert (case.outcome, case.cause) == (Outcome.ERROR, Cause.WORLD)
    assert "out/r.sarif, which is there and no SARIF" in case.message
    assert ours.read_text() == "scan:\n  fail_on: high\n"
    assert stage.processes.runs == []


@pytest.mark.parametrize("left", [b"", CLEAN[:60], CLEAN.decode().encode("utf-16")])
def test_a_report_cut_off_empty_or_in_utf_16_is_of_an_earlier_run(
    left: bytes, stage: Stage
) -> None:
    (stage.folder / "out").mkdir()
    (stage.folder / "out" / "r.sarif").write_bytes(left)
    done = Completed(0, b"", b"")
    found = stage.run(done, scanner=to_file(stage.folder), doing=writing(stage.folder))
    assert len(found.sightings) == 1


def test_an_empty_output_file_is_no_clean_scan(stage: Stage) -> None:
    done = Completed(0, b"", b"")
    found = stage.run(done, scanner=to_file(stage.folder), doing=writing(stage.folder, b""))
    assert found.cases[0].message == "mine wrote nothing to out/r.sarif"


def test_an_output_that_is_a_folder_is_told(stage: Stage) -> None:
    (stage.folder / "out" / "r.sarif").mkdir(parents=True)
    found = stage.run(Completed(0, ONE, b""), scanner=to_file(stage.folder))
    assert "which is a folder" in found.cases[0].message


def test_a_folder_that_cannot_be_made_is_told(stage: Stage) -> None:
    (stage.folder / "out").write_text("in the way")
    found = stage.run(Completed(0, ONE, b""), scanner=to_file(stage.folder))
    (case,) = found.cases
    assert case.message == "mine cannot write out/r.sarif: file exists"


def test_two_scanners_with_one_output_are_a_wrong_call(tmp_path: Path) -> None:
    both = {"a": to_file(tmp_path), "b": to_file(tmp_path)}
    with pytest.raises(UsageError, match="the scanners `a` and `b` both write"):
        scan(Subjects(files=()), ScanOptions(scanners=both), fake_world(tmp_path))


def test_none_configured_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="runs those of `scanners:`"):
        scan(Subjects(files=()), ScanOptions(), fake_world(tmp_path))


def test_the_files_that_it_should_read_are_counted_and_become_what_was_read(stage: Stage) -> None:
    scanner = Scanner(run=("tool",), files=("**/*.py", "./infra/*.tf"))
    files = ("app.py", "infra/a.tf", "web/a.js", "x/infra/b.tf")
    found = stage.run(Completed(0, CLEAN, b""), scanner=scanner, files=files)
    assert found.read == frozenset({"app.py", "infra/a.tf", "x/infra/b.tf"})
    assert found.subject == "3 files"


def test_a_file_that_the_scanner_could_not_read_does_not_take_away_the_others(
    stage: Stage,
) -> None:
    wrong = [{"level": "error", "message": {"text": "x"}, "locations": result()["locations"]}]
    started = [{"executionSuccessful": True, "toolExecutionNotifications": wrong}]
    done = Completed(1, log(invocations=started), b"")
    found = stage.run(
        done, scanner=Scanner(run=("tool",), files=("*.py",)), files=("app.py", "b.py")
    )
    (case,) = found.cases
    assert (case.name, case.cause) == ("app.py", Cause.SUBJECT)
    assert found.read == frozenset({"app.py", "b.py"})


def test_a_scanner_with_nothing_to_read_is_not_started_and_that_is_no_pass(stage: Stage) -> None:
    scanner = Scanner(run=("tool",), files=("*.tf",))
    found = stage.run(Completed(0, CLEAN, b""), scanner=scanner)
    (case,) = found.cases
    assert (case.outcome, case.message) == (
        Outcome.SKIPPED,
        "not started: no file matches *.tf",
    )
    assert stage.processes.calls == []


def test_it_runs_in_the_folder_of_the_configuration_and_its_paths_begin_there(
    tmp_path: Path,
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "buildsteps.yaml").write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "app.py").write_text("x\n")
    processes = Writing(answers={"tool": Completed(0, log(result("sub/app.py")), b"")})
    world = fake_world(tmp_path / "sub", processes=processes)
    options = ScanOptions(scanners={"mine": Scanner(run=("tool",))})
    (found,) = scan(Subjects(files=("app.py",)), options, world)
    assert processes.runs[0][0] == tmp_path
    assert [str(one.locations[0]) for one in found.sightings] == ["app.py:1"]


def test_a_long_complaint_is_shown_from_its_end(stage: Stage) -> None:
    words = b"".join(b"line %d\n" % number for number in range(500))
    (case,) = stage.run(Completed(3, b"", words)).cases
    assert case.detail.splitlines()[0] == "line 480"
    assert case.detail.splitlines()[-1] == "line 499"
