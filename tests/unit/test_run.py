from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from buildsteps.errors import Interrupted, UsageError, WorldError
from buildsteps.options import CommonOptions
from buildsteps.results import Case, Location, Outcome, Report
from buildsteps.run import execute
from buildsteps.step import Step, Text
from tests.world_double import fake_world

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


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    told: list[str] = []
    execute(step(RuntimeError("oops")), {"debug": True}, fake_world(tmp_path, progress=told))
    assert "Traceback" in told[0]


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
