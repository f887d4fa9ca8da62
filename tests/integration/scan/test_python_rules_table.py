"""Our table of severities knows every rule that the engines apply, and the docs show it."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from buildsteps.steps.scan.engines.ruff_calls import program
from buildsteps.steps.scan.python_rules import BUGS, SECURITY, SELECTED, canonical, ruff_severity
from buildsteps.world import system_world
from tests.command_line import ROOT

PAGE = ROOT / "docs" / "scan-python.md"
_TABLE = re.compile(r"(<!-- rules: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@cache
def selected() -> dict[str, str]:
    """Code and name of each rule that ruff applies when it is asked as we ask it."""
    command = [program(system_world()), "rule", "--all", "--output-format", "json"]
    answer = subprocess.run(command, capture_output=True, check=True).stdout
    rules: list[dict[str, Any]] = json.loads(answer)
    return {
        rule["code"]: rule["name"]
        for rule in rules
        if not rule["preview"]
        and "Removed" not in rule.get("status", {})
        and any(re.fullmatch(rf"{one}\d*", rule["code"] or "") for one in SELECTED)
    }


@cache
def bandits() -> dict[str, str]:
    """Id and name of each test that bandit applies."""
    script = (
        "import json; from bandit.core.extension_loader import MANAGER as m;"
        "print(json.dumps({**{i: p.name for i, p in m.plugins_by_id.items()},"
        " **{b['id']: b['name'] for bs in m.blacklist.values() for b in bs}}))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    found: dict[str, str] = json.loads(answer)
    return found


def test_every_rule_of_bandit_has_a_severity() -> None:
    assert set(bandits()) - set(SECURITY) == set()


def test_every_selected_rule_of_ruff_has_a_severity_of_its_own_or_of_its_family() -> None:
    # A family's word counts only for families about bugs: each rule about security is judged.
    security = [code for code in selected() if re.fullmatch(r"S\d+", code)]
    assert len(security) > 50
    assert [code for code in security if canonical(code) not in SECURITY] == []
    families = tuple(BUGS)
    assert [code for code in selected() if not code.startswith(families)] == []


def test_every_selector_selects_something() -> None:
    for one in SELECTED:
        assert any(code.startswith(one) for code in selected()), one


def test_no_severity_is_of_a_rule_that_is_none() -> None:
    known = [*selected(), *bandits()]
    assert [one for one in BUGS if not any(code.startswith(one) for code in known)] == []
    assert [one for one in SECURITY if one not in bandits()] == []


def test_no_name_means_two_rules() -> None:
    assert set(bandits()) & set(selected()) == set()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("S307", "eval"), ("S602", "shell"), ("S506", "yaml"), ("S324", "hash"), ("S701", "jinja2")],
)
def test_rules_with_a_bandit_number_are_about_the_same(ours: str, theirs: str) -> None:
    assert theirs in selected()[ours]
    assert theirs in bandits()[canonical(ours)].lower()


def table(name: str) -> str:
    """The rows of one table of the page."""
    if name == "security":
        by_bandit = {canonical(code): code for code in selected()}
        rows = ["| rule | ruff | name | severity | CWE |", "| --- | --- | --- | --- | --- |"]
        for rule, one in SECURITY.items():
            code = by_bandit.get(rule, "")
            title = (selected().get(code) or bandits()[rule]).replace("_", "-")
            range_ = " to ".join(
                str(word) for word in (one.mild, one.severity, one.sharp) if word is not None
            )
            rows.append(
                f"| `{rule}` | {f'`{code}` ' if code else ''}| {title} | {range_} | {one.cwe} |"
            )
        return "\n".join(rows) + "\n"
    rows = ["| severity | rules |", "| --- | --- |"]
    others = [code for code in selected() if canonical(code) not in SECURITY]
    for severity in ("medium", "low", "info"):
        codes = sorted(code for code in others if ruff_severity(code, "") == severity)
        rows.append(f"| {severity} | {', '.join(f'`{code}`' for code in codes)} |")
    return "\n".join(rows) + "\n"


def test_the_page_shows_the_table_as_it_is() -> None:
    text = PAGE.read_text()
    assert {match[2] for match in _TABLE.finditer(text)} == {"security", "bugs"}
    wanted = _TABLE.sub(lambda match: match[1] + table(match[2]) + match[3], text)
    if os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1":
        PAGE.write_text(wanted)
    assert text == wanted or os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1"
