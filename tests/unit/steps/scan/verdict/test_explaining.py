from typing import Any

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import Finding, Location, Severity
from buildsteps.step import Text
from buildsteps.steps.scan.settings import EngineSetting, RuleSetting, ScanOptions
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.explaining import Explainer
from buildsteps.steps.scan.verdict.policy import Policy

SHELL = Finding(
    rule="B602",
    title="A call of a shell",
    severity=Severity.HIGH,
    message="subprocess call with shell=True",
    locations=(Location("src/app.py", 8, 5),),
    snippet="  8 |     call(x, shell=True)\n    |     ^^^^",
    help="https://example.com/b602",
    fix="Give a list.",
    fingerprint="0b9c2d5e",
    aliases=("S602",),
    engines=("bandit", "ruff"),
    cwes=(78, 99999),
)
SAID = (
    Sighting(engine="bandit", rule="B602", severity=Severity.HIGH, message=SHELL.message),
    Sighting(engine="ruff", rule="S602", severity=Severity.MEDIUM, message="`shell=True` found"),
)
OTHER = replace(SHELL, fingerprint="0b77", locations=(Location("src/b.py", 1),))
PICKLE = replace(SHELL, rule="B301", aliases=(), fingerprint="ff00", severity=Severity.MEDIUM)


def explained(
    wanted: str,
    *findings: Finding,
    said: tuple[Sighting, ...] = SAID,
    **options: Any,
) -> Text:
    policy = Policy(options=ScanOptions(**options))
    stops = frozenset(one.fingerprint for one in findings if policy.stops(one))
    groups = {one.fingerprint: said for one in findings}
    return Explainer(findings=findings, said=groups, policy=policy, stops=stops).explain(wanted)


def line(text: Text, name: str) -> str:
    found = [row for row in text.text.split("\n") if row.startswith(f"{name} ")]
    assert len(found) == 1, text.text
    return found[0].removeprefix(name).strip()


def test_everything_about_a_finding_is_told() -> None:
    assert explained("0b9c2d5e", SHELL).text == (
        "B602  A call of a shell\n"
        "  subprocess call with shell=True\n"
        "\n"
        "  src/app.py:8:5\n"
        "    8 |     call(x, shell=True)\n"
        "      |     ^^^^\n"
        "\n"
        "severity     high, by our table of rules\n"
        "stops        yes: it is new, nobody accepted it, and --fail-on is high\n"
        "seen by      bandit as B602, high\n"
        "             ruff as S602, medium: `shell=True` found\n"
        "weakness     CWE-78 OS Command Injection, https://cwe.mitre.org/data/definitions/78.html\n"
        "             CWE-99999, https://cwe.mitre.org/data/definitions/99999.html\n"
        "fix          Give a list.\n"
        "help         https://example.com/b602\n"
        "fingerprint  0b9c2d5e\n"
        "\n"
        "To accept it, in buildsteps.yaml:\n"
        "  accept:\n"
        "    - rule: B602\n"
        "      path: src/app.py\n"
        "      reason: why it does no harm here\n"
        "or in a comment at the end of line 8:\n"
        "  # buildsteps: accept[B602] why it does no harm here"
    )


@pytest.mark.parametrize("wanted", ["0b9", "b602", "S602", "B602"])
def test_the_beginning_of_a_fingerprint_or_any_name_of_the_rule_is_enough(wanted: str) -> None:
    assert explained(wanted, SHELL, PICKLE).text == explained("0b9c2d5e", SHELL, PICKLE).text


def test_a_fingerprint_that_begins_another_is_still_that_one() -> None:
    second = replace(OTHER, fingerprint="0b9c2d5e-2")
    assert line(explained("0b9c2d5e", SHELL, second), "fingerprint") == "0b9c2d5e"


def test_a_rule_with_several_findings_lists_them() -> None:
    known = replace(OTHER, known=True)
    text = explained("B602", SHELL, known, PICKLE).text
    assert "2 findings, 1 of them stop the build:" in text
    assert "  0b9c2d5e  src/app.py:8:5  high, stops\n" in text
    assert "  0b77      src/b.py:1  high, it is in the baseline\n" in text


