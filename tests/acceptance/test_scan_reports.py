"""What people and machines see of a scan, by the real bandit."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.command_line import Ran, buildsteps

APP = """import subprocess


def run(command, data):
    subprocess.call(command, shell=True)
    return eval(data)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "clean.py").write_text("x = 1\n")
    return tmp_path


def scan(project: Path, *arguments: str) -> Ran:
    return buildsteps("scan", "--engine", "bandit", *arguments, cwd=project)


def test_every_file_is_a_case_and_what_stops_is_shown_with_its_source(project: Path) -> None:
    ran = scan(project, "--output", "junit=report.xml")
    assert ran.code == 1
    assert "subprocess.call(command, shell=True)" in ran.out
    suite = ET.parse(project / "report.xml").getroot()[0]
    assert suite.get("name") == "bandit"
    cases = {case.get("name", "").removeprefix("./"): case for case in suite.iter("testcase")}
    assert cases["clean.py"].find("failure") is None
    failure = cases["app.py"].find("failure")
    assert failure is not None
    assert "B602" in (failure.get("message") or "")
    told = failure.text or ""
    assert "  5 |     subprocess.call(command, shell=True)\n" in told
    assert "help: https://bandit.readthedocs.io/" in told


def test_every_format_speaks_of_the_same_findings(project: Path) -> None:
    formats = ("json", "sarif", "markdown", "html")
    ran = scan(project, *(word for one in formats for word in ("--output", f"{one}=r.{one}")))
    assert ran.code == 1
    texts = {one: (project / f"r.{one}").read_text(encoding="utf-8") for one in formats}
    report = json.loads(texts["json"])
    rules = {one["rule"] for one in report["findings"]}
    assert {"B602", "B307"} <= rules
    results = json.loads(texts["sarif"])["runs"][0]["results"]
    assert {one["ruleId"] for one in results} == rules
    for text in texts.values():
        assert "subprocess.call(command, shell=True)" in text
        assert rules <= {rule for rule in rules if rule in text}
    assert "| new | open | accepted |" in texts["markdown"]


def test_a_finding_is_explained_by_its_rule_and_by_its_fingerprint(project: Path) -> None:
    by_rule = scan(project, "--explain", "B602")
    assert by_rule.code == 0
    assert "stops        yes: it is new, nobody accepted it, and --fail-on is high" in by_rule.out
    assert "# buildsteps: accept[B602]" in by_rule.out
    data = json.loads(scan(project, "--explain", "B602", "--format", "json").out)
    fingerprint = data["findings"][0]["finding"]["fingerprint"]
    assert scan(project, "--explain", fingerprint).out == by_rule.out


def test_what_it_says_to_accept_a_finding_is_right(project: Path) -> None:
    data = json.loads(scan(project, "--explain", "B602", "--format", "json").out)
    accept = data["findings"][0]["accept"]["configuration"]
    (project / "buildsteps.yaml").write_text(accept + "\n")
    told = scan(project, "--explain", "B602").out
    assert "stops        no: it is accepted: why it does no harm here" in told


def test_a_finding_that_is_not_there_is_a_wrong_call_with_the_nearest_one(project: Path) -> None:
    ran = scan(project, "--explain", "B6O2")
    assert (ran.code, ran.out) == (2, "")
    assert "no finding of this scan has the fingerprint or the rule `B6O2`. Did you" in ran.err


def test_as_many_findings_as_max_pass_and_it_is_said(project: Path) -> None:
    assert scan(project, "--fail-on", "low", "--max", "1").code == 1
    ran = scan(project, "--fail-on", "low", "--max", "9", "--format", "json")
    assert ran.code == 0
    assert ("limit", "at most 9 findings") in ran.cases("passed")
