"""What nine real scanners wrote about the planted project is read as they meant it.

``python -m tests.real_parts.record_sarif`` makes the recordings again.
"""

from pathlib import Path

import pytest

from buildsteps.steps.scan.sighting import Scanned, Sighting
from tests.real_parts.planted import FAKE_PASSWORD, FAKE_TOKEN, plant
from tests.real_parts.record_sarif import ARGUMENTS, restored
from tests.sarif_logs import scan

LIVE = {
    "bandit": [
        "B307 high app/mit leerzeichen/größe.py:2:26",
        "B403 info app/shop.py:2:1",
        "B404 info app/shop.py:3:1",
        "B105 medium app/shop.py:5:12",
        "B307 high app/shop.py:9:12",
        "B602 high app/shop.py:13:5",
        "B301 high app/shop.py:17:12",
        "B324 medium app/shop.py:17:32",
        "B110 low app/shop.py:27:5",
    ],
    "ruff": [
        "S307 high app/mit leerzeichen/größe.py:2:26",
        "S105 medium app/shop.py:5:12",
        "S307 high app/shop.py:9:12",
        "S602 high app/shop.py:13:5",
        "B006 medium app/shop.py:16:22",
        "S301 high app/shop.py:17:12",
        "S324 medium app/shop.py:17:32",
        "S110 low app/shop.py:27:5",
        "BLE001 low app/shop.py:27:12",
    ],
    "semgrep": [
        "rules.no-eval high app/broken.py:2:12",
        "rules.no-eval high app/mit leerzeichen/größe.py:2:26",
        "rules.no-eval high app/shop.py:9:12",
        "rules.no-md5 medium app/shop.py:17:32",
    ],
    "checkov": [
        "CKV_AWS_20 medium infra/vorlage größe.yaml:6",
        "CKV_AWS_18 medium infra/vorlage größe.yaml:6",
        "CKV_AWS_21 medium infra/vorlage größe.yaml:6",
        "CKV_AWS_20 medium infra/vorlage größe.yaml:10",
        "CKV_AWS_18 medium infra/vorlage größe.yaml:10",
        "CKV_AWS_21 medium infra/vorlage größe.yaml:10",
    ],
    "cfn-lint": [
        "W2001 medium infra/vorlage größe.yaml:3:3",
        "E3045 high infra/vorlage größe.yaml:8:5",
        "W3045 medium infra/vorlage größe.yaml:9:7",
        "E3045 high infra/vorlage größe.yaml:12:5",
        "W3045 medium infra/vorlage größe.yaml:13:7",
        "E3002 high infra/vorlage größe.yaml:14:7",
    ],
    "eslint": [
        "security/detect-eval-with-expression medium web/mit leerzeichen/größe.js:2:31",
        "no-eval high web/mit leerzeichen/größe.js:2:31",
        "security/detect-eval-with-expression medium web/mit leerzeichen/größe.js:6:10",
    ],
    "zizmor": [
        "zizmor/artipacked medium .github/workflows/ci.yml:7:9",
        "zizmor/excessive-permissions medium .github/workflows/ci.yml:4:3",
        "zizmor/dangerous-triggers high .github/workflows/ci.yml:2:1",
        "zizmor/template-injection high .github/workflows/ci.yml:8:23",
        "zizmor/unpinned-uses high .github/workflows/ci.yml:7:15",
    ],
    "hadolint": [
        "DL3006 medium Dockerfile:1:1",
        "DL3003 medium Dockerfile:2:1",
        "DL3009 low Dockerfile:2:1",
        "DL3020 high Dockerfile:3:1",
    ],
    "gitleaks": ["gitlab-pat high deploy/settings größe.env:1:24"],
}
"""The findings of each scanner that nobody suppressed."""


def read(name: str, folder: Path) -> Scanned:
    """A recording, read beside the project that it is about."""
    return scan(restored(name, plant(folder)), folder)


def told(one: Sighting) -> str:
    """Rule, severity and place of a sighting."""
    return f"{one.rule} {one.severity} {one.locations[0]}"


