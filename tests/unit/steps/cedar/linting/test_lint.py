"""The flow of ``cedar-lint``: stores, gate, acceptances, what cannot be looked at."""

from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.results import Outcome
from tests.unit.steps.cedar.linting.linted import SCHEMA, lint, write

WIDE = "permit(principal, action, resource);"
NARROW = 'permit(principal in Role::"r", action, resource);'
NAMED = 'permit(principal, action == Action::"view", resource == Photo::"p");'


def outcomes(folder: Path, **options: object) -> dict[str, str]:
    return {case.name: case.outcome.value for case in lint(folder, **options).cases}


def test_each_file_is_a_case_and_fails_for_all_that_stops_in_it(tmp_path: Path) -> None:
    write(tmp_path, {"cedarschema": SCHEMA, "p.cedar": WIDE * 2, "q.cedar": NARROW})
    report = lint(tmp_path, only=("unconstrained-permit",))
    failed, *passed = report.cases
    assert (failed.name, failed.outcome, len(failed.findings)) == ("lint p.cedar", "failed", 2)
    assert failed.message.endswith("(and 1 more)")
    assert [(case.name, case.outcome) for case in passed] == [
        ("lint q.cedar", "passed"),
        ("lint cedarschema", "passed"),
    ]


@pytest.mark.parametrize(
    ("fail_on", "failed"),
    [("critical", []), ("high", ["p"]), ("medium", ["p"]), ("low", ["p", "q"]), ("never", [])],
)
def test_the_gate_stops_from_a_severity_on(fail_on: str, failed: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"cedarschema": SCHEMA, "p.cedar": WIDE, "q.cedar": NAMED})
    found = outcomes(tmp_path, only=("unconstrained-permit",), fail_on=fail_on)
    assert [name[5] for name, outcome in found.items() if outcome == "failed"] == failed


def test_a_rule_that_there_is_not_is_a_wrong_call_and_the_near_one_is_named(tmp_path: Path) -> None:
    for flag in ("only", "disable", "enable"):
        with pytest.raises(UsageError, match=rf"--{flag}: .* Did you mean `shadowed-policy`\?"):
            lint(tmp_path, **{flag: ("shadowd-policy",)})
    with pytest.raises(UsageError, match="There are: duplicate-policy, "):
        lint(tmp_path, only=("x",))
    with pytest.raises(UsageError, match="leaves no rule"):
        lint(tmp_path, only=("shadowed-policy",), disable=("shadowed-policy",))


def test_dry_run_without_fix_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--dry-run goes with --fix"):
        lint(tmp_path, dry_run=True)


def test_a_comment_accepts_in_the_policy_and_is_told_where_it_covers_nothing(
    tmp_path: Path,
) -> None:
    rule = "unconstrained-permit"
    text = (
        f"// buildsteps: accept[{rule}] the public album\n{WIDE}\n"
        f"// buildsteps: accept[{rule}] of no use\n{NARROW}\n"
        f"// buildsteps: accept[shadowed-policy] not applied\n"
        f"// buildsteps: accept[impossible-policy] of cedar-validate\n"
        f"// buildsteps: accept[{rule}]\n{WIDE}\n"
    )
    write(tmp_path, {"p.cedar": text})
    report = lint(tmp_path, only=(rule,))
    assert [(one.rule, one.accepted) for one in report.findings] == [
        (rule, "the public album"),
        (rule, ""),
        ("unused-acceptance", ""),
    ]
    assert [case.name for case in report.cases if case.outcome is Outcome.FAILED] == [
        "lint p.cedar",
        f"accept {rule}",
    ]


def test_what_is_accepted_is_not_fixed(tmp_path: Path) -> None:
    text = f"{NARROW}\n// buildsteps: accept[duplicate-policy] for now\n{NARROW}\n"
    write(tmp_path, {"p.cedar": text})
    assert "--fix changes nothing here" in lint(tmp_path, fix=True).notes
    assert (tmp_path / "p.cedar").read_text() == text


