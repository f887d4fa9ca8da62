import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.command_line import Ran, break_label, buildsteps, edit, photo_store, refactor

WRONG = ("Album JaneVacation", "DENY JohnDoe-views-nightclub")
INVALID = ("validate", "validate Photo-labels-private.cedar")
POLICY = "permit(principal, action, resource);\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return photo_store(tmp_path)


def judged(store: Path, *flags: str) -> Ran:
    return buildsteps("cedar-validate", ".", "--format", "json", *flags, cwd=store)


def test_the_photo_store_passes_as_it_is(store: Path) -> None:
    ran = buildsteps("cedar-validate", cwd=store)
    assert (ran.code, ran.err) == (0, "")
    assert "7 policies, 40 tests; schema cedarschema.json" in ran.out
    assert "PASSED: 47 passed" in ran.out


def test_the_refactoring_of_the_post_still_passes(store: Path) -> None:
    refactor(store)
    ran = judged(store)
    assert ran.code == 0
    assert ran.report["facts"]["stores"][0]["templates"] == 1
    assert ran.report["facts"]["stores"][0]["links"] == 2
    assert ran.report["findings"] == []
    assert len(ran.cases("passed")) == 46


def test_the_broken_label_gives_one_error_and_one_failure(store: Path) -> None:
    break_label(store)
    ran = judged(store)
    assert ran.code == 1
    assert ran.cases("error") == [INVALID]
    assert ran.cases("failed") == [WRONG]
    by_name = {case["name"]: case for case in ran.report["cases"]}
    invalid, wrong = by_name[INVALID[1]], by_name[WRONG[1]]
    assert (invalid["kind"], invalid["cause"]) == ("validate", "subject")
    assert invalid["message"].endswith("not found. Did you mean `labels`?")
    assert invalid["locations"][0]["path"] == "Photo-labels-private.cedar"
    assert (invalid["locations"][0]["line"], invalid["locations"][0]["column"]) == (7, 17)
    assert "^^^^^" in invalid["detail"]
    assert wrong["message"] == "unexpected ALLOW"
    assert "permitted by permit `JaneVacation` (JaneVacation.cedar:2:1)" in wrong["detail"]
    assert "`Photo-labels-private`" in wrong["detail"]
    assert "which may explain this" in wrong["detail"]


def test_the_junit_file_has_the_names_of_the_sample(store: Path) -> None:
    break_label(store)
    buildsteps("cedar-validate", "--junit", "out/report.xml", cwd=store)
    root = ET.parse(store / "out" / "report.xml").getroot()
    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert set(suites) == {
        "validate",
        "Album DoePhotos",
        "Album JaneVacation",
        "Photo owner",
        "Role Moderator",
        "Role PhotoJudge",
        "Photo contest",
    }
    (error,) = root.iter("error")
    (failure,) = root.iter("failure")
    assert error.get("type") == "validate"
    assert failure.get("message") == "unexpected ALLOW"


def test_report_only_shows_the_stop_and_exits_0(store: Path) -> None:
    break_label(store)
    ran = buildsteps("cedar-validate", "--report-only", cwd=store)
    assert ran.code == 0
    assert "STOPPED" in ran.out
    assert "report only: the exit code of this stop is 0" in ran.out


def test_codebuild_gets_a_junit_file_without_a_flag(store: Path) -> None:
    environ = {"CODEBUILD_SRC_DIR": str(store), "CODEBUILD_BUILD_ID": "x:1"}
    assert buildsteps("cedar-validate", "nowhere", cwd=store, environ=environ).code == 2
    root = ET.parse(store / "reports" / "cedar-validate.xml").getroot()
    (error,) = root.iter("error")
    assert error.get("message") == "there is no file or folder `nowhere`"


def test_a_filter_judges_only_what_it_matches(store: Path) -> None:
    break_label(store)
    ran = judged(store, "--filter", "role photojudge")
    assert ran.code == 0
    assert {group for group, _ in ran.cases("passed")} == {"Role PhotoJudge"}
    assert any("leaves out policies that do not validate" in n for n in ran.report["notes"])


def test_fail_fast_stops_at_the_first_case_that_does_not_pass(store: Path) -> None:
    break_label(store)
    ran = judged(store, "--fail-fast")
    assert ran.code == 1
    assert ran.cases("error") == [INVALID]
    assert ran.cases("failed") == []


def test_list_names_the_cases_and_judges_none(store: Path) -> None:
    break_label(store)
    ran = buildsteps("cedar-validate", "--list", "--filter", "DENY*", cwd=store)
    assert ran.code == 0
    assert "  Album JaneVacation > DENY JohnDoe-views-nightclub" in ran.out.splitlines()
    assert "ALLOW" not in ran.out