def source_at(one: Sighting, folder: Path) -> str:
    """The source from the sighting's first character on."""
    place = one.locations[0]
    lines = (folder / place.path).read_text(encoding="utf-8").splitlines()
    return lines[(place.line or 1) - 1][(place.column or 1) - 1 :]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_rule_severity_and_place_of_each_finding_are_those_planted(
    name: str, tmp_path: Path
) -> None:
    live = [one for one in read(name, tmp_path).sightings if not one.suppressed]
    assert sorted(map(told, live)) == sorted(LIVE[name])
    assert all((tmp_path / place.path).is_file() for one in live for place in one.locations)


@pytest.mark.parametrize("name", ["bandit", "ruff", "semgrep", "eslint"])
def test_columns_point_at_the_call_behind_characters_that_tools_count_differently(
    name: str, tmp_path: Path
) -> None:
    found = [one for one in read(name, tmp_path).sightings if "größe" in one.locations[0].path]
    assert found
    for one in found:
        assert source_at(one, tmp_path).startswith("eval(formula)")


def test_the_gitlab_token_is_found_and_not_shown(tmp_path: Path) -> None:
    (one,) = read("gitleaks", tmp_path).sightings
    assert source_at(one, tmp_path) == FAKE_TOKEN
    assert (one.secret, one.snippet) == (True, "")
    assert FAKE_TOKEN not in repr(one)


def test_bandits_message_does_not_quote_the_password(tmp_path: Path) -> None:
    found = read("bandit", tmp_path)
    assert FAKE_PASSWORD not in repr(found)
    assert "Possible hardcoded password: '****'" in [one.message for one in found.sightings]


@pytest.mark.parametrize("name", ["bandit", "ruff"])
def test_the_file_that_does_not_parse_is_a_case(name: str, tmp_path: Path) -> None:
    (case,) = read(name, tmp_path).cases
    assert (case.name, case.kind) == ("app/broken.py", "scanner-error")


@pytest.mark.parametrize(
    ("name", "rule", "reason"),
    [
        ("semgrep", "rules.no-eval", "suppressed in the source, without a reason"),
        ("eslint", "no-eval", "formulas are ours"),
    ],
)
def test_what_the_scanner_was_told_to_let_pass_is_kept_as_such(
    name: str, rule: str, reason: str, tmp_path: Path
) -> None:
    suppressed = [one for one in read(name, tmp_path).sightings if one.suppressed]
    assert [(one.rule, one.suppressed) for one in suppressed] == [(rule, reason)]


def test_eslint_tells_which_files_it_read_clean_ones_among_them(tmp_path: Path) -> None:
    read_by_eslint = read("eslint", tmp_path).read
    assert read_by_eslint == frozenset({"web/clean.js", "web/mit leerzeichen/größe.js"})


@pytest.mark.parametrize(
    ("name", "engine", "version"),
    [
        ("bandit", "bandit", "1.9.4"),
        ("ruff", "ruff", "0.17.6"),
        ("semgrep", "semgrep-oss", "1.182.0"),
        ("checkov", "checkov", "3.3.30"),
        ("cfn-lint", "cfn-lint", "1.58.0"),
        ("eslint", "eslint", "9.39.5"),
        ("zizmor", "zizmor", "1.32.0"),
        ("hadolint", "hadolint", "2.15.1"),
        ("gitleaks", "gitleaks", "8.0.0"),
    ],
)
def test_each_scanner_says_who_it_is(name: str, engine: str, version: str, tmp_path: Path) -> None:
    found = read(name, tmp_path)
    assert (found.engine, found.version) == (engine, version)


@pytest.mark.parametrize(
    ("name", "rule", "cwes"),
    [("bandit", "B307", (78,)), ("ruff", "S307", (78,)), ("semgrep", "rules.no-eval", (95,))],
)
def test_weaknesses_are_read(name: str, rule: str, cwes: tuple[int, ...], tmp_path: Path) -> None:
    found = [one for one in read(name, tmp_path).sightings if one.rule == rule]
    assert {one.cwes for one in found} == {cwes}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_all_files_are_found_so_there_is_nothing_to_note(name: str, tmp_path: Path) -> None:
    assert read(name, tmp_path).notes == ()
