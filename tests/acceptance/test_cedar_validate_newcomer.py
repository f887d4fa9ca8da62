"""The mistakes of somebody's first day: each is told where it was made, and none in silence."""

import json
from pathlib import Path

import pytest

from tests.command_line import Ran, break_label, buildsteps, edit, photo_store

SUITE = "tests/contest.cedartests.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return photo_store(tmp_path)


def judged(store: Path, *flags: str) -> Ran:
    return buildsteps("cedar-validate", "--format", "json", *flags, cwd=store)


def told(ran: Ran, rule: str) -> list[str]:
    """Path and message of each finding of a rule."""
    found = (one for one in ran.report["findings"] if one["rule"] == rule)
    return [f"{one['locations'][0]['path']}: {one['message']}" for one in found]


def details(ran: Ran, group: str) -> str:
    return "\n".join(one["detail"] for one in ran.report["cases"] if one["group"] == group)


def test_a_request_without_the_name_of_one_is_told(store: Path) -> None:
    folder = store / "tests" / "Photo owner" / "ALLOW"
    (folder / "JaneDoe-edits-sunset.cedarauth.json").rename(folder / "forgotten.json")
    ran = judged(store)
    assert told(ran, "unplaced-test") == [
        "tests/Photo owner/ALLOW/forgotten.json: this file stands in ALLOW like a request, but its"
        " name does not end in `.cedarauth.json`, so it is never run"
    ]
    assert (ran.code, judged(store, "--deny-warnings").code) == (0, 1)


@pytest.mark.parametrize("name", ["contest.yaml", "contest.cedartest.yml"])
def test_a_suite_without_the_name_of_one_is_told_unless_it_is_named(store: Path, name: str) -> None:
    (store / SUITE).rename(store / "tests" / name)
    (store / "tests" / "values.yaml").write_text("tests: {enabled: true}\n")
    ran = judged(store)
    assert told(ran, "unplaced-test") == [
        f"tests/{name}: this file looks like a suite, but its name does not end in"
        " `.cedartests.yaml`, so it is never run"
    ]
    named = judged(store, "--tests", f"tests/{name}")
    assert told(named, "unplaced-test") == []
    assert "Photo contest" in {group for group, _ in named.cases("passed")}


@pytest.mark.parametrize("key", ["request", "decision", "entities", "num_errors"])
def test_a_mistyped_key_of_a_run_tests_file_does_not_make_it_disappear(
    store: Path, key: str
) -> None:
    request = {
        "principal": 'PhotoApp::User::"Eve"',
        "action": 'PhotoApp::Action::"viewPhoto"',
        "resource": 'PhotoApp::Photo::"x"',
    }
    test = {"request": request, "entities": [], "decision": "deny", "reason": [], "num_errors": 0}
    mistyped = {f"{one}x" if one == key else one: value for one, value in test.items()}
    (store / "tests" / "cli.json").write_text(json.dumps([mistyped]))
    ran = judged(store)
    assert ran.code == 1
    assert ran.cases("error") == [("tests/cli.json", "test 1")]


def test_an_id_that_no_policy_has_is_told_with_the_nearest(store: Path) -> None:
    edit(store / SUITE, "[Photo-labels-contest]", "[Photo-label-contest, policy2]")
    shown = details(judged(store), "Photo contest")
    assert (
        "no policy has the id `Photo-label-contest`. Did you mean `Photo-labels-contest`?" in shown
    )
    assert "`policy2`." not in shown


def test_an_expected_policy_that_does_not_validate_is_told_as_left_out(store: Path) -> None:
    edit(store / SUITE, "[JaneVacation]", "[JaneVacation, Photo-labels-private]")
    break_label(store)
    shown = details(judged(store), "Photo contest")
    assert "left out  forbid `Photo-labels-private` (Photo-labels-private.cedar:2:1) is in" in shown
    assert "no policy has the id" not in shown


def test_a_policy_that_spells_a_uid_otherwise_mentions_it(store: Path) -> None:
    (store / "obrien.cedar").write_text(
        'permit (principal == PhotoApp :: User::"O\\\'Brien", action, resource is PhotoApp::Photo);'
    )
    request = """names:
  view: PhotoApp::Action::"viewPhoto"
  sunset: PhotoApp::Photo::"sunset.jpg"
tests:
  - {{principal: 'PhotoApp::User::"{}"', resource: sunset, action: view, decision: {}}}
"""
    for name, decision, count in (("O''Brien", "allow", 0), ("O''Brian", "deny", 1)):
        (store / "tests" / "o.cedartests.yaml").write_text(request.format(name, decision))
        ran = judged(store)
        assert ran.code == 0
        assert len(told(ran, "vacuous-test")) == count