def test_an_impossible_policy_is_a_finding_and_stops_when_warnings_are_denied(store: Path) -> None:
    policy = 'permit(principal, action == PhotoApp::Action::"viewPhoto", resource)'
    (store / "never.cedar").write_text(f"{policy} when {{ false }};\n")
    ran = judged(store)
    assert (ran.code, ran.rules()) == (0, ["impossible-policy"])
    denied = judged(store, "--deny-warnings")
    assert denied.code == 1
    assert denied.cases("failed") == [("warnings", "impossible-policy never.cedar:1:1")]


def test_an_unused_template_and_a_link_to_nothing_are_findings(store: Path) -> None:
    refactor(store)
    edit(store / "cedartemplatelinks.json", 'User::\\"JohnDoe', 'User::\\"Nobody')
    assert "link-to-nothing" in judged(store).rules()
    (store / "cedartemplatelinks.json").unlink()
    assert "unused-template" in judged(store).rules()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("viewPhoto.template", "viewPhot.template", "Did you mean `viewPhoto.template`?"),
        ("PhotoApp::User::", "PhotoApp::Usr::", "unrecognized entity type `PhotoApp::Usr`"),
        ('"?principal"', '"?resorce"', "`args` fills `?principal` and `?resource`"),
        ('"link_id"', '"linkid"', "Did you mean `link_id`?"),
    ],
)
def test_a_link_that_makes_no_policy_is_an_error(
    store: Path, old: str, new: str, message: str
) -> None:
    refactor(store)
    edit(store / "cedartemplatelinks.json", old, new)
    ran = judged(store)
    assert ran.code == 1
    errors = [c for c in ran.report["cases"] if c["outcome"] == "error"]
    assert {c["kind"] for c in errors} == {"link"}
    assert any(message in c["message"] for c in errors)


def test_evaluation_errors_are_findings_and_stop_under_strict(store: Path) -> None:
    (store / "cedarschema.json").unlink()
    break_label(store)
    assert "evaluation-error" in judged(store).rules()
    ran = judged(store, "--strict", "--filter", "Role")
    assert any(name.startswith("evaluation-error") for _, name in ran.cases("failed"))


def test_a_store_without_tests_warns_and_can_be_stopped(store: Path) -> None:
    (store / "tests").rename(store.parent / "gone")
    ran = judged(store)
    assert (ran.code, ran.rules()) == (0, ["no-tests"])
    assert judged(store, "--require-tests").code == 1


def test_without_a_schema_only_the_syntax_is_checked(store: Path) -> None:
    (store / "cedarschema.json").unlink()
    assert judged(store).rules() == ["no-schema"]
    (store / "bad.cedar").write_text("permit(principal action, resource);\n")
    ran = judged(store)
    (error,) = (c for c in ran.report["cases"] if c["outcome"] == "error")
    assert error["message"] == "unexpected token `action`"
    assert (error["locations"][0]["line"], error["locations"][0]["column"]) == (1, 18)


def test_request_validation_can_be_switched_off(store: Path) -> None:
    request = store / "tests/Photo owner/ALLOW/JaneDoe-edits-sunset.cedarauth.json"
    document = json.loads(request.read_text())
    request.write_text(json.dumps({**document, "context": {"mfa": True}}))
    ran = judged(store)
    assert ran.cases("error") == [("Photo owner", "ALLOW JaneDoe-edits-sunset")]
    assert judged(store, "--no-request-validation").code == 0


def test_several_stores_are_told_apart(tmp_path: Path) -> None:
    photo_store(tmp_path).rename(tmp_path / "one")
    photo_store(tmp_path).rename(tmp_path / "two")
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert ran.code == 0
    assert ("one: validate", "validate DoePhotos.cedar") in ran.cases("passed")
    assert len(ran.cases("passed")) == 94


def test_policies_in_one_file_have_ids_and_a_duplicate_stops(store: Path) -> None:
    view = 'permit(principal, action == PhotoApp::Action::"viewPhoto", resource)'
    never = "when { 1 == 2 && resource.labels.isEmpty() };"
    (store / "many.cedar").write_text(f'@id("a")\n{view} {never}\n{view} {never}\n')
    assert judged(store).code == 0
    (store / "twice.cedar").write_text(f'@id("a")\n{view} {never}\n')
    ran = judged(store)
    assert ran.code == 1
    assert ran.cases("failed") == [("validate", "validate twice.cedar")]
    (case,) = (c for c in ran.report["cases"] if c["kind"] == "duplicate-id")
    assert case["message"] == "the id `a` is taken by many.cedar:1:1"


