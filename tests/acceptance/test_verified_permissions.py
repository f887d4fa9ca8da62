"""``cedar-validate --policy-store`` and ``cedar-diff avp:``, as a user types them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, buildsteps
from tests.policy_store import Deployment, deployment, entity

USER, ALBUM = 'PhotoApp::User::"JaneDoe"', 'PhotoApp::Album::"DoePhotos"'
NEW = 'permit (principal, action == PhotoApp::Action::"viewPhoto", resource);'


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Deployment]:
    """The photo store, here and deployed."""
    with deployment(tmp_path / "photos") as found:
        yield found


@pytest.fixture
def refactored(tmp_path: Path) -> Iterator[Deployment]:
    """The photo store with a template and two links."""
    with deployment(tmp_path / "photos", refactored=True) as found:
        yield found


def case(ran: Ran, name: str) -> dict[str, Any]:
    """The case of that name."""
    (found,) = [one for one in ran.report["cases"] if one["name"] == name]
    return dict(found)


def wrong(ran: Ran) -> list[tuple[str, str]]:
    return ran.cases("failed") + ran.cases("error")


def test_the_same_store_here_and_there_passes_and_every_test_is_replayed(
    photos: Deployment,
) -> None:
    ran = photos.validate()
    assert (ran.code, wrong(ran), ran.rules()) == (0, [], []), ran.out
    told = ran.report["facts"]["policy_store"]
    assert (told["id"], told["policies"], told["replayed"]) == (photos.store.id, 7, 40)
    assert ran.cases("passed").count(("policy store", "policy DoePhotos")) == 1
    assert ("Photo owner", "DENY JaneDoe-views-diary") in ran.cases("passed")


def test_templates_and_links_are_deployed_as_they_are_here(refactored: Deployment) -> None:
    ran = refactored.validate()
    assert (ran.code, wrong(ran), ran.rules()) == (0, [], []), ran.out
    names = {name for group, name in ran.cases("passed") if group == "policy store"}
    assert {"template viewPhoto.template", "link JaneVacation", "link DoePhotos"} <= names


def test_a_policy_edited_in_the_console_is_named_with_a_diff(photos: Deployment) -> None:
    photos.edit("Photo-labels-private", '"private"', '"secret"')
    ran = photos.validate()
    assert ran.code == 1
    assert wrong(ran) == [
        ("Album JaneVacation", "DENY JohnDoe-views-nightclub"),
        ("policy store", "policy Photo-labels-private"),
    ]
    found = case(ran, "policy Photo-labels-private")
    assert photos.id_of("Photo-labels-private") in found["message"]
    assert '-when { resource.labels.contains("private") }' in found["detail"]
    assert '+when { resource.labels.contains("secret") }' in found["detail"]
    assert found["locations"][0]["path"] == "Photo-labels-private.cedar"
    assert found["locations"][1]["path"] == (f"avp:{photos.store.id}/Photo-labels-private.cedar")


def test_comments_and_layout_are_no_difference(photos: Deployment) -> None:
    photos.edit("DoePhotos", "permit (", "// moved\npermit      (\n")
    assert photos.validate().code == 0


def test_what_is_only_here_and_what_is_only_there_is_told(photos: Deployment) -> None:
    del photos.store.policies[photos.id_of("Application-moderators")]
    made = photos.store.create_policy(NEW, "Everybody looks")
    ran = photos.validate()
    assert ran.code == 1
    missing = case(ran, "policy Application-moderators")
    assert missing["message"] == "is here, but not in the policy store"
    unknown = case(ran, f"policy Everybody looks ({made.id})")
    assert 'action == PhotoApp::Action::"viewPhoto"' in unknown["detail"]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("Extra.cedar", b"\x80", "cannot be compared: is not UTF-8"),
        ("Extra.cedar", b"permit (principal,", "cannot be compared: unexpected end of input"),
        ("Photo-owner.cedar", b"permit (principal,", "cannot be compared: unexpected end of input"),
        ("extra.cedartemplatelinks.json", b"[", "cannot be compared: not valid JSON"),
    ],
)
def test_what_cannot_be_read_here_is_an_error_and_not_a_store_that_is_the_same(
    photos: Deployment, file: str, content: bytes, said: str
) -> None:
    (photos.folder / file).write_bytes(content)
    ran = photos.validate()
    assert ran.code == 1
    errors = [one for one in ran.report["cases"] if one["outcome"] == "error"]
    assert [one["group"] for one in errors] == ["policy store"]
    assert said in errors[0]["message"]


def test_a_policy_without_a_name_that_was_edited_is_still_known(photos: Deployment) -> None:
    policy = photos.store.policies[photos.id_of("Photo-owner")]
    policy.description = None
    photos.store.update_policy(policy.id, policy.statement.replace(' "editPhoto",', ""))
    photos.store.update_policy(
        policy.id, policy.statement.replace('PhotoApp::Action::"editPhoto",\n     ', "")
    )
    ran = photos.validate()
    assert case(ran, "policy Photo-owner")["outcome"] == "failed"
    assert '-     PhotoApp::Action::"editPhoto",' in case(ran, "policy Photo-owner")["detail"]


def test_a_link_that_only_the_store_has_stops_unless_it_is_accepted(
    refactored: Deployment,
) -> None:
    (template,) = refactored.store.templates
    refactored.store.link(template, entity(USER), entity(ALBUM))
    assert ("unknown-link" in refactored.validate().rules(), refactored.validate().code) == (
        True,
        1,
    )
    (refactored.folder / "buildsteps.yaml").write_text(
        "accept:\n  - rule: unknown-link\n    reason: the application links albums\n"
    )
    ran = refactored.validate()
    assert ran.code == 0, ran.out
    assert "accepted: the application links albums" in {
        one["message"] for one in ran.report["cases"]
    }


def test_an_acceptance_of_a_difference_is_unused_only_where_somebody_compares(
    photos: Deployment,
) -> None:
    (photos.folder / "buildsteps.yaml").write_text(
        "accept:\n  - rule: unknown-link\n    reason: the application links albums\n"
    )
    assert photos.run("cedar-validate", "--format=json").rules() == []
    assert photos.validate().rules() == ["unused-acceptance"]


def test_a_comment_here_accepts_a_difference_and_one_in_a_deployed_policy_none(
    photos: Deployment,
) -> None:
    comment = "// buildsteps: accept[changed-policy] on its way\n"
    photos.edit("DoePhotos", "permit (", f"{comment}permit (")
    photos.edit("DoePhotos", "DoeFamily", "RoeFamily")
    ran = photos.validate("--filter", "policy DoePhotos")
    assert ran.code == 1
    path = photos.folder / "DoePhotos.cedar"
    path.write_text(comment + path.read_text())
    ran = photos.validate("--filter", "policy DoePhotos")
    assert ran.code == 0, ran.out
    assert photos.run("cedar-validate", "--format=json").rules() == []


def test_a_request_that_the_service_refuses_is_a_failed_case_and_the_others_are_asked(
    photos: Deployment,
) -> None:
    folder = photos.folder / "tests" / "Odd" / "DENY"
    folder.mkdir(parents=True)
    for name, action in (("known", "viewPhoto"), ("unknown", "fly")):
        request = {
            "principal": 'PhotoApp::User::"RichardRoe"',
            "action": f'PhotoApp::Action::"{action}"',
            "resource": 'PhotoApp::Photo::"diary.jpg"',
        }
        (folder / f"{name}.cedarauth.json").write_text(json.dumps(request))
    ran = photos.validate("--no-request-validation")
    assert wrong(ran) == [("BatchIsAuthorized", "Odd > DENY unknown")]
    assert "the service refuses the request" in case(ran, "Odd > DENY unknown")["message"]
    assert ran.report["facts"]["policy_store"]["replayed"] == 42


def test_what_a_description_holds_reaches_no_terminal(photos: Deployment) -> None:
    photos.store.create_policy(NEW, "\x1b[31m../red\nline")
    ran = photos.run("cedar-validate", "--policy-store", photos.store.id)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "red" in ran.out


def test_a_link_and_a_template_that_only_the_repository_has_are_missing(
    refactored: Deployment,
) -> None:
    refactored.store.policies = {
        name: one for name, one in refactored.store.policies.items() if not one.template
    }
    refactored.store.templates.clear()
    ran = refactored.validate()
    names = [name for group, name in wrong(ran) if group == "policy store"]
    assert names == ["template viewPhoto.template", "link JaneVacation", "link DoePhotos"]


def test_a_schema_with_another_attribute_is_a_difference_and_another_order_is_none(
    photos: Deployment,
) -> None:
    schema = json.loads(photos.store.schema)
    types = schema["PhotoApp"]["entityTypes"]
    schema["PhotoApp"]["entityTypes"] = dict(reversed(types.items()))
    photos.store.schema = json.dumps(schema)
    assert photos.validate().code == 0
    attributes = types["Photo"]["shape"]["attributes"]
    attributes["caption"] = {"type": "String", "required": False}
    photos.store.schema = json.dumps(schema)
    ran = photos.validate()
    assert wrong(ran) == [("policy store", "schema cedarschema.json")]
    assert "+    caption?: __cedar::String," in case(ran, "schema cedarschema.json")["detail"]


def test_a_decision_of_the_service_that_differs_is_a_failed_case(photos: Deployment) -> None:
    photos.service.decisions[("JaneDoe", "viewPhoto", "nightclub.jpg")] = "DENY"
    ran = photos.validate()
    assert ran.code == 1
    name = "Photo owner > ALLOW JaneDoe-views-nightclub"
    assert ("BatchIsAuthorized", name) in wrong(ran)
    assert case(ran, name)["message"] == "the service says DENY, and the engine here ALLOW"


def test_batches_keep_the_rules_of_the_service(photos: Deployment) -> None:
    photos.validate()
    calls = photos.aws.asked("BatchIsAuthorized")
    assert sum(len(call.parameters["requests"]) for call in calls) == 40
    for call in calls:
        asked = call.parameters["requests"]
        shared = [{json.dumps(one[part]) for one in asked} for part in ("principal", "resource")]
        assert min(map(len, shared)) == 1
        assert len(asked) <= 30


def test_what_breaks_the_rules_of_the_service_is_found_without_asking_it(tmp_path: Path) -> None:
    with deployment(tmp_path / "photos") as found:
        open_template = "permit (principal, action, resource in ?resource);"
        (found.folder / "open.template.cedar").write_text(open_template)
        words = ", ".join(f'"{number}"' for number in range(2000))
        (found.folder / "long.cedar").write_text(
            f'permit (principal, action, resource) when {{ [{words}].contains("x") }};'
        )
        ran = found.run("cedar-validate", "--for-verified-permissions", "--format=json")
        assert found.aws.calls == []
    assert ran.code == 1
    group = "Verified Permissions"
    assert {name for where, name in wrong(ran) if where == group} == {
        "policy size: long",
        "template scope: open.template, principal",
    }
    assert (group, "namespace") in ran.cases("passed")


def test_a_schema_outside_of_a_namespace_is_not_for_the_service(tmp_path: Path) -> None:
    (tmp_path / "a.cedarschema").write_text("entity User; entity Doc;")
    (tmp_path / "a.cedar").write_text("permit (principal is User, action, resource);")
    ran = buildsteps("cedar-validate", "--for-verified-permissions", "--format=json", cwd=tmp_path)
    assert ("Verified Permissions", "namespace: none") in wrong(ran)


def test_an_alias_and_an_arn_name_the_store_too(photos: Deployment) -> None:
    photos.service.aliases["photos"] = photos.store.id
    for name in ("photos", "policy-store-alias/photos", photos.store.arn):
        ran = photos.run("cedar-validate", "--format=json", "--policy-store", name)
        assert ran.code == 0, ran.out + ran.err


def test_somebody_who_works_on_the_store_meanwhile_is_noticed(photos: Deployment) -> None:
    def add() -> None:
        photos.store.create_policy(NEW, "meanwhile")

    photos.service.edits = [add]
    ran = photos.validate()
    assert any(name.startswith("policy meanwhile") for _, name in wrong(ran)), ran.out


def test_a_store_that_never_rests_is_the_worlds_failure(photos: Deployment) -> None:
    def add() -> None:
        photos.store.create_policy(NEW, "meanwhile")

    photos.service.edits = [add] * 50
    ran = photos.validate()
    assert ran.code == 3
    assert "changed each of the 4 times that it was read" in ran.err


def test_a_store_that_is_not_there_is_a_wrong_call(photos: Deployment) -> None:
    ran = photos.run("cedar-validate", "--policy-store", "PSnone")
    assert ran.code == 2
    assert "there is no policy store `PSnone`" in ran.err


def test_an_arn_of_another_account_is_a_wrong_call(photos: Deployment) -> None:
    arn = photos.store.arn.replace("123456789012", "999999999999")
    ran = photos.run("cedar-validate", "--policy-store", arn)
    assert (ran.code, "account 999999999999" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("name", ["", "a b", "../../etc", "PS" + "x" * 300, "PS\x1b[31m"])
def test_what_can_be_no_store_is_a_wrong_call(photos: Deployment, name: str) -> None:
    ran = photos.run("cedar-diff", f"avp:{name}", ".")
    assert ran.code == 2, ran.err
    assert photos.aws.calls == []


def test_denied_is_the_worlds_failure_and_names_the_action(photos: Deployment) -> None:
    photos.aws.deny("BatchGetPolicy")
    ran = photos.validate()
    assert ran.code == 3
    assert "verifiedpermissions:BatchGetPolicy is not allowed" in ran.err


def test_denied_decisions_leave_what_was_judged(photos: Deployment) -> None:
    photos.aws.deny("BatchIsAuthorized")
    ran = photos.validate()
    assert ran.code == 3
    assert wrong(ran) == [("BatchIsAuthorized", "BatchIsAuthorized")]
    assert ("policy store", "policy DoePhotos") in ran.cases("passed")


def test_throttling_is_waited_for(photos: Deployment) -> None:
    photos.aws.throttle("BatchGetPolicy", times=1)
    photos.aws.throttle("BatchIsAuthorized", times=1)
    assert photos.validate().code == 0


def test_throttling_without_end_is_the_worlds_failure(photos: Deployment) -> None:
    photos.aws.throttle("ListPolicyTemplates")
    ran = photos.run("cedar-diff", f"avp:{photos.store.id}", ".")
    assert ran.code == 3
    assert "Amazon Verified Permissions throttles" in ran.err


def test_without_credentials_or_region_the_run_says_so(photos: Deployment) -> None:
    store = f"--policy-store={photos.store.id}"
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    ran = photos.run("cedar-validate", store, environ=none)
    assert (ran.code, "credentials" in ran.err) == (3, True), ran.err
    nowhere = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    ran = photos.run("cedar-validate", store, environ=nowhere)
    assert (ran.code, "region" in ran.err) == (3, True), ran.err
    ran = photos.run("cedar-validate", store, "--region=eu-central-1", environ=nowhere)
    assert ran.code == 0, ran.err


def test_a_store_of_another_cedar_version_and_without_validation_is_told(
    photos: Deployment,
) -> None:
    photos.store.cedar_version, photos.store.mode = "CEDAR_2", "OFF"
    ran = photos.validate()
    assert ran.code == 0
    assert ran.rules() == ["other-cedar-version", "validation-off"]
    assert photos.validate("--deny-warnings").code == 1


def test_several_stores_here_need_a_path(photos: Deployment) -> None:
    other = photos.folder / "other"
    other.mkdir()
    (other / "cedarschema").write_text("namespace A { entity User; }")
    ran = photos.validate()
    assert ran.code == 2
    assert "give PATH" in ran.report["verdict"]["reasons"][0] + ran.err


def test_the_filter_and_the_modes_that_do_not_fit(photos: Deployment) -> None:
    ran = photos.validate("--filter", "policy DoePhotos")
    assert ran.cases("passed") == [("policy store", "policy DoePhotos")]
    for mode in ("--mutate", "--list", "--init-tests"):
        ran = photos.run("cedar-validate", "--policy-store", photos.store.id, mode)
        assert ran.code == 2, mode


def test_cedar_diff_compares_the_deployed_store_with_the_folder(refactored: Deployment) -> None:
    same = refactored.run("cedar-diff", f"avp:{refactored.store.id}", ".")
    assert same.code == 0, same.out + same.err
    refactored.edit("Photo-labels-private", '"private"', '"secret"')
    ran = refactored.run("cedar-diff", "--format=json", f"avp:{refactored.store.id}", ".")
    assert ran.code == 1
    assert "newly-denied" in ran.rules()


def test_a_first_deployment_is_compared_with_a_store_that_is_empty(photos: Deployment) -> None:
    photos.store.policies.clear()
    photos.store.schema = ""
    ran = photos.run("cedar-diff", "--format=json", f"avp:{photos.store.id}", ".")
    assert ran.code == 1, ran.err
    assert set(ran.rules()) == {"newly-allowed", "other-reason"}
    ran = photos.validate()
    assert ran.code == 1
    assert {"missing-policy", "missing-schema"} <= set(ran.rules())


def test_saved_answers_do_without_an_account(photos: Deployment, tmp_path: Path) -> None:
    saved = tmp_path / "store.json"
    saved.write_text("\n".join(map(json.dumps, _answers(photos))))
    photos.edit("DoePhotos", '"DoePhotos"', '"JaneVacation"')
    ran = photos.run("cedar-validate", "--format=json", "--saved", str(saved))
    assert ran.code == 0, ran.out + ran.err
    assert photos.aws.calls == []
    assert ran.cases("skipped") == [("BatchIsAuthorized", "tests")]
    both = photos.run("cedar-validate", "--policy-store=OTHER", "--saved", str(saved))
    assert f"avp:{photos.store.id}: " in both.out, "the store that was judged, and no other"
    saved.write_text("\n".join(map(json.dumps, _answers(photos))))
    ran = photos.run("cedar-validate", "--format=json", "--saved", str(saved))
    assert ("policy store", "policy DoePhotos") in wrong(ran)


def _answers(photos: Deployment) -> Iterator[dict[str, Any]]:
    yield {
        "policyStoreId": photos.store.id,
        "arn": photos.store.arn,
        "validationSettings": {"mode": "STRICT"},
    }
    yield {"schema": photos.store.schema, "lastUpdatedDate": "2026-01-01T00:00:00+00:00"}
    for one in photos.store.policies.values():
        yield {
            "policyId": one.id,
            "lastUpdatedDate": 1767225600.5,
            "definition": {"static": {"statement": one.statement, "description": one.description}},
        }


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"policyId": 1, "definition": {}}'])
def test_a_saved_file_that_holds_no_answers_is_a_wrong_call(
    photos: Deployment, tmp_path: Path, content: str
) -> None:
    (tmp_path / "saved.json").write_text(content)
    ran = photos.run("cedar-validate", "--saved", str(tmp_path / "saved.json"))
    assert ran.code == 2, ran.err