@pytest.mark.parametrize("tests", ["mine", "mine/*.yaml"])
def test_init_tests_begins_in_a_configured_folder_that_is_still_empty(
    store: Path, tests: str
) -> None:
    (store / "mine").mkdir()
    (store / "buildsteps.yaml").write_text(
        f"cedar:\n  stores:\n    photos: {{path: ., tests: ['{tests}']}}\n"
    )
    before = buildsteps("cedar-validate", cwd=store)
    assert (before.code, before.out) == (2, "")
    assert before.err == (
        f"buildsteps cedar-validate: `{tests}` matches no file; --init-tests can begin\n"
    )
    assert buildsteps("cedar-validate", "--init-tests", cwd=store).code == 0
    assert (store / "mine" / "proposed.cedartests.yaml").is_file()
    assert judged(store).code == 0


def test_an_integration_test_says_which_ids_it_saw_and_what_key_is_mistyped(store: Path) -> None:
    (store / "JaneVacation.cedar").write_text(
        '@id("jane") permit (principal, action, resource is PhotoApp::Photo);'
    )
    request = {
        "principal": {"type": "PhotoApp::User", "id": "Eve"},
        "action": {"type": "PhotoApp::Action", "id": "viewPhoto"},
        "resource": {"type": "PhotoApp::Photo", "id": "x"},
        "decision": "allow",
        "reason": ["policy0"],
    }
    test = {
        "policies": "JaneVacation.cedar",
        "entities": "tests/cedarentities.json",
        "schema": "cedarschema.json",
        "requests": [request],
    }
    (store / "one.json").write_text(json.dumps({**test, "x-more": 1}))
    shown = details(judged(store, "--filter", "request 1"), "one.json")
    assert "expected  ALLOW by policy0" in shown
    assert "because   jane  permit `jane`" in shown
    (store / "one.json").write_text(json.dumps({**test, "shouldvalidate": True}))
    cases = judged(store, "--filter", "one.json").report["cases"]
    assert [one["message"].partition(": ")[2] for one in cases] == [
        "unknown key `shouldvalidate`. Did you mean `shouldValidate`?"
    ]


def test_an_unexpected_word_in_a_schema_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text("entity User;\nentity Doc\nentity Doc2;\n")
    (case,) = judged(tmp_path).report["cases"]
    assert case["message"] == "not a Cedar schema: expected `;`, found `entity`"
    assert case["locations"][0]["line"] == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'PhotoApp::User::\\"JaneDoe\\"',
            "PhotoApp::User::JaneDoe",
            'the principal `PhotoApp::User::JaneDoe` is no entity uid such as `User::"alice"`',
        ),
        ('\n}\n', "", "not valid JSON: it ends too early"),
        (None, "", "not valid JSON: the file is empty"),
    ],
)  # fmt: skip
def test_a_request_that_is_none_is_told(
    store: Path, old: str | None, new: str, message: str
) -> None:
    path = store / "tests" / "Photo owner" / "ALLOW" / "JaneDoe-edits-sunset.cedarauth.json"
    edit(path, path.read_text() if old is None else old, new)
    (case,) = (one for one in judged(store).report["cases"] if one["outcome"] == "error")
    assert case["message"] == message


def test_a_context_that_does_not_fit_says_which_value(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text(
        "entity U; action a appliesTo {principal: U, resource: U, context: {mfa: Bool, n: Long}};"
    )
    (tmp_path / "all.cedar").write_text("permit (principal, action, resource);")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "t.cedartests.yaml").write_text(
        "tests:\n  - {principal: 'U::\"a\"', action: 'Action::\"a\"', resource: 'U::\"b\"',\n"
        "     context: {mfa: yes, n: one}, decision: allow}\n"
    )
    (case,) = (one for one in judged(tmp_path).report["cases"] if one["outcome"] == "error")
    assert case["message"].endswith(
        'is not valid for `Action::"a"`: `n` must be Long, and is String'
    )


@pytest.mark.parametrize("percent", ["-1", "100.5"])
def test_a_coverage_that_nothing_can_have_is_a_wrong_call(store: Path, percent: str) -> None:
    ran = buildsteps("cedar-validate", f"--min-coverage={percent}", cwd=store)
    assert (ran.code, ran.err) == (
        2,
        "buildsteps cedar-validate: --min-coverage is a percentage from 0 to 100\n",
    )


def test_mistakes_in_the_configuration_stand_in_the_order_of_their_places(store: Path) -> None:
    text = "cedar_validate:\n  min_coverage: ten\n  strict: maybe\n"
    (store / "buildsteps.yaml").write_text(text)
    ran = buildsteps("cedar-validate", cwd=store)
    assert (ran.code, ran.err) == (
        2,
        "buildsteps cedar-validate: buildsteps.yaml:2:17: expected a number or nothing, found text"
        " `ten`\nbuildsteps.yaml:3:11: expected true or false, found text `maybe`\n",
    )
