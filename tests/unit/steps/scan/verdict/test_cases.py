import pytest

from buildsteps.results import Case, Finding, Location, Outcome, Severity, unjudged
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.verdict.cases import MOST_RULES, cases_of

BANDIT = Scanned(engine="bandit", subject="2 files", read=frozenset({"a.py", "b.py"}))
RUFF = Scanned(engine="ruff", subject="2 files", read=frozenset({"a.py", "b.py"}))
CHECKOV = Scanned(engine="checkov", subject="checkov.sarif")


def finding(
    rule: str = "B602",
    path: str = "a.py",
    line: int | None = 4,
    engines: tuple[str, ...] = ("bandit",),
    severity: Severity = Severity.HIGH,
    **more: object,
) -> Finding:
    values = {
        "rule": rule,
        "severity": severity,
        "message": f"{rule} is wrong",
        "locations": (Location(path, line),) if path else (),
        "engines": engines,
        "fingerprint": f"{rule}-{path}-{line}",
        **more,
    }
    return Finding(**values)  # type: ignore[arg-type]


def judged(scans: list[Scanned], *findings: Finding, most: int = 0) -> list[Case]:
    stops = {one.fingerprint for one in findings if one.severity is Severity.HIGH}
    return cases_of(scans, findings, stops, most)


def shown(cases: list[Case]) -> list[tuple[str, str, str]]:
    return [(case.group, case.name, case.outcome.value) for case in cases]


def test_a_file_is_one_case_however_many_engines_read_it() -> None:
    assert shown(judged([BANDIT, RUFF], finding())) == [
        ("bandit, ruff", "a.py", "failed"),
        ("bandit, ruff", "b.py", "passed"),
    ]


def test_a_file_that_one_engine_read_is_in_its_group() -> None:
    only = Scanned(engine="ruff", subject="1 file", read=frozenset({"a.pyi"}))
    assert shown(judged([BANDIT, only])) == [
        ("bandit", "a.py", "passed"),
        ("ruff", "a.pyi", "passed"),
        ("bandit", "b.py", "passed"),
    ]


def test_one_finding_is_told_in_the_message_with_its_source_below() -> None:
    one = finding(snippet="  4 | call()\n    | ^^^^", help="https://e.com/a", fix="Use a list.")
    case = judged([BANDIT], one)[0]
    assert case.message == "B602: B602 is wrong"
    assert case.detail == (
        "a.py:4: high B602: B602 is wrong\n"
        "  4 | call()\n    | ^^^^\n"
        "fix: Use a list.\nhelp: https://e.com/a"
    )
    assert case.locations == (Location("a.py", 4),)
    assert case.findings == (one.fingerprint,)


def test_several_findings_are_one_informative_line_the_worst_first() -> None:
    worst = finding("B105", line=90, severity=Severity.CRITICAL)
    many = [finding(f"B{line}", line=line) for line in (9, 3, 5, 7, 11)]
    cases = cases_of([BANDIT], [*many, worst], {one.fingerprint for one in (*many, worst)})
    assert (
        cases[0].message == "6 findings: B105 line 90, B3 line 3, B5 line 5, B7 line 7 and 2 more"
    )


def test_a_finding_without_a_line_is_named_by_its_rule() -> None:
    case = judged([BANDIT], finding(line=None), finding("B1"))[0]
    assert case.message == "2 findings: B602, B1 line 4"


def test_what_other_engines_and_rules_are_named_stands_in_the_detail() -> None:
    case = judged([BANDIT, RUFF], finding(engines=("bandit", "ruff"), aliases=("S602",)))[0]
    assert case.detail.endswith("seen by bandit, ruff (also S602)")


def test_a_case_tells_twenty_findings_whole_and_counts_the_others() -> None:
    case = judged([BANDIT], *(finding(line=line) for line in range(1, 101)))[0]
    assert case.detail.count(" high ") == 20
    assert case.detail.endswith("… 80 more findings, all in --format json")
    assert len(case.findings) == 100


def test_what_does_not_stop_is_counted_in_the_message_of_the_passing_case() -> None:
    case = judged(
        [BANDIT],
        finding(severity=Severity.LOW),
        finding("B1", severity=Severity.LOW, known=True),
        finding("B2", severity=Severity.LOW, accepted="why", known=True),
    )[0]
    assert case.outcome is Outcome.PASSED
    assert case.message == "1 finding let pass, 1 in the baseline, 1 accepted"


def test_an_engine_that_names_neither_files_nor_rules_has_a_case_all_the_same() -> None:
    assert shown(judged([CHECKOV])) == [("checkov", "checkov.sarif", "passed")]
    mild = finding("CKV_1", engines=("checkov",), severity=Severity.LOW)
    assert shown(judged([CHECKOV], mild)) == [("checkov", "checkov.sarif", "passed")]


def test_its_findings_fail_the_case_of_their_rule() -> None:
    found = [finding("CKV_1", f"{name}.tf", engines=("checkov",)) for name in "ab"]
    case, *others = judged([CHECKOV], *found)
    assert not others
    assert (case.group, case.name, case.outcome) == ("checkov", "CKV_1", Outcome.FAILED)
    assert case.message == "CKV_1 is wrong (2 findings: a.tf:4, b.tf:4)"


