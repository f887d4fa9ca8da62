"""``buildsteps cedar-diff`` as a user types it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, break_label, buildsteps, edit, photo_store, refactor

SCHEMA = """entity User in [Group];
entity Group;
entity Doc { owner: User };
action view, edit appliesTo { principal: User, resource: Doc };
"""
ENTITIES = [
    {"uid": {"type": "User", "id": name}, "attrs": {}, "parents": []} for name in ("ann", "bob")
] + [
    {
        "uid": {"type": "Doc", "id": "plan"},
        "attrs": {"owner": {"__entity": {"type": "User", "id": "ann"}}},
        "parents": [],
    }
]
OWNER = "permit(principal, action, resource) when { resource.owner == principal };\n"
ANYONE = 'permit(principal, action == Action::"view", resource);\n'


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Path]:
    """The photo store twice, below one folder: as it was, and to be changed."""
    return photo_store(tmp_path / "base"), photo_store(tmp_path / "head")


def small_store(folder: Path, *policies: str, schema: str = SCHEMA, entities: Any = None) -> Path:
    """A store with a policy a file, ``p0`` and so on."""
    (folder / "tests").mkdir(parents=True)
    (folder / "cedarschema").write_text(schema)
    for number, text in enumerate(policies):
        (folder / f"p{number}.cedar").write_text(text)
    if entities != []:
        text = json.dumps(ENTITIES if entities is None else entities)
        (folder / "tests" / "cedarentities.json").write_text(text)
    return folder


def diff(base: Path | str, head: Path | str, *flags: str, cwd: Path) -> Ran:
    return buildsteps("cedar-diff", str(base), str(head), "--format", "json", *flags, cwd=cwd)


def changes(ran: Ran) -> dict[str, list[dict[str, Any]]]:
    """The changes of all stores, by rule."""
    found: dict[str, list[dict[str, Any]]] = {}
    for store in ran.report["facts"]["stores"]:
        for change in store["changes"]:
            found.setdefault(change["rule"], []).append(change)
    return found


def asked(change: dict[str, Any]) -> set[tuple[str, str, str]]:
    """The principal, action and resource of each request that changed."""
    parts = ("principal", "action", "resource")
    return {tuple(one[part]["id"] for part in parts) for one in change["requests"]}


def test_a_version_compared_with_itself_shows_nothing(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    ran = buildsteps("cedar-diff", "base/photos", "head/photos", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "head/photos: 525 requests asked of both versions" in ran.out
    assert "proves nothing beyond them" in ran.out
    assert diff(*photos, "--fail-on", "reason", cwd=tmp_path).report["findings"] == []


def test_the_refactoring_of_the_post_changes_nothing_as_its_links_keep_the_names(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    refactor(photos[1])
    ran = diff(*photos, "--fail-on", "reason", cwd=tmp_path)
    assert (ran.code, changes(ran)) == (0, {})


def test_links_of_other_names_are_other_reasons_and_no_other_decision(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    refactor(photos[1])
    edit(photos[1] / "cedartemplatelinks.json", '"DoePhotos"', '"doe"')
    ran = diff(*photos, cwd=tmp_path)
    assert ran.code == 0
    assert set(changes(ran)) == {"other-reason"}
    (change,) = changes(ran)["other-reason"]
    assert (change["before"], change["after"]) == ("ALLOW", "ALLOW")
    assert (change["no_longer"], change["now"]) == (["DoePhotos"], ["doe"])
    assert diff(*photos, "--fail-on", "reason", cwd=tmp_path).code == 1


def test_the_broken_label_shows_exactly_what_is_newly_allowed(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    break_label(photos[1])
    ran = diff(*photos, cwd=tmp_path)
    assert ran.code == 1
    found = changes(ran)
    assert set(found) == {"newly-allowed", "other-reason"}
    allowed = set().union(*(asked(change) for change in found["newly-allowed"]))
    assert allowed == {
        ("JohnDoe", "viewPhoto", "nightclub.jpg"),
        ("MaryMajor", "deletePhoto", "nightclub.jpg"),
        ("MaryMajor", "deletePhoto", "diary.jpg"),
    }
    (reason,) = found["other-reason"]
    assert (reason["no_longer"], reason["now"]) == (["Photo-labels-private"], [])


def test_people_read_who_may_now_do_what_and_why(photos: tuple[Path, Path], tmp_path: Path) -> None:
    break_label(photos[1])
    ran = buildsteps("cedar-diff", "base/photos", "head/photos", cwd=tmp_path)
    assert (
        "head/photos/Photo-labels-private.cedar:2:1: `JohnDoe` may now viewPhoto `nightclub.jpg`"
        " (3 requests in 3 sets of entities): `Photo-labels-private` no longer applies, its"
        ' evaluation fails: `PhotoApp::Photo::"nightclub.jpg"` does not have the attribute'
        " `label`; `JaneVacation` permits it\n"
    ) in ran.out
    assert "74 requests in 4 sets of entities still denied, but for another reason" in ran.out


@pytest.mark.parametrize(
    ("fail_on", "widened", "narrowed", "renamed"),
    [
        ("decision", 1, 1, 0),
        ("reason", 1, 1, 1),
        ("widening", 1, 0, 0),
        ("none", 0, 0, 0),
    ],
)
def test_what_stops_is_chosen(
    tmp_path: Path, fail_on: str, widened: int, narrowed: int, renamed: int
) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, ANYONE)
    other = small_store(tmp_path / "other", OWNER)
    (other / "p0.cedar").rename(other / "owner.cedar")
    flags = ("--fail-on", fail_on)
    assert diff("one", "two", *flags, cwd=tmp_path).code == widened
    assert diff("two", "one", *flags, cwd=tmp_path).code == narrowed
    assert diff("one", "other", *flags, cwd=tmp_path).code == renamed


def test_a_new_forbid_is_the_reason_and_not_the_permit_that_it_overrules(tmp_path: Path) -> None:
    small_store(tmp_path / "one", ANYONE)
    small_store(tmp_path / "two", ANYONE, "forbid(principal, action, resource);\n")
    ran = buildsteps("cedar-diff", "one", "two", cwd=tmp_path)
    said = "two/p1.cedar:1:1: `ann` and `bob` may no longer view `plan` (2 requests): "
    assert f"{said}`p1` is new and forbids it\n" in ran.out
    assert "no longer applies" not in ran.out


def accepting(folder: Path, more: str = "", rule: str = "newly-allowed") -> None:
    text = f"accept:\n  - rule: {rule}\n    reason: asked for\n{more}"
    (folder / "buildsteps.yaml").write_text(text)


def test_a_change_is_accepted_by_rule_and_path(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, ANYONE)
    accepting(tmp_path, "    path: two/p1.cedar\n")
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.code == 0
    assert ran.report["findings"][0]["accepted"] == "asked for"


def test_an_acceptance_of_another_path_covers_nothing_and_is_told(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, ANYONE)
    accepting(tmp_path, "    path: two/p0.cedar\n")
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.code == 1
    assert "unused-acceptance" in ran.rules()


def test_an_acceptance_that_ran_out_stops(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, ANYONE)
    accepting(tmp_path, "    until: 2020-01-01\n")
    ran = diff("one", "two", "--fail-on", "none", cwd=tmp_path)
    assert ran.code == 1
    assert ran.cases("failed") == [("acceptances", "accept newly-allowed")]


def test_a_store_of_one_version_only_permits_nothing_in_the_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        small_store(tmp_path / name / "docs", ANYONE)
    small_store(tmp_path / "two" / "more", OWNER)
    added = diff("one", "two", cwd=tmp_path)
    assert added.code == 1
    (change,) = changes(added)["newly-allowed"][:1]
    assert asked(change) == {("ann", "edit", "plan")} or asked(change) == {("ann", "view", "plan")}
    removed = buildsteps("cedar-diff", "two", "one", cwd=tmp_path)
    assert "more: not in one, where nothing is permitted" in removed.out
    assert "may no longer view `plan` (1 request): `p0` is gone" in removed.out


def test_two_stores_are_compared_each_with_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        small_store(tmp_path / name / "left", OWNER)
        small_store(tmp_path / name / "right", OWNER)
    (tmp_path / "two" / "right" / "p1.cedar").write_text(ANYONE)
    ran = diff("one", "two", cwd=tmp_path)
    assert [group for group, _ in ran.cases("failed")] == ["right"]
    assert [group for group, _ in ran.cases("passed")] == ["left"]


def test_an_action_that_only_one_schema_has(tmp_path: Path) -> None:
    more = SCHEMA.replace("view, edit", "view, edit, share")
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, schema=more)
    added = buildsteps("cedar-diff", "one", "two", cwd=tmp_path)
    assert added.code == 1
    assert "`ann` may now share `plan` (1 request): the old schema knows no such" in added.out
    assert "1 request about `share` is new in the schema, and denied" in added.out
    removed = buildsteps("cedar-diff", "two", "one", cwd=tmp_path)
    assert "`ann` may no longer share `plan` (1 request): the new schema knows no" in removed.out
    assert "1 request about `share` is no longer in the schema; it was denied" in removed.out


def test_an_attribute_that_only_one_schema_has_leaves_entities_as_they_are(tmp_path: Path) -> None:
    more = SCHEMA.replace("owner: User", "owner: User, public: Bool")
    entities = [*ENTITIES[:2], {**ENTITIES[2], "attrs": {**ENTITIES[2]["attrs"], "public": True}}]  # type: ignore[dict-item]
    small_store(tmp_path / "one", OWNER)
    small_store(
        tmp_path / "two",
        OWNER,
        "permit(principal, action, resource) when { resource.public };\n",
        schema=more,
        entities=entities,
    )
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.code == 1
    misfits = [one for one in ran.report["findings"] if one["rule"] == "entity-misfit"]
    assert any('Doc::"plan" does not fit the schema of one' in one["message"] for one in misfits)
    allowed = set().union(*(asked(one) for one in changes(ran)["newly-allowed"]))
    assert allowed == {("bob", "view", "plan"), ("bob", "edit", "plan")}


def test_what_does_not_parse_in_the_new_version_is_an_error(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, "permit(principal action, resource);\n")
    ran = diff("one", "two", "--fail-on", "none", cwd=tmp_path)
    assert ran.code == 1
    assert ran.cases("error") == [("two", "two/p1.cedar of two")]
    assert changes(ran) == {}


def test_what_does_not_parse_in_the_old_version_may_be_mended(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER, "permit(principal action, resource);\n")
    small_store(tmp_path / "two", OWNER)
    ran = diff("one", "two", cwd=tmp_path)
    assert (ran.code, ran.rules()) == (0, ["left-out"])
    assert "one is compared without this: " in ran.report["findings"][0]["message"]


def test_what_does_not_validate_is_evaluated_as_it_is_and_told(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(
        tmp_path / "two", OWNER, "permit(principal, action, resource) unless { resource.no };\n"
    )
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.code == 0
    assert "not-valid" in ran.rules()


def test_a_schema_that_is_none_is_an_error_of_the_new_version(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, schema="entity User in [No];")
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.code == 1
    assert ran.cases("error") == [("two", "two/cedarschema of two")]


def test_without_a_schema_the_requests_are_those_of_the_tests(tmp_path: Path) -> None:
    for name, text in (("one", OWNER), ("two", ANYONE)):
        store = small_store(tmp_path / name, text)
        (store / "cedarschema").unlink()
        case = store / "tests" / "A" / "ALLOW" / "ann.cedarauth.json"
        case.parent.mkdir(parents=True)
        request = {
            "principal": 'User::"ann"',
            "action": 'Action::"edit"',
            "resource": 'Doc::"plan"',
            "context": {},
        }
        case.write_text(json.dumps(request))
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.report["facts"]["stores"][0]["requests"]["asked"] == 1
    (change,) = changes(ran)["newly-denied"]
    assert asked(change) == {("ann", "edit", "plan")}


def test_entities_that_nobody_has_are_made_up_and_told(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER, entities=[])
    small_store(tmp_path / "two", ANYONE, entities=[])
    ran = buildsteps("cedar-diff", "one", "two", cwd=tmp_path)
    assert ran.code == 1
    assert (
        'made up, because no file has one of their type: User::"example-user", Doc::"example-doc"'
        in ran.out
    )


def test_nothing_that_can_be_asked_is_no_green_light(tmp_path: Path) -> None:
    for name in ("one", "two"):
        small_store(tmp_path / name, OWNER, schema="entity User;", entities=[])
    ran = buildsteps("cedar-diff", "one", "two", cwd=tmp_path)
    assert ran.code == 2
    assert "nothing was judged: all cases were skipped" in ran.out
    assert buildsteps("cedar-diff", "one", "two", "--allow-empty", cwd=tmp_path).code == 0


def test_given_entities_take_the_place_of_those_of_the_stores(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", ANYONE)
    eve = [{"uid": {"type": "User", "id": "eve"}, "attrs": {}, "parents": []}, ENTITIES[2]]
    (tmp_path / "eve.json").write_text(json.dumps(eve))
    ran = diff("one", "two", "--entities", "eve.json", cwd=tmp_path)
    (change,) = changes(ran)["newly-allowed"]
    assert asked(change) == {("eve", "view", "plan")}
    (tmp_path / "eve.json").write_text("{}")
    ran = buildsteps("cedar-diff", "one", "two", "--entities", "eve.json", cwd=tmp_path)
    assert ran.code == 2
    assert "eve.json:1:1: expected a list of entities" in ran.err


def test_entities_of_a_store_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    two = small_store(tmp_path / "two", ANYONE)
    (two / "tests" / "cedarentities.json").write_text("[")
    ran = diff("one", "two", "--fail-on", "none", cwd=tmp_path)
    assert ran.code == 1
    assert ran.cases("error") == [("two", "entities")]


def test_entities_that_many_tests_share_are_one_error(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    (photos[1] / "tests" / "cedarentities.json").write_text("[")
    assert diff(*photos, cwd=tmp_path).cases("error") == [("head/photos", "entities")]


def test_a_sample_states_its_rate_and_is_the_same_each_time(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    break_label(photos[1])
    flags = ("--max-requests", "100", "--seed", "3", "--fail-on", "none")
    ran = buildsteps("cedar-diff", "base/photos", "head/photos", *flags, cwd=tmp_path)
    assert "100 requests asked of both versions, a sample (19.05%, seed 3) of 525" in ran.out
    first, second = (diff(*photos, *flags, cwd=tmp_path) for _ in range(2))
    assert first.report["facts"]["stores"] == second.report["facts"]["stores"]
    other = diff(*photos, *flags[:2], "--fail-on", "none", cwd=tmp_path)
    assert changes(first) != changes(other)


def test_one_process_and_two_give_the_same_report(
    photos: tuple[Path, Path], tmp_path: Path
) -> None:
    break_label(photos[1])
    many = [
        {"uid": {"type": "PhotoApp::User", "id": f"u{n}"}, "attrs": {}, "parents": []}
        for n in range(1_000)
    ]
    for entity in many:
        entity["attrs"] = {"name": "x"}
    entities = json.loads((photos[0] / "tests" / "cedarentities.json").read_text())
    (tmp_path / "many.json").write_text(json.dumps([*entities, *many]))
    flags = ("--entities", "many.json")
    one, two = (diff(*photos, *flags, "--jobs", jobs, cwd=tmp_path) for jobs in ("1", "2"))
    assert one.report["facts"]["stores"][0]["requests"]["asked"] > 8_192
    assert one.report["facts"]["stores"] == two.report["facts"]["stores"]
    assert one.report["findings"] == two.report["findings"]


def test_the_report_has_the_exact_requests(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, ANYONE)
    ran = diff("one", "two", cwd=tmp_path)
    facts = ran.report["facts"]
    assert facts["engine"]["name"] == "Cedar"
    assert (facts["base"], facts["head"]["name"]) == ({"name": "one", "commit": None}, "two")
    assert facts["stores"][0]["changes"][0] == {
        "rule": "newly-allowed",
        "before": "DENY",
        "after": "ALLOW",
        "no_longer": [],
        "now": ["p1"],
        "number": 1,
        "requests": [
            {
                "principal": {"type": "User", "id": "bob"},
                "action": {"type": "Action", "id": "view"},
                "resource": {"type": "Doc", "id": "plan"},
                "context": {},
                "entities": 0,
            }
        ],
    }


def test_a_comment_shows_what_stops_first(tmp_path: Path) -> None:
    small_store(tmp_path / "one", OWNER)
    small_store(tmp_path / "two", OWNER, ANYONE)
    ran = buildsteps("cedar-diff", "one", "two", "--format", "markdown", cwd=tmp_path)
    assert ran.out.startswith("### ❌ cedar-diff: stopped (exit code 1)\n")
    assert "| failed | two: newly allowed view (p1) | <code>two/p1.cedar:1:1</code> |" in ran.out
    assert "(1 request): \\`p1\\` is new and permits it |" in ran.out
    assert 'request  User::"bob"  Action::"view"  Doc::"plan"\n' in ran.out


def test_policies_that_only_move_up_in_their_file_are_no_other_reason(tmp_path: Path) -> None:
    small_store(tmp_path / "one", '@id("x")\n' + ANYONE + OWNER.replace("owner", "owner") + ANYONE)
    small_store(tmp_path / "two", OWNER + ANYONE)
    ran = diff("one", "two", cwd=tmp_path)
    assert ran.code == 0
    (change,) = changes(ran)["other-reason"]
    assert (change["no_longer"], change["now"]) == (["x"], [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name what to compare with: buildsteps cedar-diff BASE [HEAD]"),
        (("nowhere", "one"), "`nowhere` is no folder that is there, and this is no git repository"),
        (("one", "empty"), "there is no policy store in empty"),
        (("empty", "one"), "there is no policy store in empty"),
        (("one", "one", "--max-requests", "0"), "--max-requests is a whole number from 1 on"),
        (("one",), "`one` and `.` both mean `one` of the work tree, so nothing can differ"),
        (("one/p0.cedar", "one/"), "so nothing can differ: name a commit such as `HEAD~1`"),
        (("one", "other", "--entities", "no.json"), "no.json: cannot be read: no such file"),
        (("x" * 5_000, "one"), "is no folder that is there"),
    ],
)
def test_a_wrong_call_says_what_to_do(tmp_path: Path, arguments: list[str], said: str) -> None:
    small_store(tmp_path / "one", OWNER)
    (tmp_path / "empty").mkdir()
    if "other" in arguments:
        small_store(tmp_path / "other", OWNER)
    ran = buildsteps("cedar-diff", *arguments, cwd=tmp_path)
    assert ran.code == 2
    assert said in ran.err


def test_the_stores_stay_as_they_are(photos: tuple[Path, Path], tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    diff(*photos, cwd=tmp_path)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert before == after
    shutil.rmtree(photos[0])