def test_a_schema_in_cedar_syntax_serves_as_well(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text(
        "entity User; entity Doc; action view appliesTo { principal: User, resource: Doc };"
    )
    (tmp_path / "p.cedar").write_text('permit(principal, action == Action::"vew", resource);')
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    (case,) = ran.report["cases"]
    assert case["message"] == (
        'unrecognized action `Action::"vew"`. Did you mean `Action::"view"`?'
    )


def test_stores_of_the_configuration_need_no_convention(store: Path) -> None:
    (store / "cedarschema.json").rename(store.parent / "shape.json")
    (store / "tests").rename(store.parent / "requests")
    (store.parent / "buildsteps.yaml").write_text(
        "cedar:\n  stores:\n    photos:\n      path: photos\n      schema: shape.json\n"
        "      entities: [requests]\n      tests: [requests]\n"
    )
    ran = buildsteps("cedar-validate", "--format", "json", cwd=store.parent)
    assert ran.code == 0
    assert len(ran.cases("passed")) == 47


def test_flags_name_the_parts_of_a_store(store: Path) -> None:
    (store / "cedarschema.json").rename(store.parent / "shape.json")
    (store / "tests").rename(store.parent / "requests")
    flags = ("--schema", "../shape.json", "--entities", "../requests", "--tests", "../requests")
    ran = buildsteps("cedar-validate", ".", *flags, "--format", "json", cwd=store)
    assert (ran.code, len(ran.cases("passed"))) == (0, 47)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cedarschema.json", b'{"PhotoApp": ', "not valid JSON"),
        ("cedarschema.json", b'{"PhotoApp": {}}', "not a Cedar schema: missing field"),
        ("DoePhotos.cedar", POLICY.encode("utf-16"), "is UTF-16, not UTF-8; save it as UTF-8"),
        ("DoePhotos.cedar", b"permit(\xff", "is not UTF-8 (byte 0xff); save it as UTF-8"),
        ("tests/cedarentities.json", b"{}", "expected a list of entities"),
        ("tests/cedarentities.json", b'[{"uid": 1}]', "the key `attrs` is missing"),
        (
            "tests/Role Moderator/DENY/MaryMajor-views-garden.cedarauth.json",
            b'{"princpal": "a"}',
            "the key `principal` is missing. Is it `princpal`?",
        ),
    ],
)
def test_a_broken_file_is_an_error_of_the_subject(
    store: Path, name: str, content: bytes, message: str
) -> None:
    (store / name).write_bytes(content)
    ran = judged(store)
    assert ran.code == 1
    errors = [c for c in ran.report["cases"] if c["outcome"] == "error"]
    assert errors
    assert all(message in c["message"] for c in errors)
    assert {c["cause"] for c in errors} == {"subject"}


def test_an_entity_that_does_not_fit_is_named_with_the_reason(store: Path) -> None:
    edit(store / "tests" / "cedarentities.json", '"labels"', '"lables"')
    ran = judged(store)
    message = next(c["message"] for c in ran.report["cases"] if c["outcome"] == "error")
    assert "no attribute `lables`. Did you mean `labels`?" in message


def test_an_entity_that_does_not_fit_is_told_once(store: Path) -> None:
    edit(store / "tests" / "cedarentities.json", '"labels"', '"lables"')
    ran = judged(store)
    assert ran.code == 1
    assert ran.cases("error") == [("validate", "validate tests/cedarentities.json")]
    (case,) = (c for c in ran.report["cases"] if c["outcome"] == "error")
    assert (case["kind"], case["locations"][0]["path"]) == ("entities", "tests/cedarentities.json")
    assert {c["message"] for c in ran.report["cases"] if c["outcome"] == "skipped"} == {
        "tests/cedarentities.json is not valid"
    }
    assert ran.report["tables"] == []
    filtered = judged(store, "--filter", "garden")
    assert (filtered.code, len(filtered.cases("error"))) == (1, 1)


def test_entities_of_a_suite_that_do_not_fit_are_told_at_the_first_of_its_tests(
    store: Path,
) -> None:
    suite = store / "tests" / "contest.cedartests.yaml"
    edit(suite, "labels: [contest]}", "lables: [contest]}")
    ran = judged(store)
    (group, name), *others = ran.cases("error")
    (case,) = (c for c in ran.report["cases"] if c["name"] == name)
    assert group == "Photo contest"
    assert case["locations"][0]["path"] == "tests/contest.cedartests.yaml"
    assert case["message"].endswith("no attribute `lables`. Did you mean `labels`?")
    assert others == []
    why = {c["message"] for c in ran.report["cases"] if c["outcome"] == "skipped"}
    assert why == {f"it sees the entities of `{name}`, which are not valid"}


def test_a_key_of_an_entity_that_means_nothing_is_told(store: Path) -> None:
    edit(store / "tests" / "contest.cedartests.yaml", "    parents: [", "    parent: [")
    ran = judged(store)
    (found,) = (f for f in ran.report["findings"] if f["rule"] == "unknown-entity-key")
    assert found["message"].endswith("unknown key `parent`. Did you mean `parents`?")
    assert found["locations"][0]["path"] == "tests/contest.cedartests.yaml"


