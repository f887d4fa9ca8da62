import io
import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from buildsteps.errors import Interrupted, UsageError, WorldError
from buildsteps.options import CommonOptions
from buildsteps.reporting import formats
from buildsteps.reporting.interface import Rendering
from buildsteps.results import Case, Location, Outcome, Report, RunResult
from buildsteps.run import execute
from buildsteps.step import Step, Text
from buildsteps.world import World
from buildsteps.world.files import Files
from tests.world_double import fake_world

PREFIX = "BUILDSTEPS_CONFIG_CHECK_"
PASSED = Report(cases=[Case(name="a", group="g", outcome=Outcome.PASSED)])
FAILED = Report(cases=[Case(name="a", group="g", outcome=Outcome.FAILED, message="wrong")])


def step(outcome: Any) -> Step:
    """A command that gives ``outcome``, or raises it."""

    def collect(_options: CommonOptions, _world: object) -> Report | Text:
        if isinstance(outcome, BaseException):
            raise outcome
        assert isinstance(outcome, Report | Text)
        return outcome

    return Step("config check", CommonOptions, collect)


@pytest.mark.parametrize(
    ("outcome", "code", "sentence"),
    [
        (UsageError("no such thing", Location("f", 2, 3)), 2, "f:2:3: no such thing"),
        (WorldError("the service is gone"), 3, "the service is gone"),
        (RuntimeError("oops\nmore"), 3, "internal error, please report it"),
        (RecursionError("deep"), 3, "internal error"),
        (MemoryError(), 3, "out of memory"),
        (SystemExit(1), 3, "internal error, please report it (--debug shows more): SystemExit: 1"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Interrupted(), 143, "terminated"),
    ],
)
def test_what_goes_wrong_is_one_sentence_an_exit_code_and_a_junit_case(
    tmp_path: Path, outcome: BaseException, code: int, sentence: str
) -> None:
    told: list[str] = []
    world = fake_world(tmp_path, progress=told)
    assert execute(step(outcome), {"junit": "out.xml"}, world) == code
    (line,) = told
    assert line.startswith(f"buildsteps config check: {sentence}")
    (error,) = ET.parse(tmp_path / "out.xml").getroot().iter("error")
    assert sentence in str(error.get("message"))


@pytest.mark.parametrize(
    ("flags", "environ", "shown"),
    [
        ({"debug": True}, {}, True),
        ({}, {f"{PREFIX}DEBUG": "1"}, True),
        ({}, {f"{PREFIX}DEBUG": "1", f"{PREFIX}NOBODY": "1"}, True),
        ({}, {}, False),
    ],
)
def test_only_debug_shows_a_traceback(
    tmp_path: Path, flags: dict[str, Any], environ: dict[str, str], shown: bool
) -> None:
    told: list[str] = []
    world = fake_world(tmp_path, progress=told, environ=environ)
    execute(step(RuntimeError("oops")), flags, world)
    assert any("Traceback" in line for line in told) is shown
    assert told[-1].startswith("buildsteps config check: ")


def test_files_are_written_whole_also_when_the_gate_stops(tmp_path: Path) -> None:
    flags = {"output": ("json=a/r.json", "markdown=b.md"), "junit": "c.xml"}
    assert execute(step(FAILED), flags, fake_world(tmp_path)) == 1
    written = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert written == ["a/r.json", "b.md", "c.xml"]


