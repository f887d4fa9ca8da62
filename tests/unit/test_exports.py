from pathlib import Path
from typing import Any

import pytest

from buildsteps.exports import github_lines, shell_script
from buildsteps.options import CommonOptions
from buildsteps.results import Case, Outcome, Report
from buildsteps.run import execute
from buildsteps.step import Step
from tests.world_double import fake_world

FACTS = {"images": ["a", "b"], "engine": {"name": "Cedar"}, "share": 0.5, "ok": True, "none": None}
PASSED = Case(name="a", group="g", outcome=Outcome.PASSED)
FAILED = Case(name="b", group="g", outcome=Outcome.FAILED, message="wrong")


def step(*cases: Case) -> Step:
    report = Report(cases=cases, facts=FACTS)
    return Step("config check", CommonOptions, lambda _options, _world: report)


def exported(folder: Path, *exports: str, cases: tuple[Case, ...] = (PASSED,)) -> tuple[int, str]:
    """The exit code, and the script that was written."""
    flags: dict[str, Any] = {"export": exports, "export_file": "out.sh"}
    code = execute(step(*cases), flags, fake_world(folder))
    script = folder / "out.sh"
    return code, script.read_text() if script.exists() else ""


@pytest.mark.parametrize(
    ("export", "line"),
    [
        ("A", "export A='passed'\n"),
        ("_a1=command", "export _a1='config check'\n"),
        ("A=counts.passed", "export A='1'\n"),
        ("A=verdict.exit_code", "export A='0'\n"),
        ("A=cases.0.name", "export A='a'\n"),
        ("A=cases.0.outcome", "export A='passed'\n"),
        ("A=cases.0.cause", "export A=''\n"),
        ("A=facts.images", 'export A=\'["a","b"]\'\n'),
        ("A=facts.images.1", "export A='b'\n"),
        ("A=facts.engine", 'export A=\'{"name":"Cedar"}\'\n'),
        ("A=facts.share", "export A='0.5'\n"),
        ("A=facts.ok", "export A='true'\n"),
        ("A=facts.none", "export A=''\n"),
    ],
)
def test_a_field_of_the_report_is_handed_on(tmp_path: Path, export: str, line: str) -> None:
    assert exported(tmp_path, export) == (0, line)


def test_a_stop_is_handed_on_too(tmp_path: Path) -> None:
    code, script = exported(tmp_path, "A", "N=counts.failed", cases=(PASSED, FAILED))
    assert (code, script) == (1, "export A='stopped'\nexport N='1'\n")


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("counts.faild", "no field `counts.faild`. Did you mean `counts.failed`?"),
        ("verdikt", "no field `verdikt`. Did you mean `verdict`?"),
        ("facts.engine.nam", "Did you mean `facts.engine.name`?"),
        ("cases.2.name", "no field `cases.2.name`."),
        ("cases.-1.name", "no field `cases.-1.name`."),
        ("command.x", "no field `command.x`."),
        ("counts.", "no field `counts.`."),
    ],
)
def test_an_unknown_field_is_a_wrong_call_that_keeps_the_cases(
    tmp_path: Path, field: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, script = exported(tmp_path, "A", f"B={field}", cases=(PASSED, FAILED))
    assert (code, script) == (2, "export A='wrong-call'\n")
    shown = capsys.readouterr().out
    assert sentence in shown
    assert "FAILED g > b" in shown


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"export": ("A-B",), "export_file": "f"}, "--export takes NAME or NAME=FIELD, not 'A-B'"),
        ({"export": ("A=",), "export_file": "f"}, "--export takes NAME or NAME=FIELD, not 'A='"),
        ({"export": ("1",), "export_file": "f"}, "--export takes NAME or NAME=FIELD, not '1'"),
        ({"export": ("A", "A=command"), "export_file": "f"}, "--export gives A twice"),
        ({"export": ("A",)}, "--export needs --export-file PATH"),
        ({"export_file": "f"}, "--export-file needs --export NAME[=FIELD]"),
    ],
)
def test_an_export_that_cannot_be_is_a_wrong_call(
    tmp_path: Path, flags: dict[str, Any], sentence: str
) -> None:
    told: list[str] = []
    assert execute(step(PASSED), flags, fake_world(tmp_path, progress=told)) == 2
    assert sentence in told[0]


def test_a_script_of_an_earlier_run_never_stays(tmp_path: Path) -> None:
    (tmp_path / "out.sh").write_text("export OLD='1'\n")
    gone = Step("config check", CommonOptions, lambda _options, _world: 1 / 0)  # type: ignore[arg-type,return-value]
    flags = {"export": ("A", "E=facts.engine"), "export_file": "out.sh"}
    assert execute(gone, flags, fake_world(tmp_path)) == 3
    assert (tmp_path / "out.sh").read_text() == "export A='world-failed'\n"


def test_a_script_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out.sh").mkdir()
    told: list[str] = []
    world = fake_world(tmp_path, progress=told)
    flags = {"export": ("A",), "export_file": "out.sh"}
    assert execute(step(PASSED), flags, world) == 3
    assert told[0].startswith("buildsteps config check: out.sh: cannot be ")


def test_github_reads_what_is_added_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("OLD=1\n")
    world = fake_world(tmp_path, environ={"GITHUB_ENV": str(tmp_path / "env")})
    assert execute(step(PASSED), {"export": ("A", "B=command")}, world) == 0
    lines = (tmp_path / "env").read_text().splitlines()
    assert lines[0] == "OLD=1"
    assert [lines[1].split("<<")[0], lines[2]] == ["A", "passed"]
    assert [lines[4].split("<<")[0], lines[5]] == ["B", "config check"]
    assert lines[3] == lines[1].split("<<")[1]


def test_no_value_can_end_its_own_entry() -> None:
    seen = {github_lines({"A": "x\ny"}).splitlines()[0] for _ in range(20)}
    assert len(seen) == 20  # a delimiter that nobody can guess
    (first, *value, last) = github_lines({"A": "x\nB<<EOF\nz\nEOF"}).splitlines()
    assert value == ["x", "B<<EOF", "z", "EOF"]
    assert first == f"A<<{last}"


def test_a_value_stays_in_its_quotes() -> None:
    hostile = "a'; echo x; '\n$(id) `id` \"\\"
    assert shell_script({"A": "it's", "B": hostile}) == (
        "export A='it'\"'\"'s'\nexport B='" + hostile.replace("'", "'\"'\"'") + "'\n"
    )