def test_findings_of_one_rule_that_say_different_things_are_named_by_their_places() -> None:
    found = [finding("CKV_1", f"{name}.tf", engines=("checkov",), message=name) for name in "ab"]
    assert judged([CHECKOV], *found)[0].message == "2 findings: a.tf:4, b.tf:4"


def test_a_finding_in_a_file_that_only_another_engine_read_fails_its_own_engine() -> None:
    cases = judged([BANDIT, CHECKOV], finding("CKV_1", engines=("checkov",)))
    assert shown(cases) == [
        ("bandit", "a.py", "passed"),
        ("bandit", "b.py", "passed"),
        ("checkov", "CKV_1", "failed"),
    ]


def test_rules_that_an_engine_lists_have_each_a_case() -> None:
    scan = Scanned(engine="semgrep", subject="s.sarif", rules=("one", "two"))
    assert shown(judged([scan], finding("x", engines=("semgrep",), aliases=("two",)))) == [
        ("semgrep", "one", "passed"),
        ("semgrep", "two", "failed"),
    ]


def test_too_many_rules_are_one_case_beside_those_that_fail() -> None:
    rules = tuple(f"rule-{number}" for number in range(MOST_RULES + 1))
    scan = Scanned(engine="semgrep", subject="s.sarif", rules=rules)
    assert shown(judged([scan])) == [("semgrep", "201 rules without a failure", "passed")]
    assert shown(judged([scan], finding("rule-7", engines=("semgrep",)))) == [
        ("semgrep", "rule-7", "failed"),
        ("semgrep", "200 other rules without a failure", "passed"),
    ]


def image(name: str, *rules: str) -> Scanned:
    seen = [
        Sighting(
            engine="ecr", rule=rule, severity=Severity.HIGH, message="", locations=(Location(name),)
        )
        for rule in rules
    ]
    return Scanned(engine="ecr", subject=f"{name}:1.0", sightings=seen)


def test_images_are_groups_of_their_own_and_a_vulnerability_is_a_case() -> None:
    scans = [image("shop/api", "CVE-1"), image("shop/web")]
    cases = judged(scans, finding("CVE-1", "shop/api", None, ("ecr",)))
    assert shown(cases) == [
        ("ecr: shop/api:1.0", "CVE-1", "failed"),
        ("ecr: shop/web:1.0", "shop/web:1.0", "passed"),
    ]
    assert shown(judged(scans[:1])) == [("ecr", "shop/api:1.0", "passed")]


def unparsed(engine: str, message: str, line: int | None = None) -> Case:
    return unjudged("a.py", engine, message, kind="parse", locations=(Location("a.py", line),))


def test_a_file_that_does_not_parse_is_one_case_whoever_says_it() -> None:
    bandit = Scanned(
        engine="bandit",
        subject="2 files",
        read=frozenset({"b.py"}),
        cases=(unparsed("bandit", "syntax error while parsing AST"),),
    )
    ruff = Scanned(
        engine="ruff",
        subject="2 files",
        read=frozenset({"a.py", "b.py"}),
        cases=(unparsed("ruff", "Expected `)`", 3),),
    )
    cases = judged([bandit, ruff])
    assert shown(cases) == [
        ("bandit, ruff", "a.py", "error"),
        ("bandit, ruff", "b.py", "passed"),
    ]
    assert cases[0].message == "Expected `)`"
    assert cases[0].detail == "bandit: syntax error while parsing AST"


def test_a_finding_in_a_file_that_does_not_parse_is_a_case_beside_the_error() -> None:
    scan = Scanned(
        engine="ruff",
        subject="1 file",
        read=frozenset({"a.py"}),
        cases=(unparsed("ruff", "Expected `)`", 3),),
    )
    assert [case.outcome.value for case in judged([scan], finding(engines=("ruff",)))] == [
        "error",
        "failed",
    ]


def test_an_engine_that_failed_passes_nothing() -> None:
    case = unjudged("scan", "ecr", "timed out", kind="engine")
    failed = Scanned(engine="ecr", subject="nothing", cases=(case,), partial=True)
    assert judged([failed]) == [case]


def test_an_engine_that_read_nothing_judged_nothing() -> None:
    assert judged([Scanned(engine="bandit", subject="0 files", read=frozenset())], most=3) == []


@pytest.mark.parametrize(("number", "outcome"), [(2, "passed"), (3, "failed")])
def test_as_many_findings_as_max_are_let_pass_and_with_more_all_stop(
    number: int, outcome: str
) -> None:
    cases = judged([BANDIT], *(finding(line=line) for line in range(number)), most=2)
    assert shown(cases) == [
        ("bandit", "a.py", outcome),
        ("bandit", "b.py", "passed"),
        ("limit", "at most 2 findings", outcome),
    ]
    if outcome == "failed":
        assert cases[-1].message == "3 findings: 1 more than --max 2 lets pass"


def test_findings_of_no_engine_belong_to_no_case() -> None:
    assert shown(judged([CHECKOV], finding("unused-acceptance", engines=()))) == [
        ("checkov", "checkov.sarif", "passed")
    ]
