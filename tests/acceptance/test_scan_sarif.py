"""``scan --sarif`` and scanners of the configuration, as a user calls them."""

import sys
from pathlib import Path

import pytest

from tests.command_line import buildsteps
from tests.real_parts.planted import plant
from tests.real_parts.record_sarif import restored
from tests.sarif_logs import log, result


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The planted project, with the recordings of two scanners."""
    plant(tmp_path)
    for name in ("hadolint", "semgrep", "gitleaks"):
        (tmp_path / f"{name}.sarif").write_bytes(restored(name, tmp_path))
    return tmp_path


def test_findings_of_two_scanners_stop_the_build_and_are_in_the_report(project: Path) -> None:
    ran = buildsteps(
        *("scan", "--sarif", "hadolint.sarif", "--sarif", "semgrep.sarif", "--format", "json"),
        cwd=project,
    )
    assert ran.code == 1
    assert {"DL3020", "rules.no-eval"} <= set(ran.rules())
    places = [one["locations"][0]["path"] for one in ran.report["findings"]]
    assert "app/mit leerzeichen/größe.py" in places


def test_what_is_less_severe_is_shown_and_passes(project: Path) -> None:
    ran = buildsteps(
        "scan",
        "--sarif",
        "hadolint.sarif",
        "--fail-on",
        "critical",
        "--format",
        "json",
        cwd=project,
    )
    assert (ran.code, len(ran.rules())) == (0, 4)


def test_a_leaked_token_stops_and_stands_in_no_report(project: Path) -> None:
    ran = buildsteps(
        *("scan", "--sarif", "gitleaks.sarif", "--junit", "out.xml"),
        *("--output", "sarif=out.sarif", "--output", "json=out.json", "--output", "html=out.html"),
        cwd=project,
    )
    assert ran.code == 1
    written = [path.read_text() for path in project.glob("out.*")]
    assert len(written) == 4
    assert all("FakeFake" not in text for text in (*written, ran.out, ran.err))


def test_sarif_from_standard_input(project: Path) -> None:
    text = (project / "hadolint.sarif").read_text()
    ran = buildsteps("scan", "--sarif", "-", "--format", "json", cwd=project, stdin=text)
    assert (ran.code, len(ran.rules())) == (1, 4)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty: the scanner wrote nothing"),
        ("<html>", "is no SARIF: "),
        ('{"version": "2.1.0", "runs": [{"results": null}]}', "that scanner did not scan"),
        ("[" * 3_000_000, "is no SARIF: "),
    ],
)
def test_a_file_that_cannot_be_judged_stops_with_one_sentence(
    content: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.sarif").write_text(content)
    ran = buildsteps("scan", "--sarif", "a.sarif", cwd=tmp_path)
    assert ran.code == 1
    assert said in ran.out
    assert "a.sarif" in ran.out


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    ran = buildsteps("scan", "--sarif", "gone.sarif", cwd=tmp_path)
    assert ran.code == 2
    assert "--sarif gone.sarif: is not there" in ran.err + ran.out


def configured(folder: Path, run: list[str], more: str = "") -> None:
    """A project whose configuration has one scanner."""
    text = ", ".join(f'"{part}"' for part in run)
    (folder / "buildsteps.yaml").write_text(
        f"scan:\n  scanners:\n    mine:\n      run: [{text}]\n{more}"
    )


def test_a_scanner_of_the_configuration_is_shown_run_and_judged(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x\n")
    (tmp_path / "result.sarif").write_bytes(log(result(level="error")))
    configured(tmp_path, ["cat", "result.sarif"])
    ran = buildsteps("scan", "--format", "json", cwd=tmp_path)
    assert ran.code == 1
    assert ran.err.splitlines()[0] == "mine: cat result.sarif"
    assert ran.report["findings"][0]["engines"] == ["mine"]


def test_no_shell_sees_the_arguments(tmp_path: Path) -> None:
    configured(tmp_path, ["echo", "$(touch made); touch made"])
    assert buildsteps("scan", cwd=tmp_path).code == 3
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("run", "more", "said"),
    [
        (["no-such-scanner"], "", "no-such-scanner cannot be run"),
        (
            [sys.executable, "-c", "import sys; sys.exit('broken')"],
            "      success: [0]\n",
            "broken",
        ),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "      timeout: 0.3\n", "0.3"),
        ([sys.executable, "-c", "pass"], "", "mine wrote nothing to standard output"),
        (["echo", "nonsense"], "", "is no SARIF"),
    ],
    ids=["missing", "fails", "hangs", "silent", "no SARIF"],
)
def test_a_scanner_that_fails_is_never_a_clean_scan(
    run: list[str], more: str, said: str, tmp_path: Path
) -> None:
    configured(tmp_path, run, more)
    ran = buildsteps("scan", cwd=tmp_path)
    assert ran.code == 3
    assert said in ran.out
    assert "Traceback" not in ran.out + ran.err


def test_other_scanners_go_on_where_one_fails(tmp_path: Path) -> None:
    (tmp_path / "clean.sarif").write_bytes(log())
    configured(tmp_path, ["no-such-scanner"], '    good:\n      run: ["cat", "clean.sarif"]\n')
    ran = buildsteps("scan", "--format", "json", cwd=tmp_path)
    assert ran.code == 3
    assert ran.cases("passed")[0][0] == "good"
    assert ran.cases("error") == [("mine", "run")]


def test_a_scanner_without_a_file_to_read_says_why_it_was_not_started(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").write_text(
        'scan:\n  scanners:\n    infra: {run: [infra], files: ["*.tf"]}\n'
    )
    ran = buildsteps("scan", cwd=tmp_path)
    assert (ran.code, "infra: not started: no file matches *.tf" in ran.out) == (2, True)