def test_a_link_is_not_led_astray_by_a_filter(store: Path) -> None:
    refactor(store)
    edit(store / "cedartemplatelinks.json", 'User::\\"JohnDoe', 'User::\\"Nobody')
    edit(
        store / "tests" / "contest.cedartests.yaml",
        "entities:\n  - uid: entry",
        "entities:\n  - {uid: 'PhotoApp::User::\"Nobody\"'}\n  - uid: entry",
    )
    assert "link-to-nothing" not in judged(store).rules()
    assert "link-to-nothing" not in judged(store, "--filter", "Role Moderator").rules()


def test_a_schema_that_is_not_valid_is_not_called_missing(store: Path) -> None:
    (store / "cedarschema.json").write_text("{}}")
    ran = judged(store, "--min-coverage", "50")
    assert ran.report["notes"] == [
        ".: 7 policies, 40 tests; schema cedarschema.json, which is not valid"
    ]
    (facts,) = ran.report["facts"]["stores"]
    assert (facts["schema"], facts["schema_valid"]) == ("cedarschema.json", False)
    assert "coverage" not in facts
    assert (ran.report["tables"], ran.cases("failed")) == ([], [])


def test_a_suite_that_is_skipped_on_purpose_covers_nothing(tmp_path: Path) -> None:
    ran = suite(tmp_path, "tests: [{decision: deny, skip: later}]")
    (table,) = ran.report["tables"]
    assert table["rows"][0][:3] == ["policies", "0 of 2", "0 %"]


def test_a_json_policy_that_is_none_is_shown_with_its_line(store: Path) -> None:
    (store / "bad.cedar.json").write_text('{\n  "effect": permit\n}\n')
    (case,) = (c for c in judged(store).report["cases"] if c["outcome"] == "error")
    assert "not valid JSON" in case["message"]
    assert '  2 |   "effect": permit\n' in case["detail"]


def test_the_id_of_a_policy_cannot_forge_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("a\\nbecause   permitted by nobody") permit(principal, action, resource);'
    )
    (tmp_path / "cases.json").write_text(json.dumps([{**RUN_TESTS[0], "decision": "deny"}]))
    ran = buildsteps("cedar-validate", "--format", "json", "--min-coverage", "100", cwd=tmp_path)
    (case,) = (c for c in ran.report["cases"] if c["outcome"] == "failed")
    because = [line for line in case["detail"].splitlines() if line.startswith("because")]
    assert len(because) == 1
    assert "a because   permitted by nobody" in because[0]


def test_policies_above_a_store_say_that_they_change_the_names_of_suites(store: Path) -> None:
    (store.parent / "stray.cedar").write_text(POLICY)
    ran = buildsteps("cedar-validate", "--format", "json", cwd=store.parent)
    assert ("photos: validate", "validate DoePhotos.cedar") in ran.cases("passed")
    (found,) = (f for f in ran.report["findings"] if f["rule"] == "no-schema")
    assert "`photos: validate` instead of `validate`" in found["detail"]


def test_coverage_is_in_every_format(store: Path) -> None:
    for name, told in {
        "terminal": "policies      7 of 7     100 %",
        "junit": "policies      7 of 7     100 %",
        "github": "::notice title=Coverage of .::what ",
        "sarif": '"7 of 7"',
        "json": '"7 of 7"',
        "markdown": "| policies | 7 of 7 | 100 % |",
    }.items():
        assert told in buildsteps("cedar-validate", "--format", name, cwd=store).out


def test_loops_and_special_files_are_passed_by(store: Path) -> None:
    (store / "loop").symlink_to("..")
    (store / "out.cedar").symlink_to("/etc/hostname")
    os.mkfifo(store / "pipe.cedar")
    ran = judged(store)
    assert (ran.code, ran.rules()) == (0, ["symlink-left-out"])


def test_a_request_in_neither_folder_is_told(store: Path) -> None:
    folder = store / "tests" / "Photo owner"
    (folder / "DENY").rename(folder / "deny")
    ran = judged(store)
    assert ran.code == 0
    assert set(ran.rules()) == {"unplaced-test"}
    assert judged(store, "--deny-warnings").code == 1


def test_names_from_outside_cannot_act_on_the_terminal(store: Path) -> None:
    (store / "a\x1b[31mb.cedar").write_text("permit(")
    ran = buildsteps("cedar-validate", cwd=store)
    assert ran.code == 1
    assert "\x1b" not in ran.out


