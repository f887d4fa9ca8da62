"""The rule of a result, wherever it is described, and the level it is set to."""

from pathlib import Path
from typing import Any

import pytest

from buildsteps.results import Severity
from tests.sarif_logs import log, result, sighting

DRIVER = {"rules": [{"id": "A", "name": "first"}, {"id": "B", "name": "second"}]}
PACK = {"name": "pack", "guid": "g-1", "rules": [{"id": "C", "name": "third"}]}
TOOL = {"tool": {"driver": {"name": "Tool", **DRIVER}, "extensions": [PACK]}}


@pytest.mark.parametrize(
    ("said", "rule", "title"),
    [
        ({"ruleId": "B"}, "B", "second"),
        ({"ruleId": None, "ruleIndex": 1}, "B", "second"),
        ({"ruleId": "B", "ruleIndex": 1}, "B", "second"),
        ({"ruleId": "B", "ruleIndex": 0}, "B", "second"),
        ({"ruleId": "A", "ruleIndex": 99}, "A", "first"),
        ({"ruleId": "A", "ruleIndex": -1}, "A", "first"),
        ({"ruleId": "C"}, "C", "third"),
        ({"ruleId": None, "rule": {"id": "B"}}, "B", "second"),
        ({"ruleId": None, "rule": {"index": 0, "toolComponent": {"index": 0}}}, "C", "third"),
        ({"ruleId": None, "rule": {"index": 0, "toolComponent": {"name": "pack"}}}, "C", "third"),
        ({"ruleId": None, "rule": {"index": 0, "toolComponent": {"guid": "g-1"}}}, "C", "third"),
        ({"ruleId": "A/b/c"}, "A/b/c", "first"),
        ({"ruleId": "A/b", "ruleIndex": 0}, "A/b", "first"),
        ({"ruleId": "unknown"}, "unknown", ""),
        ({"ruleId": None}, "unnamed-rule", ""),
        ({"ruleId": None, "ruleIndex": 7}, "unnamed-rule", ""),
    ],
)
def test_the_rule_is_found_by_every_way_that_sarif_has(
    said: dict[str, Any], rule: str, title: str, tmp_path: Path
) -> None:
    one = sighting(log(result(**said), **TOOL), tmp_path)
    assert (one.rule, one.title) == (rule, title)


def test_a_tool_without_rules_is_read(tmp_path: Path) -> None:
    assert sighting(log(result(ruleIndex=3)), tmp_path).rule == "R1"


def test_an_id_without_end_is_cut_and_one_of_several_lines_is_one(tmp_path: Path) -> None:
    assert len(sighting(log(result(ruleId="x" * 1_000_000)), tmp_path).rule) == 300
    assert sighting(log(result(ruleId="a\n b")), tmp_path).rule == "a b"


def override(descriptor: dict[str, Any]) -> dict[str, Any]:
    """An invocation that sets a rule to a note."""
    setting = {"descriptor": descriptor, "configuration": {"level": "note"}}
    started = {"executionSuccessful": True, "ruleConfigurationOverrides": [setting]}
    return {"invocations": [started], **TOOL}


@pytest.mark.parametrize(
    "descriptor",
    [{"id": "B"}, {"index": 1}, {"id": "B", "index": 1}],
)
def test_what_the_invocation_sets_counts_before_the_rules_default(
    descriptor: dict[str, Any], tmp_path: Path
) -> None:
    data = log(result(ruleId="B"), **override(descriptor))
    assert sighting(data, tmp_path).severity is Severity.LOW
    data = log(result(ruleId="A"), **override(descriptor))
    assert sighting(data, tmp_path).severity is Severity.MEDIUM


def test_an_override_of_an_extension_does_not_touch_the_driver(tmp_path: Path) -> None:
    descriptor = {"index": 0, "toolComponent": {"index": 0}}
    data = log(result(ruleId="A"), **override(descriptor))
    assert sighting(data, tmp_path).severity is Severity.MEDIUM
    data = log(result(ruleId="C"), **override(descriptor))
    assert sighting(data, tmp_path).severity is Severity.LOW


def described(**more: Any) -> dict[str, Any]:
    """A driver whose only rule is that of results."""
    return {"driver": {"rules": [{"id": "R1", **more}]}}


@pytest.mark.parametrize(
    ("rule", "title", "help_"),
    [
        ({"name": "evil-eval", "helpUri": "https://x.test/R1"}, "evil-eval", "https://x.test/R1"),
        ({"name": "R1", "shortDescription": {"text": "No eval"}}, "No eval", ""),
        ({"help": {"text": "Do not.", "markdown": "*Do* not."}}, "", "Do not."),
        ({"help": {"text": "It is wrong."}}, "", ""),
        ({"shortDescription": {"text": "No"}, "help": {"text": "No"}}, "No", ""),
        (
            {"name": "logging", "help": {"text": "Log access.\nResource: AWS::S3::Bucket.Other"}},
            "logging",
            "Log access.",
        ),
    ],
)
def test_title_and_help_come_from_the_rule_and_say_nothing_twice(
    rule: dict[str, Any], title: str, help_: str, tmp_path: Path
) -> None:
    one = sighting(log(result(), **described(**rule)), tmp_path)
    assert (one.title, one.help) == (title, help_)