def test_a_report_that_cannot_be_written_never_hides_a_stop(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    flags = {"output": ("json=file/r.json",)}
    told: list[str] = []
    assert execute(step(PASSED), flags, fake_world(tmp_path, progress=told)) == 3
    assert "file/r.json" in told[0]


@pytest.mark.parametrize(
    "break_it", [lambda p: p.mkdir(), lambda p: (p.mkdir(), (p / "x").touch())]
)
def test_a_folder_in_the_way_is_told(tmp_path: Path, break_it: Callable[[Path], Any]) -> None:
    break_it(tmp_path / "out.xml")
    told: list[str] = []
    world = fake_world(tmp_path, progress=told)
    assert execute(step(PASSED), {"junit": "out.xml"}, world) == 3
    assert told[0].startswith("buildsteps config check: out.xml: cannot be written")


def test_a_failure_half_way_through_writing_leaves_nothing(tmp_path: Path) -> None:
    def pieces() -> Any:
        yield "half"
        raise WorldError("no more")

    with pytest.raises(WorldError, match="no more"):
        fake_world(tmp_path).files.write(tmp_path / "x", pieces())
    assert list(tmp_path.iterdir()) == []


def test_inside_codebuild_a_junit_file_is_written_and_folded(tmp_path: Path) -> None:
    cases = [Case(name=str(n), group="g", outcome=Outcome.PASSED) for n in range(600)]
    environ = {"CODEBUILD_SRC_DIR": str(tmp_path), "CODEBUILD_BUILD_ID": "p:1"}
    assert execute(step(Report(cases=cases)), {}, fake_world(tmp_path, environ=environ)) == 0
    root = ET.parse(tmp_path / "reports" / "config-check.xml").getroot()
    assert len(list(root.iter("testcase"))) == 1


def test_a_wrong_configuration_is_reported_as_well(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").write_text("config_check: {jnit: x}\n")
    environ = {"CODEBUILD_SRC_DIR": str(tmp_path)}
    assert execute(step(PASSED), {}, fake_world(tmp_path, environ=environ)) == 2
    assert "Did you mean `junit`?" in (tmp_path / "reports" / "config-check.xml").read_text()


def test_a_text_is_printed_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(step(Text("hello", {"a": 1})), {}, fake_world(tmp_path)) == 0
    assert capsys.readouterr().out == "hello\n"
    assert execute(step(Text("hello", {"a": 1})), {"format": "json"}, fake_world(tmp_path)) == 0
    assert capsys.readouterr().out == '{\n  "a": 1\n}\n'


@pytest.mark.parametrize(
    ("flags", "coloured"), [({}, False), ({"color": True}, True), ({"color": False}, False)]
)
def test_colour_needs_a_terminal_or_a_wish(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: dict[str, Any],
    coloured: bool,
) -> None:
    execute(step(FAILED), flags, fake_world(tmp_path))
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def broken_reporter(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the reporter of one format raise after its first piece."""
    really = formats.reporter

    def render(_result: RunResult, _rendering: Rendering) -> Iterator[str]:
        yield "half"
        raise LookupError("a bug")

    monkeypatch.setattr(formats, "reporter", lambda one: render if one == name else really(one))


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("report", "code"), [(PASSED, 3), (FAILED, 1), (Report(), 2)])
def test_a_reporter_that_breaks_leaves_no_half_file_and_never_hides_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Report, code: int
) -> None:
    broken_reporter(monkeypatch, "sarif")
    told: list[str] = []
    flags = {"output": ("sarif=s", "json=j", "markdown=m")}
    (tmp_path / "s").write_text("stale")
    assert execute(step(report), flags, fake_world(tmp_path, progress=told)) == code
    assert files_in(tmp_path) == ["j", "m"]
    assert told == [
        "buildsteps config check: s: internal error, please report it (--debug shows more): "
        "LookupError: a bug"
    ]


def test_a_reporter_that_breaks_on_standard_output_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_reporter(monkeypatch, "json")
    told: list[str] = []
    world = fake_world(tmp_path, progress=told)
    assert execute(step(PASSED), {"format": "json", "junit": "x"}, world) == 3
    assert execute(step(FAILED), {"format": "json", "junit": "x"}, world) == 1
    assert capsys.readouterr().out == ""
    assert len(told) == 2
    assert "<failure" in (tmp_path / "x").read_text()


def unwritable(files: Files, name: str) -> Files:
    """Files of which one cannot be written, whoever runs this."""

    class Refusing(Files):
        def write(self, path: Path, pieces: Iterable[str]) -> None:
            if path.name == name:
                raise WorldError("cannot be written: permission denied", Location(name))
            super().write(path, pieces)

    return Refusing(files.cwd)


@pytest.mark.parametrize(("report", "code"), [(PASSED, 3), (FAILED, 1), (Report(), 2)])
def test_a_file_that_cannot_be_written_keeps_no_other_from_being_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], report: Report, code: int
) -> None:
    told: list[str] = []
    world = fake_world(tmp_path, progress=told)
    world = msgspec.structs.replace(world, files=unwritable(world.files, "j"))
    flags = {"output": ("json=j", "markdown=m"), "format": "json"}
    assert execute(step(report), flags, world) == code
    assert told == ["buildsteps config check: j: cannot be written: permission denied"]
    assert files_in(tmp_path) == ["m"]
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert verdict["exit_code"] == code
    assert "j: cannot be written: permission denied" in verdict["reasons"]


def test_stale_files_are_gone_before_the_work_begins(tmp_path: Path) -> None:
    there: list[bool] = []

    def collect(_options: CommonOptions, world: World) -> Report:
        there.extend((world.cwd / name).exists() for name in ("a", "b"))
        return PASSED

    for name in ("a", "b"):
        (tmp_path / name).write_text("stale")
    flags = {"output": ("json=a",), "junit": "b"}
    assert execute(Step("config check", CommonOptions, collect), flags, fake_world(tmp_path)) == 0
    assert there == [False, False]


def test_report_only_shows_and_writes_the_stop_and_exits_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = {"report_only": True, "junit": "x"}
    assert execute(step(FAILED), flags, fake_world(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "STOPPED" in shown
    assert "report only: the exit code of this stop is 0" in shown
    assert "<failure" in (tmp_path / "x").read_text()
    assert execute(step(WorldError("gone")), flags, fake_world(tmp_path)) == 3
    assert execute(step(Report()), flags, fake_world(tmp_path)) == 2


@pytest.mark.parametrize(("flags", "code"), [({}, 2), ({"allow_empty": True}, 0)])
def test_nothing_judged_is_not_green_unless_that_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: dict[str, Any], code: int
) -> None:
    empty = Report(emptiness="there is no file")
    assert execute(step(empty), flags, fake_world(tmp_path)) == code
    assert ("there is no file (--allow-empty accepts it)" in capsys.readouterr().out) == bool(code)


@pytest.mark.parametrize(
    ("flags", "environ", "written", "shown"),
    [
        ({"verbose": True, "quiet": True}, {}, "", None),
        ({}, {"VERBOSE": "1", "QUIET": "1"}, "", None),
        ({}, {}, "verbose: true, quiet: true", None),
        ({"quiet": True}, {"VERBOSE": "1"}, "", "nothing"),
        ({"verbose": True}, {}, "quiet: true", "cases"),
        ({}, {"QUIET": "1"}, "verbose: true", "nothing"),
    ],
)
def test_verbose_and_quiet_exclude_each_other_but_the_stronger_source_wins(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: dict[str, Any],
    environ: dict[str, str],
    written: str,
    shown: str | None,
) -> None:
    (tmp_path / "buildsteps.yaml").write_text(f"config_check: {{{written}}}\n")
    told: list[str] = []
    variables = {PREFIX + name: value for name, value in environ.items()}
    world = fake_world(tmp_path, environ=variables, progress=told)
    code = execute(step(PASSED), flags, world)
    out = capsys.readouterr().out
    if shown is None:
        assert code == 2
        assert told == ["buildsteps config check: --verbose and --quiet exclude each other"]
    else:
        assert code == 0
        assert (out == "") is (shown == "nothing")
        assert ("passed  a" in out) is (shown == "cases")


@pytest.mark.parametrize(
    ("flags", "environ"),
    [
        ({"format": "json", "output": ("markdown=m",)}, {}),
        ({}, {f"{PREFIX}FORMAT": "json", f"{PREFIX}OUTPUT": "markdown=m"}),
    ],
)
def test_a_wrong_configuration_keeps_the_formats_and_files_that_were_asked_for(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: dict[str, Any],
    environ: dict[str, str],
) -> None:
    (tmp_path / "buildsteps.yaml").write_text("config_check: {strct: 1}\n")
    assert execute(step(PASSED), flags, fake_world(tmp_path, environ=environ)) == 2
    assert json.loads(capsys.readouterr().out)["verdict"]["exit_code"] == 2
    assert "unknown key" in (tmp_path / "m").read_text()


def test_a_report_that_the_wrong_configuration_asks_for_is_written(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").write_text("config_check: {junit: r/x.xml, strct: 1}\n")
    assert execute(step(PASSED), {}, fake_world(tmp_path)) == 2
    assert "unknown key `strct`" in (tmp_path / "r" / "x.xml").read_text()


def test_an_environment_variable_can_name_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("config_check: {allow_empty: true}\n")
    world = fake_world(tmp_path, environ={f"{PREFIX}CONFIG": "other.yaml"})
    assert execute(step(Report()), {}, world) == 0
    assert execute(step(Report()), {"config": "no.yaml"}, world) == 2


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"format": "junit"}, "this gives text or JSON, not junit: nothing is judged"),
        ({"output": ("json=x",)}, "there is no report to write to a file: nothing is judged"),
        ({"junit": "x"}, "there is no report to write to a file: nothing is judged"),
    ],
)
def test_a_command_that_judges_nothing_refuses_to_promise_a_report(
    tmp_path: Path, flags: dict[str, Any], sentence: str
) -> None:
    told: list[str] = []
    assert execute(step(Text("t")), flags, fake_world(tmp_path, progress=told)) == 2
    assert told == [f"buildsteps config check: {sentence}"]


def test_a_second_signal_does_not_disturb_the_clean_up(tmp_path: Path) -> None:
    def collect(_options: CommonOptions, _world: World) -> Report:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError

    class Signalled(Files):
        def write(self, path: Path, pieces: Iterable[str]) -> None:
            signal.raise_signal(signal.SIGTERM)
            super().write(path, pieces)

    told: list[str] = []
    before = signal.getsignal(signal.SIGTERM)
    world = msgspec.structs.replace(fake_world(tmp_path, progress=told), files=Signalled(tmp_path))
    assert execute(Step("config check", CommonOptions, collect), {"junit": "x"}, world) == 143
    assert told == ["buildsteps config check: terminated"]
    assert "terminated" in (tmp_path / "x").read_text()
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_while_the_result_is_shown_keeps_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, code: int
) -> None:
    class Slow(io.StringIO):
        def writelines(self, _lines: object) -> None:
            signal.raise_signal(sent)

    monkeypatch.setattr(sys, "stdout", Slow())
    assert execute(step(FAILED), {"junit": "x"}, fake_world(tmp_path)) == code
    assert "<failure" in (tmp_path / "x").read_text()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (BrokenPipeError(), "standard output was closed before the result was written"),
        (OSError(28, "No space left"), "standard output cannot be written: no space left"),
        (None, "standard output is closed"),
    ],
)
@pytest.mark.parametrize(("report", "code"), [(PASSED, 3), (FAILED, 1), (Text("t"), 3)])
def test_standard_output_that_cannot_be_written_is_no_pass_and_hides_no_stop(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError | None,
    sentence: str,
    report: Report | Text,
    code: int,
) -> None:
    class Unwritable(io.StringIO):
        def writelines(self, _lines: object) -> None:
            assert error is not None
            raise error

    monkeypatch.setattr(sys, "stdout", Unwritable() if error else None)
    told: list[str] = []
    assert execute(step(report), {}, fake_world(tmp_path, progress=told)) == code
    assert told == [f"buildsteps config check: {sentence}"]


@pytest.mark.parametrize(
    ("flags", "environ", "terminal", "coloured"),
    [
        ({}, {}, True, True),
        ({}, {"NO_COLOR": "1"}, True, False),
        ({}, {"NO_COLOR": ""}, True, True),
        ({"color": True}, {"NO_COLOR": "1"}, True, True),
        ({"color": False}, {}, True, False),
        ({"color": True}, {}, False, True),
        ({}, {}, False, False),
    ],
)
def test_colour_is_for_terminals_without_no_color(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: dict[str, Any],
    environ: dict[str, str],
    terminal: bool,
    coloured: bool,
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    files = {"output": ("terminal=t",)}
    execute(step(FAILED), {**flags, **files}, fake_world(tmp_path, environ=environ))
    assert ("\x1b[" in screen.getvalue()) is coloured
    assert "\x1b[" not in (tmp_path / "t").read_text()


def test_the_report_says_when_it_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(step(PASSED), {"format": "json"}, fake_world(tmp_path))
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert facts == {"started": "2026-03-01T12:00:00Z", "seconds": 0.0}


@pytest.mark.parametrize(
    ("flags", "environ", "listed"),
    [
        ({}, {}, 600),
        ({"junit_limit": 10}, {}, 1),
        ({}, {"CODEBUILD_BUILD_ID": "p:1"}, 1),
        ({"junit_limit": 1000}, {"CODEBUILD_BUILD_ID": "p:1"}, 600),
    ],
)
def test_a_junit_file_is_folded_where_its_reader_would_cut(
    tmp_path: Path, flags: dict[str, Any], environ: dict[str, str], listed: int
) -> None:
    cases = [Case(name=str(n), group="g", outcome=Outcome.PASSED) for n in range(600)]
    world = fake_world(tmp_path, environ=environ)
    assert execute(step(Report(cases=cases)), {"junit": "x", **flags}, world) == 0
    assert len(list(ET.parse(tmp_path / "x").getroot().iter("testcase"))) == listed