def test_policies_can_come_from_standard_input(store: Path) -> None:
    flags = ("-", "--schema", "cedarschema.json", "--format", "json")
    ran = buildsteps("cedar-validate", *flags, cwd=store, stdin=POLICY)
    assert (ran.code, ran.cases("passed")) == (0, [("validate", "validate stdin")])
    assert buildsteps("cedar-validate", *flags, cwd=store, stdin="permit(").code == 1


def test_policies_on_standard_input_lack_no_tests_unless_somebody_asks(store: Path) -> None:
    flags = ("-", "--schema", "cedarschema.json", "--format", "json")
    assert buildsteps("cedar-validate", *flags, cwd=store, stdin=POLICY).rules() == []
    ran = buildsteps("cedar-validate", *flags, "--require-tests", cwd=store, stdin=POLICY)
    assert (ran.code, ran.rules()) == (1, ["no-tests"])


def test_policies_in_json_are_judged_like_text(tmp_path: Path) -> None:
    scope = {"op": "All"}
    policy = {
        "effect": "permit",
        "principal": {"op": "==", "slot": "?principal"},
        "action": scope,
        "resource": scope,
        "conditions": [],
    }
    link = {"templateId": "t", "newId": "l", "values": {"?principal": {"type": "U", "id": "a"}}}
    (tmp_path / "set.cedar.json").write_text(
        json.dumps({"templates": {"t": policy}, "templateLinks": [link]})
    )
    request = {"principal": 'U::"a"', "action": 'Action::"x"', "resource": 'U::"b"'}
    folder = tmp_path / "tests" / "json" / "ALLOW"
    folder.mkdir(parents=True)
    (folder / "a.cedarauth.json").write_text(json.dumps(request))
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert ran.code == 0
    assert ran.cases("passed") == [("validate", "validate set.cedar.json"), ("json", "ALLOW a")]


RUN_TESTS = [
    {
        "name": "by subset",
        "request": {"principal": 'U::"a"', "action": 'Action::"x"', "resource": 'U::"b"'},
        "entities": [],
        "decision": "allow",
        "reason": ["all"],
        "num_errors": 0,
    },
    {
        "request": {"principal": 'U::"a"', "action": 'Action::"x"', "resource": 'U::"b"'},
        "entities": [],
        "decision": "allow",
        "reason": ["other"],
        "num_errors": 0,
    },
]


def test_the_run_tests_file_of_the_cedar_cli_is_run_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "all.cedar").write_text(POLICY)
    (tmp_path / "cases.json").write_text(json.dumps(RUN_TESTS))
    (tmp_path / "package.json").write_text('{"name": "x"}')
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert ran.code == 1
    assert ("cases.json", "by subset") in ran.cases("passed")
    assert ran.cases("failed") == [("cases.json", "test 2")]
    assert "for another reason" in ran.out


def test_a_run_tests_case_without_a_reason_expects_none_and_says_none(tmp_path: Path) -> None:
    (tmp_path / "all.cedar").write_text("forbid(principal, action, resource);\n")
    (case,) = RUN_TESTS[:1]
    tests = [{**case, "decision": "deny", "reason": []}]
    (tmp_path / "cases.json").write_text(json.dumps(tests))
    ran = buildsteps("cedar-validate", "--format", "json", "-v", cwd=tmp_path)
    assert ran.code == 0
    (detail,) = (c["detail"] for c in ran.report["cases"] if c["group"] == "cases.json")
    assert "forbidden by forbid `all`" in detail
    assert "expected" not in detail


def test_two_entities_of_one_uid_in_a_run_tests_case_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "all.cedar").write_text(POLICY)
    one = {"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": []}
    tests = [{**RUN_TESTS[0], "entities": [one, one, {**one, "attrs": {"x": 1}}]}]
    (tmp_path / "cases.json").write_text(json.dumps(tests))
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    (case,) = (c for c in ran.report["cases"] if c["outcome"] == "error")
    assert case["message"] == 'entity U::"a" is there twice, and not the same'


def integration_test(folder: Path, **changes: object) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "p.cedar").write_text(
        "permit(principal, action, resource) when { context.mfa };\n"
        'forbid(principal, action == Action::"edit", resource);\n'
    )
    (folder / "data" / "s.cedarschema").write_text(
        "entity U; action view, edit appliesTo { principal: U, resource: U, context: {mfa: Bool} };"
    )
    (folder / "data" / "e.json").write_text("[]")
    uid = {"type": "U", "id": "a"}
    request = {
        "description": "one",
        "principal": uid,
        "action": {"type": "Action", "id": "edit"},
        "resource": uid,
        "context": {"mfa": True},
        "decision": "deny",
        "reason": ["policy1"],
        "errors": [],
    }
    document = {
        "policies": "data/p.cedar",
        "entities": "data/e.json",
        "schema": "data/s.cedarschema",
        "shouldValidate": True,
        "requests": [{**request, **changes}],
    }
    (folder / "deep").mkdir()
    (folder / "deep" / "test.json").write_text(json.dumps(document))