def test_json_has_every_finding_of_a_rule_with_its_reasons() -> None:
    data = explained("B602", SHELL, replace(OTHER, known=True)).data
    first, second = data["findings"]
    assert first["finding"]["fingerprint"] == "0b9c2d5e"
    assert [one["engine"] for one in first["said"]] == ["bandit", "ruff"]
    assert (first["stops"], second["stops"]) == (True, False)
    assert first["accept"]["comment"].startswith("# buildsteps: accept[B602]")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("B6022", "no finding of this scan has the fingerprint or the rule `B6022`. Did you mean"),
        ("0b", "2 fingerprints begin with `0b`: 0b9c2d5e, 0b77. Give more of it"),
        ("\x1b[2Jx", "the rule `x`"),
        ("", "the rule ``"),
    ],
)
def test_what_is_not_there_or_not_clear_is_a_wrong_call(wanted: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        explained(wanted, SHELL, OTHER, PICKLE)
    assert message in raised.value.message


def test_a_scan_without_findings_says_so() -> None:
    with pytest.raises(UsageError, match="this scan has none at all"):
        explained("B602", replace(SHELL, engines=()))


@pytest.mark.parametrize(
    ("finding", "options", "stops"),
    [
        (SHELL, {}, "yes: it is new, nobody accepted it, and --fail-on is high"),
        (PICKLE, {}, "no: medium is below --fail-on high"),
        (SHELL, {"fail_on": "never"}, "no: --fail-on is never"),
        (
            PICKLE,
            {"rules": {"B3*": RuleSetting(fail_on="low")}},
            "yes: it is new, nobody accepted it, and fail_on of rules.B3* is low",
        ),
        (
            SHELL,
            {"engines": {"ruff": EngineSetting(fail_on="critical")}},
            "no: high is below fail_on of engines.ruff critical",
        ),
        (replace(SHELL, known=True), {}, "no: it is in the baseline: it was there before"),
        (replace(SHELL, accepted="a constant (@web)"), {}, "no: it is accepted: a constant (@web)"),
        (
            SHELL,
            {"max": 1},
            "no: --max 1 lets 1 finding pass; else it is new, nobody accepted it, "
            "and --fail-on is high",
        ),
    ],
)
def test_why_it_stops_or_does_not(finding: Finding, options: dict[str, Any], stops: str) -> None:
    assert line(explained(finding.fingerprint, finding, **options), "stops") == stops


def test_what_the_engine_was_told_to_let_pass_says_which_engine() -> None:
    said = (replace(SAID[0], suppressed="nosec"),)
    text = explained("0b9c2d5e", replace(SHELL, accepted="nosec"), said=said)
    assert line(text, "stops") == "no: it is accepted: bandit was told to let it pass: nosec"
    assert "To accept it" not in text.text


@pytest.mark.parametrize(
    ("severity", "said", "source"),
    [
        (Severity.HIGH, SAID, "high, by our table of rules"),
        (Severity.LOW, SAID, "low, by the configuration"),
        (Severity.HIGH, (*SAID, replace(SAID[0], engine="trivy")), "high, by trivy"),
    ],
)
def test_who_says_how_severe_it_is(
    severity: Severity, said: tuple[Sighting, ...], source: str
) -> None:
    text = explained("0b9c2d5e", replace(SHELL, severity=severity), said=said)
    assert line(text, "severity") == source


def test_a_secret_that_an_engine_quotes_stays_out() -> None:
    said = (replace(SAID[0], secret=True, message="password: 'hunter2'"),)
    text = explained("0b9c2d5e", SHELL, said=said)
    assert "hunter2" not in f"{text.text}{text.data}"


def test_nothing_from_outside_acts_on_the_terminal() -> None:
    hostile = "\x1b[2J\u202e\udcff"
    one = replace(
        SHELL, message=hostile, title=hostile, help=hostile, fix=hostile, snippet=hostile,
        locations=(Location(hostile + ".py", 3),),
    )  # fmt: skip
    text = explained("0b9c2d5e", one)
    assert not set(hostile) - set("[2J") & set(text.text)
