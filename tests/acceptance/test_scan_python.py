"""``scan`` with bandit and ruff, as a user runs it."""

import subprocess
from pathlib import Path

import pytest

from tests.command_line import buildsteps

SHELL = "import subprocess\n\n\ndef run(x):\n    return subprocess.run(x, shell=True)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one file that is clean, in a package."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "clean.py").write_text("x = 1\n")
    return tmp_path


def test_clean_code_passes_with_a_case_for_each_file(project: Path) -> None:
    ran = buildsteps("scan", "--format", "json", cwd=project)
    assert ran.code == 0
    assert [name for _, name in ran.cases("passed")] == ["shop/clean.py"]
    engines = {one["name"]: one["subject"] for one in ran.report["facts"]["engines"]}
    assert engines == {"bandit": "1 file", "ruff": "1 file"}


def test_what_both_engines_see_is_one_finding_that_stops(project: Path) -> None:
    (project / "shop" / "run.py").write_text(SHELL)
    ran = buildsteps("scan", "--format", "json", cwd=project)
    assert ran.code == 1
    (finding,) = [one for one in ran.report["findings"] if one["severity"] == "high"]
    assert (finding["rule"], finding["aliases"]) == ("B602", ["S602"])
    assert finding["engines"] == ["bandit", "ruff"]
    assert finding["cwes"] == [78]
    assert finding["locations"][0]["line"] == 5


@pytest.mark.parametrize("rule", ["B602", "S602"])
def test_an_acceptance_may_use_the_name_of_either_engine(rule: str, project: Path) -> None:
    (project / "shop" / "run.py").write_text(SHELL)
    (project / "buildsteps.yaml").write_text(f"accept:\n  - {{rule: {rule}, reason: ours}}\n")
    assert buildsteps("scan", cwd=project).code == 0


@pytest.mark.parametrize("comment", ["nosec B602 - ours", "noqa: S602 ours"])
def test_a_comment_for_one_engine_lets_the_place_pass_for_both(comment: str, project: Path) -> None:
    source = SHELL.replace("shell=True)", f"shell=True)  # {comment}")
    (project / "shop" / "run.py").write_text(source)
    ran = buildsteps("scan", "--format", "json", cwd=project)
    assert ran.code == 0
    accepted = [one for one in ran.report["findings"] if one["accepted"]]
    assert [(one["rule"], one["accepted"]) for one in accepted] == [("B602", "ours")]


def test_a_file_that_does_not_parse_is_told_once_and_stops(project: Path) -> None:
    (project / "shop" / "half.py").write_text("def f(:\n")
    ran = buildsteps("scan", cwd=project)
    assert ran.code == 1
    assert ran.out.count("ERROR") == 1
    assert "shop/half.py:1:7: is not valid for Python" in ran.out
    assert "--exclude" in ran.out
    assert buildsteps("scan", "--exclude", "half.py", cwd=project).code == 0


def test_a_path_that_is_not_there_is_a_wrong_call_though_engines_pass_it(project: Path) -> None:
    ran = buildsteps("scan", "shop", "gone", cwd=project)
    assert ran.code == 2
    assert "gone: is not there" in ran.out + ran.err


def test_no_python_is_nothing_judged(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("hello")
    assert buildsteps("scan", cwd=tmp_path).code == 2
    assert buildsteps("scan", "--allow-empty", cwd=tmp_path).code == 0


def test_a_file_that_may_not_be_read_is_an_error_that_names_it(project: Path) -> None:
    secret = project / "shop" / "secret.py"
    secret.write_text("x = 1\n")
    secret.chmod(0)
    ran = buildsteps("scan", cwd=project, permissions=True)
    assert ran.code == 1
    assert "shop/secret.py: cannot be read: permission denied" in ran.out
    assert ran.out.count("ERROR") == 1


def test_a_folder_that_may_not_be_listed_is_never_passed_over(project: Path) -> None:
    closed = project / "closed"
    closed.mkdir(mode=0)
    ran = buildsteps("scan", cwd=project, permissions=True)
    assert ran.code == 3
    assert f"{closed} cannot be listed: permission denied" in ran.out + ran.err
    closed.chmod(0o755)


def test_a_tracked_file_in_a_folder_that_may_not_be_read_is_an_error(project: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    (project / "other.py").write_text("x = 1\n")
    (project / "shop").chmod(0)
    ran = buildsteps("scan", "--format", "json", cwd=project, permissions=True)
    (project / "shop").chmod(0o755)
    assert ran.code == 1
    assert [name for _, name in ran.cases("error")] == ["shop/clean.py"]
    assert [name for _, name in ran.cases("passed")] == ["other.py"]


def test_a_password_is_shown_by_no_format(project: Path) -> None:
    (project / "shop" / "keys.py").write_text("password = 'zV9kq2Lw8xPtA1'\n")
    formats = ("terminal", "json", "sarif", "markdown", "github", "junit")
    for one in formats:
        ran = buildsteps("scan", "--format", one, "-v", cwd=project)
        assert ran.code == 1
        assert "zV9kq2Lw8xPtA1" not in ran.out + ran.err, one


@pytest.mark.parametrize("name", ["a b.py", "ä.py", "-d.py", "--help.py", "new\nline.py"])
def test_a_file_of_any_name_is_scanned_by_both(name: str, project: Path) -> None:
    (project / name).write_text(SHELL)
    ran = buildsteps("scan", "--format", "json", "--", name, cwd=project)
    (finding,) = [one for one in ran.report["findings"] if one["severity"] == "high"]
    assert finding["engines"] == ["bandit", "ruff"]
    assert finding["locations"][0]["path"] == name


def test_without_bandit_the_command_says_what_to_install(project: Path) -> None:
    hide = project / "hide"
    hide.mkdir()
    (hide / "sitecustomize.py").write_text("import sys\nsys.modules['bandit'] = None\n")
    ran = buildsteps("scan", "shop", cwd=project, environ={"PYTHONPATH": str(hide)})
    assert ran.code == 3
    assert "bandit is not installed: pip install 'buildsteps[scan]'" in ran.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["README.md"], "no Python file was found at README.md ("),
        (["--exclude", "shop"], "no Python file was found in this folder that --exclude does not"),
    ],
)
def test_where_there_is_no_python_the_run_says_so(
    arguments: list[str], why: str, project: Path
) -> None:
    (project / "README.md").write_text("shop\n")
    ran = buildsteps("scan", *arguments, cwd=project)
    assert (ran.code, why in ran.out) == (2, True)


def test_a_misspelt_engine_of_the_configuration_is_told(project: Path) -> None:
    settings = "engines: {ruf: {fail_on: low}, trivy: {fail_on: low}}"
    (project / "buildsteps.yaml").write_text(f"scan:\n  {settings}\n")
    ran = buildsteps("scan", cwd=project)
    assert "engines.ruf: there is no such engine. Did you mean `ruff`?" in ran.out
    assert "trivy" not in ran.out


def test_a_comment_with_a_misspelt_accept_is_told(project: Path) -> None:
    source = SHELL.replace("shell=True)", "shell=True)  # buildsteps: acept[B602] ours")
    (project / "shop" / "run.py").write_text(source)
    ran = buildsteps("scan", cwd=project)
    assert ran.code == 1
    assert "note[malformed-acceptance] shop/run.py:5:" in ran.out