def test_the_integration_tests_of_the_language_bindings_are_run_as_they_are(
    tmp_path: Path,
) -> None:
    integration_test(tmp_path)
    for cwd, path in ((tmp_path, "."), (tmp_path, "deep/test.json"), (tmp_path / "deep", ".")):
        ran = buildsteps("cedar-validate", path, "--format", "json", cwd=cwd)
        assert ran.code == 0, ran.out
        assert [name for _, name in ran.cases("passed")] == ["validate p.cedar", "one"]


def test_an_integration_test_that_fails_is_explained(tmp_path: Path) -> None:
    integration_test(tmp_path, reason=["policy0"])
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert ran.code == 1
    (case,) = (c for c in ran.report["cases"] if c["outcome"] == "failed")
    assert case["kind"] == "reason"
    assert "policy1  forbid `p#2` (data/p.cedar:2:1)" in case["detail"]


def test_an_expected_validation_failure_is_a_passed_case(tmp_path: Path) -> None:
    integration_test(tmp_path)
    path = tmp_path / "deep" / "test.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "shouldValidate": False}))
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert (ran.code, ran.cases("failed")[0][1]) == (1, "validate p.cedar")
    edit(tmp_path / "data" / "p.cedar", "context.mfa", "context.mfaa")
    path.write_text(json.dumps({**document, "shouldValidate": False, "requests": []}))
    assert buildsteps("cedar-validate", cwd=tmp_path).code == 0


def test_workers_give_the_same_cases_in_the_same_order(tmp_path: Path) -> None:
    for number in range(40):
        folder = tmp_path / f"t{number:02}"
        folder.mkdir()
        integration_test(folder)
    alone, together = (
        buildsteps("cedar-validate", "--format", "json", "--jobs", jobs, cwd=tmp_path)
        for jobs in ("1", "2")
    )
    assert len(alone.cases("passed")) == 80
    assert alone.cases("passed") == together.cases("passed")


def test_acceptances_cover_findings_until_they_run_out(store: Path) -> None:
    refactor(store)
    (store / "cedartemplatelinks.json").unlink()
    config = store / "buildsteps.yaml"
    accepted = "accept:\n  - {rule: unused-template, reason: soon, until: %s}\n"
    config.write_text(accepted % "2999-01-01")
    flags = ("--deny-warnings", "--filter", "validate")
    assert judged(store, *flags).code == 0
    config.write_text(accepted % "2020-01-01")
    ran = judged(store, *flags)
    assert ran.code == 1
    assert ("acceptances", "accept unused-template") in ran.cases("failed")
    (late,) = [case for case in ran.report["cases"] if case["group"] == "acceptances"]
    assert (late["locations"][0]["path"], late["locations"][0]["line"]) == ("buildsteps.yaml", 2)
    config.write_text("accept:\n  - {rule: unused-template}\n")
    bare = judged(store, *flags)
    assert (bare.code, bare.cases("failed")) == (1, ran.cases("failed"))
    config.unlink()
    template = store / "viewPhoto.template.cedar"
    template.write_text("// buildsteps: accept[unused-template] soon\n" + template.read_text())
    assert judged(store, *flags).code == 0


def detail_of(store: Path, name: str) -> str:
    (case,) = (c for c in judged(store).report["cases"] if c["name"] == name)
    return str(case["detail"])


def test_a_near_miss_names_the_policy_and_the_part_that_did_not_hold(store: Path) -> None:
    edit(store / "JaneVacation.cedar", '"JaneVacation"', '"DoePhotos"')
    assert (
        "near miss permit `JaneVacation` (JaneVacation.cedar:2:1): "
        'its resource does not match `resource in PhotoApp::Album::"DoePhotos"`'
    ) in detail_of(store, "ALLOW JohnDoe-views-sunset")


def test_a_near_miss_names_the_clause_of_a_condition(store: Path) -> None:
    edit(store / "Photo-labels-private.cedar", '"private"', '"secret"')
    assert (
        "near miss forbid `Photo-labels-private` (Photo-labels-private.cedar:2:1): "
        'its condition `resource.labels.contains("secret")` is false'
    ) in detail_of(store, "DENY JohnDoe-views-nightclub")


def test_a_near_miss_through_a_link_names_the_link(store: Path) -> None:
    refactor(store)
    edit(store / "cedartemplatelinks.json", 'User::\\"JohnDoe', 'User::\\"RichardRoe')
    assert (
        "near miss permit `JaneVacation` (cedartemplatelinks.json:2:3): "
        'its principal does not match `principal in PhotoApp::User::"RichardRoe"`'
    ) in detail_of(store, "ALLOW JohnDoe-views-sunset")


