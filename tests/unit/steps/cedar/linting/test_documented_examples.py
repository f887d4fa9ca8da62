"""docs/cedar-lint.md has a section for each rule, whose bad example it finds and whose good not."""

import json
import re
from pathlib import Path

import pytest

from buildsteps.steps.cedar.linting.rules import RULES
from tests.command_line import ROOT
from tests.unit.steps.cedar.linting.linted import lint, write

PAGE = (ROOT / "docs" / "cedar-lint.md").read_text()
(SCHEMA,) = re.findall(r"```cedarschema\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SECTIONS = dict(re.findall(r"^### `([\w-]+)`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
USERS = [
    {"uid": {"type": "User", "id": "a"}, "attrs": {"age": 20}, "parents": []},
    {"uid": {"type": "User", "id": "b"}, "attrs": {}, "parents": []},
]
RULE_IDS = [rule.id for rule in RULES]


def example(rule: str, kind: str) -> str:
    """The bad or the good example of a rule."""
    (text,) = re.findall(
        rf"<!-- {kind} -->\n```cedar\n(.*?)^```", SECTIONS[rule], re.MULTILINE | re.DOTALL
    )
    return str(text)


def rules_found(text: str, rule: str, folder: Path) -> list[str]:
    """The rules that find something in a text, all of them applied."""
    files = {"judges.cedar": text, "tests/cedarentities.json": json.dumps(USERS)}
    if rule != "attribute-without-has":
        files["cedarschema"] = SCHEMA
    write(folder, files)
    asked = ("id",) if rule == "missing-annotation" else ()
    enabled = (rule,) if rule == "id-differs-from-file" else ()
    report = lint(folder, annotations=asked, enable=enabled)
    assert not [case for case in report.cases if case.cause], report.cases
    return [one.rule for one in report.findings]


def test_each_rule_has_its_section_and_its_row() -> None:
    assert list(SECTIONS) == RULE_IDS
    assert re.findall(r"^\| \[`([\w-]+)`\]\(#\1\)", PAGE, re.MULTILINE) == RULE_IDS


@pytest.mark.parametrize("rule", RULE_IDS)
def test_the_rule_finds_its_bad_example(rule: str, tmp_path: Path) -> None:
    assert rule in rules_found(example(rule, "bad"), rule, tmp_path)


@pytest.mark.parametrize("rule", RULE_IDS)
def test_the_good_example_stops_nothing_and_the_rule_is_silent(rule: str, tmp_path: Path) -> None:
    found = rules_found(example(rule, "good"), rule, tmp_path)
    assert set(found) <= {"unused-schema-action", "unused-schema-type"} - {rule}
