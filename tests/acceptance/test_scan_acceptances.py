"""Findings of ``scan`` that somebody accepted, in the configuration or in a comment."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.command_line import Ran, buildsteps

HOLE = "import subprocess\n\n\ndef run(command):\n    subprocess.call(command, shell=True)\n"
"""What bandit finds here: B404 in line 1, B602 in line 5, high."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src" / "app").mkdir(parents=True)
    (tmp_path / "src" / "app" / "run.py").write_text(HOLE)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def scan(folder: Path, *arguments: str) -> Ran:
    return buildsteps("scan", "--engine", "bandit", "--format", "json", *arguments, cwd=folder)


def accepted(ran: Ran) -> dict[str, str]:
    return {one["rule"]: one.get("accepted", "") for one in ran.report["findings"]}


def comment(project: Path, text: str, line: str = "shell=True)") -> None:
    path = project / "src" / "app" / "run.py"
    path.write_text(HOLE.replace(line, f"{line}  # buildsteps: {text}"))


def test_a_comment_with_a_reason_lets_the_build_pass(project: Path) -> None:
    assert scan(project).code == 1
    comment(project, "accept[B602] the command is a constant of ours")
    ran = scan(project)
    assert ran.code == 0
    assert accepted(ran)["B602"] == "the command is a constant of ours"


def test_a_comment_without_a_reason_stops_at_its_line(project: Path) -> None:
    comment(project, "accept[B602]")
    ran = scan(project)
    assert ran.code == 1
    stopping = {one["name"]: one for one in ran.report["cases"] if one["outcome"] == "failed"}
    case = stopping["accept B602"]
    assert case["message"] == "the acceptance of B602 gives no reason"
    place = case["locations"][0]
    assert place["path"].endswith("src/app/run.py")
    assert (place["line"], place["column"]) == (5, 43)


def test_an_unused_comment_is_told_when_all_was_scanned(project: Path) -> None:
    comment(project, "accept[B404, B602] the command is a constant of ours")
    told = [one for one in scan(project).report["findings"] if one["rule"] == "unused-acceptance"]
    assert [one["message"] for one in told] == [
        "the acceptance of B404 covers nothing: the command is a constant of ours"
    ]
    assert "unused-acceptance" not in scan(project, "src").rules()


def test_a_text_that_only_holds_the_words_accepts_nothing(project: Path) -> None:
    path = project / "src" / "app" / "run.py"
    path.write_text(HOLE.replace("command, shell", '"# buildsteps: accept[*] no", shell'))
    assert set(accepted(scan(project)).values()) == {""}


def test_a_comment_in_any_language_accepts_what_another_scanner_found(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'acl = "public-read" # buildsteps: accept[CKV_*] a web site\n'
        'name = "# buildsteps: accept[CKV_*] no comment"\n'
    )
    places = [
        {"artifactLocation": {"uri": "main.tf"}, "region": {"startLine": line}} for line in (1, 2)
    ]
    results = [
        {
            "ruleId": "CKV_AWS_20",
            "level": "error",
            "message": {"text": "public"},
            "locations": [{"physicalLocation": place}],
        }
        for place in places
    ]
    run = {"tool": {"driver": {"name": "checkov"}}, "results": results}
    (tmp_path / "found.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    ran = buildsteps("scan", "--sarif", "found.sarif", "--format", "json", cwd=tmp_path)
    assert [one["accepted"] for one in ran.report["findings"]] == ["a web site", ""]


@pytest.mark.parametrize("folder", [".", "src", "src/app"])
def test_a_path_of_the_configuration_counts_from_its_folder(project: Path, folder: str) -> None:
    (project / "buildsteps.yaml").write_text(
        "accept:\n  - {rule: B602, path: src/app/*, reason: a constant of ours}\n"
    )
    ran = scan(project / folder)
    assert (ran.code, accepted(ran)["B602"]) == (0, "a constant of ours")
    (project / "buildsteps.yaml").write_text(
        "accept:\n  - {rule: B602, path: lib/app/*, reason: a constant of ours}\n"
    )
    ran = scan(project / folder)
    assert ran.code == 1
    assert "unused-acceptance" in ran.rules()


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        ("{rule: B602}", 1, "the acceptance of B602 gives no reason"),
        ("{rule: B602, reason: r, until: 2020-01-01}", 1, "B602 ran out on 2020-01-01: r"),
        ("{rule: B602, resaon: r}", 2, "buildsteps.yaml:2:18: "),
        ("{path: src/*, reason: r}", 2, "buildsteps.yaml:2:5: "),
        ("{rule: B602, reason: r, until: soon}", 2, "buildsteps.yaml:2:36: "),
    ],
)
def test_a_mistake_in_an_acceptance_is_told_with_its_place(
    project: Path, entry: str, code: int, said: str
) -> None:
    (project / "buildsteps.yaml").write_text(f"accept:\n  - {entry}\n")
    ran = buildsteps("scan", "--engine", "bandit", cwd=project)
    assert ran.code == code
    assert said in ran.out + ran.err