def test_coverage_is_in_the_report_and_can_stop(store: Path) -> None:
    ran = judged(store)
    (table,) = ran.report["tables"]
    assert table["rows"][0] == ["policies", "7 of 7", "100 %", ""]
    assert ran.report["facts"]["stores"][0]["coverage"]["actions"]["percent"] == 100
    (
        store / "tests" / "Role Moderator" / "ALLOW" / "MaryMajor-deletes-garden.cedarauth.json"
    ).unlink()
    ran = judged(store, "--min-coverage", "90")
    assert ran.code == 1
    assert ran.cases("failed") == [("coverage", "policies")]
    assert judged(store, "--min-coverage", "85").code == 0
    markdown = buildsteps("cedar-validate", "--format", "markdown", cwd=store)
    assert "| policies | 6 of 7 | 86 % | Application-moderators |" in markdown.out


def test_a_test_about_an_entity_that_exists_nowhere_is_told(store: Path) -> None:
    request = store / "tests/Role PhotoJudge/DENY/JohnDoe-views-lighthouse.cedarauth.json"
    edit(request, "JohnDoe", "JohnDo")
    ran = judged(store)
    assert (ran.code, ran.rules()) == (0, ["vacuous-test"])
    assert ran.report["findings"][0]["message"] == (
        'PhotoApp::User::"JohnDo" is in no entities file and no policy, but 1 test asks about it'
    )
    assert judged(store, "--deny-warnings").code == 1


SUITE = """
names: {a: 'U::"a"', x: 'Action::"x"', b: 'U::"b"'}
defaults: {principal: a, action: x, resource: b}
"""


def suite(folder: Path, text: str) -> Ran:
    (folder / "all.cedar").write_text(
        '@id("yes") permit(principal, action, resource) when { context has ok };'
        '@id("no") forbid(principal, action, resource) when { context.bad };'
    )
    (folder / "s.cedartests.yaml").write_text(SUITE + text)
    return buildsteps("cedar-validate", "--format", "json", cwd=folder)


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("{decision: deny}", "passed"),
        ("{decision: deny, reasons: []}", "passed"),
        ("{decision: deny, reasons: ['no']}", "failed"),
        ("{decision: allow}", "failed"),
        ("{decision: allow, context: {ok: 1, bad: false}, reasons: ['yes']}", "passed"),
        ("{decision: allow, context: {ok: 1}, reasons: ['yes'], errors: ['no']}", "passed"),
        ("{decision: allow, context: {ok: 1}, errors: 1}", "passed"),
        ("{decision: allow, context: {ok: 1}, errors: 0}", "failed"),
        ("{decision: deny, context: {ok: 1, bad: true}, reasons_include: ['no']}", "passed"),
        ("{decision: deny, context: {ok: 1, bad: true}, reasons_include: ['yes']}", "failed"),
        ("{decision: allow, skip: not yet}", "skipped"),
    ],
)
def test_a_suite_says_what_it_expects(tmp_path: Path, test: str, outcome: str) -> None:
    ran = suite(tmp_path, f"tests: [{test}]")
    (case,) = (c for c in ran.report["cases"] if c["group"] == "s")
    assert case["outcome"] == outcome, case


def test_a_matrix_denies_what_it_does_not_list(tmp_path: Path) -> None:
    cells = "{principals: [a, b], actions: [x], resources: [b], context: {ok: 1, bad: false}"
    ran = suite(tmp_path, f"matrix: [{cells}, allow: [{{principal: a}}]}}]")
    assert ("s", "ALLOW a x b") in ran.cases("passed")
    assert ran.cases("failed") == [("s", "DENY b x b")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "tests: [{decision: maybe}]",
            "s.cedartests.yaml:4:20: expected `allow` or `deny`, found text `maybe`",
        ),
        ("tests: [{decison: deny}]", "unknown key `decison`. Did you mean `decision`?"),
        ("tests: [{decision: deny, principal: c}]", "`c` is neither in `names` nor an entity uid."),
        ("tests: []", "the suite holds no test"),
        (
            "matrix: [{principals: [a], actions: [x], resources: [b], allow: [{action: y}]}]",
            "the matrix has no action `y`.",
        ),
        ("tests: [{decision: deny, entities: [{attrs: {}}]}]", "an entity needs a `uid`"),
    ],
)
def test_a_mistake_in_a_suite_is_told_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    ran = suite(tmp_path, text)
    assert ran.code == 1
    (case,) = (c for c in ran.report["cases"] if c["outcome"] == "error")
    place = case["locations"][0]
    told = f"{place['path']}:{place.get('line')}:{place.get('column')}: {case['message']}"
    assert message in told


