"""`buildsteps cedar-lint` as a user runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command_line import PHOTOS, REFACTORING, Ran, buildsteps, photo_store

OPEN = "permit(principal, action, resource);\n"
NAMED = 'permit(principal == User::"a", action, resource);\n'


def lint(*arguments: str, cwd: Path, stdin: str = "", permissions: bool = False) -> Ran:
    return buildsteps("cedar-lint", *arguments, cwd=cwd, stdin=stdin, permissions=permissions)


def test_the_example_store_looks_right(tmp_path: Path) -> None:
    ran = lint(str(PHOTOS), cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "8 passed" in ran.out


def test_the_refactored_example_looks_right_links_too(tmp_path: Path) -> None:
    store = photo_store(tmp_path)
    for name in ("JaneVacation.cedar", "DoePhotos.cedar"):
        (store / name).unlink()
    for path in REFACTORING.iterdir():
        (store / path.name).write_text(path.read_text())
    ran = lint("--format", "json", cwd=store)
    assert (ran.code, ran.report["findings"]) == (0, [])
    assert ("lint", "lint cedartemplatelinks.json") in ran.cases("passed")


def test_the_policies_beside_their_template_are_told(tmp_path: Path) -> None:
    store = photo_store(tmp_path)
    for path in REFACTORING.iterdir():
        links = path.read_text().replace('"link_id": "', '"link_id": "linked-')
        (store / path.name).write_text(links)
    ran = lint("--format", "json", cwd=store)
    assert ran.code == 1
    assert ran.rules() == ["shadowed-policy", "duplicate-policy"]


def test_a_finding_stops_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(f"// all\n{OPEN}")
    ran = lint(cwd=tmp_path)
    assert ran.code == 1
    assert "high[unconstrained-permit] a.cedar:2:1: permit `a` lets every principal take" in ran.out
    assert "fix: name the principals" in ran.out
    assert lint("--fail-on", "never", cwd=tmp_path).code == 0
    assert lint("--disable", "unconstrained-permit", cwd=tmp_path).code == 0
    assert lint("--only", "shadowed-policy", cwd=tmp_path).code == 0


def test_standard_input_is_looked_at(tmp_path: Path) -> None:
    ran = lint("-", cwd=tmp_path, stdin=OPEN)
    assert (ran.code, "stdin:1:1: permit `stdin`" in ran.out) == (1, True)
    assert lint("-", "--fix", cwd=tmp_path, stdin=NAMED * 2).code == 1


def test_sarif_has_the_rule_and_the_place(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(OPEN)
    (run,) = json.loads(lint("--format", "sarif", cwd=tmp_path).out)["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == "unconstrained-permit"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.cedar"


def test_the_configuration_chooses_rules_and_accepts(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(OPEN + NAMED)
    (tmp_path / "buildsteps.yaml").write_text(
        "cedar_lint:\n  disable: [shadowed-policy]\n"
        "accept:\n"
        "  - {rule: unconstrained-permit, path: a.cedar, reason: a demo, until: 2999-01-01}\n"
        "  - {rule: shadowed-policy, reason: of a rule that is off}\n"
        "  - {rule: duplicate-policy, path: b.cedar, reason: covers nothing}\n"
    )
    ran = lint("--format", "json", cwd=tmp_path)
    assert ran.code == 0
    assert [(one["rule"], one["accepted"]) for one in ran.report["findings"]] == [
        ("unconstrained-permit", "a demo, until 2999-01-01"),
        ("unused-acceptance", ""),
    ]


def test_cedar_validate_leaves_acceptances_of_lint_rules_alone(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(
        f"// buildsteps: accept[unused-schema-type] not validate's\n{OPEN}"
    )
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert "unused-acceptance" not in ran.rules()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "x"], "there is no rule `x`"),
        (["--dry-run"], "--dry-run goes with --fix"),
        (["nowhere"], "nowhere"),
        (["--fail-on", "bad"], "bad"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(NAMED)
    ran = lint(*arguments, cwd=tmp_path)
    assert (ran.code, said in ran.err) == (2, True)


def test_nothing_to_look_at_is_exit_2_unless_that_is_accepted(tmp_path: Path) -> None:
    assert lint(cwd=tmp_path).code == 2
    assert lint("--allow-empty", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"permit(",
        b"{",
        b'{"effect": 1}',
        b"permit(principal,action,resource)",
    ],
)
def test_a_file_that_is_no_policy_never_passes(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_bytes(content)
    assert lint(cwd=tmp_path).code in (1, 2)


def test_a_fix_rewrites_only_what_it_mends_and_keeps_permissions(tmp_path: Path) -> None:
    one, other = tmp_path / "a.cedar", tmp_path / "b.cedar"
    one.write_text(f"{NAMED}// again\n{NAMED}")
    one.chmod(0o640)
    other.write_text('@id("b")   permit(principal == User::"b",action,resource);')
    ran = lint("--fix", "-v", cwd=tmp_path)
    assert ran.code == 0
    assert "-// again" in ran.out
    assert (one.read_text(), oct(one.stat().st_mode)[-3:]) == (NAMED, "640")
    assert other.read_text() == '@id("b")   permit(principal == User::"b",action,resource);'


@pytest.mark.skipif(os.name == "nt", reason="platform: permissions of POSIX")
def test_a_file_that_cannot_be_written_is_the_worlds_error(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(NAMED * 2)
    (tmp_path / "a.cedar").chmod(0o444)
    ran = lint("--fix", cwd=tmp_path, permissions=True)
    assert ran.code == 1  # the duplicate is still there
    assert "cannot be written" in ran.out
    assert (tmp_path / "a.cedar").read_text() == NAMED * 2


def test_what_git_ignores_is_left_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "a.cedar").write_text(OPEN)
    (tmp_path / "b.cedar").write_text(NAMED)
    assert lint(cwd=tmp_path).code == 0