def test_a_dry_run_shows_the_difference_and_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"p.cedar": f"{NARROW}\n{NARROW}\n"})
    report = lint(tmp_path, fix=True, dry_run=True)
    (case,) = [case for case in report.cases if case.group == "fix"]
    assert (case.message, f"-{NARROW}" in case.detail) == ("would be changed", True)
    assert "1 finding would be fixed in 1 file" in report.notes
    assert (tmp_path / "p.cedar").read_text() == f"{NARROW}\n{NARROW}\n"
    assert [one.rule for one in report.findings] == ["duplicate-policy"]


def test_a_file_that_is_part_of_two_stores_is_fixed_only_where_both_keep_their_meaning(
    tmp_path: Path,
) -> None:
    from buildsteps.steps.cedar.stores.layout import Layout

    write(tmp_path, {"shared.cedar": f"{WIDE}\n{NARROW}\n", "more.cedar": NARROW})
    stores = {
        "one": Layout(policies=("more.cedar", "shared.cedar")),
        "two": Layout(policies=("shared.cedar",)),
    }
    report = lint(tmp_path, only=("duplicate-policy",), fix=True, stores=stores)
    (case,) = [case for case in report.cases if case.group == "fix"]
    assert case.outcome is Outcome.ERROR
    assert "would mean something else" in case.message
    assert (tmp_path / "shared.cedar").read_text() == f"{WIDE}\n{NARROW}\n"


def test_a_broken_policy_is_an_error_and_the_others_are_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"cedarschema": SCHEMA, "broken.cedar": "permit(", "p.cedar": WIDE})
    report = lint(tmp_path)
    assert {case.name: case.outcome.value for case in report.cases} == {
        "validate broken.cedar": "error",
        "lint p.cedar": "failed",
        "lint cedarschema": "passed",
    }
    assert any("unused-schema-type, unused-schema-action" in note for note in report.notes)


def test_without_a_valid_schema_its_rules_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"cedarschema": "entity", "p.cedar": WIDE})
    report = lint(tmp_path)
    assert [case.name for case in report.cases if case.outcome is Outcome.ERROR] == [
        "validate cedarschema"
    ]
    assert any("its schema is not valid" in note for note in report.notes)
    (tmp_path / "cedarschema").unlink()
    assert any("it has no schema" in note for note in lint(tmp_path).notes)


def test_several_stores_are_looked_at_each_by_itself(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, {"cedarschema": SCHEMA, "p.cedar": NARROW})
    report = lint(tmp_path)
    assert {case.group for case in report.cases} == {"a: lint", "b: lint"}
    assert "duplicate-policy" not in [one.rule for one in report.findings]


def test_a_condition_nested_too_deeply_is_skipped_and_said(tmp_path: Path) -> None:
    chain = " || ".join(f'principal == User::"u{number}"' for number in range(2000))
    text = f"permit(principal, action, resource) when {{ {chain} }};"
    write(tmp_path, {"cedarschema": SCHEMA, "deep.cedar": text, "p.cedar": NARROW})
    report = lint(tmp_path)
    assert {case.name: case.outcome.value for case in report.cases} == {
        "lint deep.cedar": "skipped",
        "lint p.cedar": "passed",
        "lint cedarschema": "passed",
    }


def test_tests_that_are_broken_are_another_commands_business(tmp_path: Path) -> None:
    files = {"cedarschema": SCHEMA, "p.cedar": NARROW, "tests/a.cedartests.yaml": "tests: ["}
    write(tmp_path, files)
    assert {case.outcome for case in lint(tmp_path).cases} == {Outcome.PASSED}


def test_nothing_to_look_at_is_no_pass(tmp_path: Path) -> None:
    report = lint(tmp_path)
    assert report.cases == []
    assert report.emptiness == "there is no Cedar policy below `.`"
    write(tmp_path, {"cedarschema": SCHEMA})
    assert lint(tmp_path).cases == []