PRIVATE = """
tests:
  - name: a private photo is denied by the policy that says so, not for want of a permit
    principal: PhotoApp::User::"JohnDoe"
    action: PhotoApp::Action::"viewPhoto"
    resource: PhotoApp::Photo::"nightclub.jpg"
    decision: deny
    reasons: [Photo-labels-private]
"""


def test_the_test_that_is_green_for_the_wrong_reason_is_seen(store: Path) -> None:
    (store / "tests" / "private.cedartests.yaml").write_text(PRIVATE)
    edit(store / "JaneVacation.cedar", 'User::"JohnDoe"', 'User::"RichardRoe"')
    edit(store / "Photo-labels-private.cedar", '"private"', '"secret"')
    by_name = {case["name"]: case for case in judged(store).report["cases"]}
    assert by_name["DENY JohnDoe-views-nightclub"]["outcome"] == "passed"
    name = "a private photo is denied by the policy that says so, not for want of a permit"
    assert by_name[name]["message"] == "DENY for another reason than expected"


def test_a_test_below_no_store_is_told(tmp_path: Path) -> None:
    photo_store(tmp_path)
    (tmp_path / "private.cedartests.yaml").write_text(PRIVATE)
    ran = buildsteps("cedar-validate", "--format", "json", cwd=tmp_path)
    assert (ran.code, ran.rules()) == (0, ["unplaced-test"])
    assert ran.report["findings"][0]["locations"][0]["path"] == "private.cedartests.yaml"


def test_codebuild_is_told_that_nothing_was_judged_and_a_listing_touches_no_report(
    store: Path,
) -> None:
    environ = {"CODEBUILD_SRC_DIR": str(store), "CODEBUILD_BUILD_ID": "x:1"}
    report = store / "reports" / "cedar-validate.xml"
    ran = buildsteps("cedar-validate", "--filter", "zebra", cwd=store, environ=environ)
    assert ran.code == 2
    (error,) = ET.parse(report).getroot().iter("error")
    assert error.get("type") == "nothing-judged"
    assert "no case matches --filter zebra" in str(error.get("message"))
    before = report.read_text()
    assert buildsteps("cedar-validate", "--list", cwd=store, environ=environ).code == 0
    assert report.read_text() == before


def test_a_filter_may_name_one_of_several_stores(tmp_path: Path) -> None:
    photo_store(tmp_path).rename(tmp_path / "one")
    photo_store(tmp_path).rename(tmp_path / "two")
    flags = ("--format", "json", "--filter", "two: role photojudge")
    ran = buildsteps("cedar-validate", *flags, cwd=tmp_path)
    assert {group for group, _ in ran.cases("passed")} == {"two: Role PhotoJudge"}


def test_a_limit_below_one_case_is_a_wrong_call(store: Path) -> None:
    ran = buildsteps("cedar-validate", "--junit-limit", "0", cwd=store)
    assert (ran.code, "at least 1 case" in ran.err) == (2, True)


def test_listing_nothing_is_a_wrong_call(store: Path) -> None:
    ran = buildsteps("cedar-validate", "--list", "--filter", "zebra", cwd=store)
    assert (ran.code, ran.out) == (2, "")
    assert "there is nothing to list: no case matches --filter zebra" in ran.err
    quiet = buildsteps("cedar-validate", "--list", "--filter", "z", "--allow-empty", cwd=store)
    assert quiet.code == 0


def test_a_listing_cannot_act_on_the_terminal(store: Path) -> None:
    (store / "a\x1b[31mb.cedar").write_text("permit(")
    ran = buildsteps("cedar-validate", "--list", cwd=store)
    assert ran.code == 0
    assert "\x1b" not in ran.out


def test_a_policy_that_does_not_validate_counts_as_not_exercised(store: Path) -> None:
    break_label(store)
    (table,) = judged(store).report["tables"]
    assert table["rows"][0] == ["policies", "6 of 7", "86 %", "Photo-labels-private"]


@pytest.mark.parametrize("flags", [("--junit", "r.xml"), ("--format", "sarif")])
def test_a_report_of_proposed_tests_is_a_wrong_call_that_writes_nothing(
    store: Path, flags: tuple[str, str]
) -> None:
    ran = buildsteps("cedar-validate", "--init-tests", *flags, cwd=store)
    assert ran.code == 2
    assert "nothing is judged" in ran.err
    assert not (store / "tests" / "proposed.cedartests.yaml").exists()


def test_proposed_tests_that_cannot_be_written_leave_nothing_behind(store: Path) -> None:
    (store / "tests").chmod(0o555)
    ran = buildsteps("cedar-validate", "--init-tests", cwd=store, permissions=True)
    (store / "tests").chmod(0o755)
    assert ran.code == 3
    assert "tests/proposed.cedartests.yaml: cannot be written: permission denied" in ran.err
    assert not [path.name for path in (store / "tests").iterdir() if "proposed" in path.name]
