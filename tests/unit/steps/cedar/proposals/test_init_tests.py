import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Case, Outcome, Report
from buildsteps.step import Text
from buildsteps.steps.cedar.proposals.plan import MOST_TESTS
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.trials.suite_format import json_schema
from buildsteps.steps.cedar.validate import collect
from buildsteps.world.process import Completed
from tests.command_line import PHOTOS, edit, photo_store, refactor
from tests.world_double import ScriptedProcesses, fake_world

FILE = "tests/proposed.cedartests.yaml"
SCHEMA = """
entity Team;
entity User in [Team] { name: String };
entity Doc { owner: User, public: Bool };
action read, edit appliesTo { principal: User, resource: Doc };
action join appliesTo { principal: User, resource: Team, context: { mfa: Bool, note?: String } };
"""
POLICY = "permit (principal, action, resource) when { resource has owner && !resource.public };\n"


def make_store(folder: Path, schema: str = SCHEMA, policies: str = POLICY) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "cedarschema").write_text(schema)
    if policies:
        (folder / "all.cedar").write_text(policies)
    return folder


def init(folder: Path, *, stdin: bytes = b"", **options: Any) -> Text:
    """What ``--init-tests`` gives in a folder."""
    text = collect(ValidateOptions(init_tests=True, **options), fake_world(folder, stdin=stdin))
    assert isinstance(text, Text)
    return text


def refused(folder: Path, **options: Any) -> str:
    """Why nothing was proposed; then nothing was written either."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(UsageError) as told:
        init(folder, **options)
    assert sorted(folder.rglob("*")) == before
    return "\n".join([str(told.value), told.value.detail]).strip("\n")


def run(folder: Path, **options: Any) -> list[Case]:
    """The cases of the next run that are of proposed suites."""
    report = collect(ValidateOptions(**options), fake_world(folder))
    assert isinstance(report, Report)
    assert not [case for case in report.cases if case.outcome is not Outcome.PASSED]
    assert not report.findings
    return [case for case in report.cases if case.group.endswith("proposed")]


def written(folder: Path) -> Any:
    """The proposal as data, which the schema for editors accepts."""
    document = yaml.safe_load((folder / FILE).read_text())
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    return document


def test_the_proposal_for_the_photo_store_passes_and_says_what_it_is(tmp_path: Path) -> None:
    store = photo_store(tmp_path)
    told = init(store)
    assert told.text.splitlines()[0] == (
        f"{FILE}: 33 allowed, 87 denied, as the policies decide today"
    )
    assert len(run(store)) == 120
    text = (store / FILE).read_text()
    assert text.startswith("# This is what the policies decide today")
    assert "It is not yet a test of what you want." in text
    document = written(store)
    assert "entities" not in document
    first = document["matrix"][0]
    assert first["principals"][0] == "JohnDoe"
    assert {"principal": "RichardRoe", "resource": "lighthouse.jpg"} in first["allow"]
    actions = [action for matrix in document["matrix"] for action in matrix["actions"]]
    assert sorted(actions) == ["deletePhoto", "editPhoto", "listPhotos", "uploadPhoto", "viewPhoto"]


def test_a_proposal_fails_once_a_policy_decides_otherwise(tmp_path: Path) -> None:
    store = photo_store(tmp_path)
    init(store)
    edit(store / "DoePhotos.cedar", 'Album::"DoePhotos"', 'Album::"DoeWedding"')
    report = collect(ValidateOptions(filter=("proposed",)), fake_world(store))
    assert isinstance(report, Report)
    wrong = [case.name for case in report.cases if case.outcome is Outcome.FAILED]
    assert "User on Photo: ALLOW JaneDoe viewPhoto garden.jpg" in wrong


def test_links_of_templates_decide_as_well(tmp_path: Path) -> None:
    store = photo_store(tmp_path)
    refactor(store)
    assert init(store).data["proposals"][0]["allowed"] == 33
    assert len(run(store)) == 120


def test_a_schema_in_either_format_gives_the_same_proposal(tmp_path: Path) -> None:
    import cedarpy

    one, two = photo_store(tmp_path), Path(shutil.copytree(PHOTOS, tmp_path / "two"))
    schema = two / "cedarschema.json"
    schema.with_name("cedarschema").write_text(
        str(cedarpy.Schema.from_json_str(schema.read_text()))
    )
    schema.unlink()
    assert init(one).data["proposals"][0]["text"] == init(two).data["proposals"][0]["text"]


def test_entities_are_made_up_where_no_file_has_any(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    init(store)
    document = written(store)
    assert document["names"]["example-user"] == 'User::"example-user"'
    assert document["entities"] == [
        {"uid": "example-user", "attrs": {"name": "text"}},
        {
            "uid": "example-doc",
            "attrs": {
                "owner": {"__entity": {"type": "User", "id": "example-user"}},
                "public": False,
            },
        },
        {"uid": "example-team"},
    ]
    assert "Made up, because no entities file has any of their type" in (store / FILE).read_text()
    matrices = {matrix["name"]: matrix for matrix in document["matrix"]}
    assert matrices["User on Team"]["context"] == {"mfa": False}
    assert "context" not in matrices["User on Doc"]
    assert matrices["User on Doc"]["allow"] == [{"principal": "*"}]
    assert matrices["User on Team"]["allow"] == []
    assert len(run(store)) == 3


def test_made_up_entities_are_those_that_policies_name(tmp_path: Path) -> None:
    policies = 'permit (principal == User::"ann", action, resource == Doc::"plan");\n'
    init(make_store(tmp_path, policies=policies))
    assert written(tmp_path)["matrix"][0]["principals"] == ["ann"]
    assert written(tmp_path)["matrix"][0]["resources"] == ["plan"]
    assert run(tmp_path)


def test_a_value_of_every_type_is_filled_in(tmp_path: Path) -> None:
    every = """
    namespace N {
      entity Colour enum ["red", "green"];
      entity User { a: String, b: Long, c: Bool, d: Set<Long>, e: {f: {g: Colour}}, h: ipaddr,
        i: decimal, j: datetime, k: duration, l: User, "m n": Action, o?: Long } tags String;
      action "do it" appliesTo { principal: User, resource: [User, Colour],
        context: { a: ipaddr, b: Set<decimal>, c: User, d: Colour, e: duration } };
    }
    """
    store = make_store(tmp_path, every, "permit (principal, action, resource);\n")
    init(store)
    (matrix,) = written(store)["matrix"]
    assert matrix["resources"] == ["example-user", "red", "green"]
    assert len(run(store)) == 3
    assert len(run(store, request_validation=False)) == 3


def test_without_a_policy_everything_is_denied_and_that_is_said(tmp_path: Path) -> None:
    store = make_store(tmp_path, policies="")
    told = init(store)
    assert "0 allowed, 3 denied" in told.text
    assert "# There is no policy yet, so everything is denied." in (store / FILE).read_text()
    assert len(run(store)) == 3


def test_words_that_would_be_taken_for_each_other_are_told_apart(tmp_path: Path) -> None:
    schema = """
    namespace A { entity User; } namespace B { entity User; }
    entity Doc;
    action User, "yes" appliesTo { principal: [A::User, B::User], resource: Doc };
    """
    names = ["same", "no", "*", "", 'q"\\\n', "a: b", "2027-01-01", "<<", "é's", "x" * 90]
    kinds = {"A::User": names[:6], "B::User": names[:6], "Doc": names}
    entities = [
        {"uid": {"type": kind, "id": name}, "attrs": {}, "parents": []}
        for kind, some in kinds.items()
        for name in some
    ]
    store = make_store(tmp_path, schema, "permit (principal, action, resource);\n")
    (store / "cedarentities.json").write_text(json.dumps(entities))
    init(store)
    document = written(store)
    assert document["names"]["Doc same"] == 'Doc::"same"'
    assert 'A::User::"same"' in document["matrix"][0]["principals"]
    assert len(run(store)) == 12 * 2 * 10


# --- Bounds -------------------------------------------------------------------------------------


def test_many_entities_are_bounded_and_those_that_policies_name_come_first(tmp_path: Path) -> None:
    policies = 'permit (principal == User::"u777", action, resource);\n'
    store = make_store(tmp_path, policies=policies)
    entities = [
        {"uid": {"type": "User", "id": f"u{n}"}, "attrs": {"name": "n"}, "parents": []}
        for n in range(1000)
    ]
    (store / "cedarentities.json").write_text(json.dumps(entities))
    told = init(store)
    assert "left out: User on Doc: 12 of 1,000 principals" in told.text
    first = written(store)["matrix"][0]
    assert (first["principals"][0], len(first["principals"])) == ("u777", 12)
    assert "    # 12 of 1,000 principals\n" in (store / FILE).read_text()
    assert run(store)


def test_a_big_schema_makes_a_file_that_can_be_read(tmp_path: Path) -> None:
    kinds = [f"T{n}" for n in range(30)]
    lines = [f"entity {', '.join(kinds)};"]
    lines += [
        f"action a{n} appliesTo {{ principal: [{', '.join(kinds)}], resource: {kinds[n % 30]} }};"
        for n in range(1500)
    ]
    store = make_store(tmp_path, "\n".join(lines), "permit (principal, action, resource);\n")
    told = init(store)
    proposal = told.data["proposals"][0]
    assert proposal["allowed"] + proposal["denied"] == MOST_TESTS
    assert len(proposal["text"].splitlines()) < 10 * MOST_TESTS
    assert "left out: 500 actions, for a proposal has 1,000 tests" in told.text
    assert "# Left out: 500 actions" in (store / FILE).read_text()
    assert len(run(store)) == MOST_TESTS


def test_types_that_multiply_are_left_out(tmp_path: Path) -> None:
    lines = ["type T0 = { a: Long, b: Long };"]
    lines += [f"type T{n} = {{ a: T{n - 1}, b: T{n - 1} }};" for n in range(1, 9)]
    lines += [
        "entity User; entity Doc; entity Big { all: T8 };",
        "action small, huge appliesTo { principal: User, resource: Doc };",
        "action context appliesTo { principal: User, resource: Doc, context: { all: T8 } };",
        "action entity appliesTo { principal: User, resource: Big };",
    ]
    store = make_store(tmp_path, "\n".join(lines), policies="")
    told = init(store).text
    assert 'left out: Action::"context": its context requires too many values to make up' in told
    assert 'left out: Action::"entity": its entities require too many attributes to make up' in told
    assert [matrix["actions"] for matrix in written(store)["matrix"]] == [["huge", "small"]]


# --- Where there is nothing to propose ----------------------------------------------------------


def test_without_a_schema_there_is_nothing_to_propose(tmp_path: Path) -> None:
    (tmp_path / "all.cedar").write_text(POLICY)
    assert refused(tmp_path) == (
        "no tests proposed for .: it has no schema, which says what can be asked; add one"
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("entity {", "cedarschema:1:8: not a Cedar schema"),
        ("", "its schema has no action that applies to a principal and a resource"),
        ("entity User; action a;", "its schema has no action that applies"),
    ],
)
def test_a_schema_that_says_nothing_is_told(tmp_path: Path, schema: str, message: str) -> None:
    assert message in refused(make_store(tmp_path, schema, policies=""))


def test_a_policy_that_does_not_hold_is_to_be_mended_first(tmp_path: Path) -> None:
    make_store(tmp_path, policies=POLICY.replace("public", "pubic"))
    told = refused(tmp_path)
    assert "all.cedar:1:" in told
    assert "mend that first" in told


def test_entities_that_do_not_fit_are_told(tmp_path: Path) -> None:
    make_store(tmp_path)
    (tmp_path / "cedarentities.json").write_text('[{"uid": {"type": "User", "id": "a"}}]')
    assert 'cedarentities.json:1:2: entity User::"a": the key `attrs` is missing' in refused(
        tmp_path
    )


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    init(make_store(tmp_path))
    (tmp_path / FILE).write_text("mine")
    assert f"{FILE} is there already and is not overwritten" in refused(tmp_path)
    assert (tmp_path / FILE).read_text() == "mine"
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).symlink_to("nowhere")
    assert "is there already" in refused(tmp_path)


def test_where_there_is_no_store_that_is_told(tmp_path: Path) -> None:
    assert "there is no Cedar policy or schema below `.`" in refused(tmp_path)


def test_a_place_that_no_run_looks_at_is_refused(tmp_path: Path) -> None:
    make_store(tmp_path / "store")
    (tmp_path / "real").mkdir()
    (tmp_path / "store" / "tests").symlink_to(tmp_path / "real")
    assert "would not be found: its folder is a symbolic link" in refused(tmp_path)
    (tmp_path / "store" / "tests").unlink()
    (tmp_path / ".git").mkdir()
    git = Completed(0, f"{tmp_path}/store/{FILE}\0".encode(), b"")
    world = fake_world(tmp_path, processes=ScriptedProcesses(answers={"git": git}))
    with pytest.raises(UsageError, match="would not be found: git ignores it"):
        collect(ValidateOptions(init_tests=True), world)


# --- Several stores, and where the file goes ----------------------------------------------------


def test_each_of_several_stores_gets_its_own_and_the_others_are_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_store(tmp_path / name)
    make_store(tmp_path / "void", schema="entity User;", policies="")
    told = init(tmp_path)
    assert [line.split(":")[0] for line in told.text.splitlines()[:2]] == [
        f"one/{FILE}",
        f"two/{FILE}",
    ]
    assert "no tests proposed for void: its schema has no action" in told.text
    shutil.rmtree(tmp_path / "void")
    assert len(run(tmp_path)) == 6


def test_all_reasons_are_told_where_no_store_gets_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_store(tmp_path / name, schema="entity User;", policies="")
    first, second = refused(tmp_path).splitlines()
    assert (first[:26], second[:26]) == ("no tests proposed for one:", "no tests proposed for two:")


@pytest.mark.parametrize("tests", ["mine", "mine/*.yaml", "mine/*.cedartests.*"])
def test_tests_that_are_named_take_the_proposal_in(tmp_path: Path, tests: str) -> None:
    make_store(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.cedartests.yaml").write_text(
        'tests: [{principal: User::"a", action: Action::"read", resource: Doc::"d",'
        " decision: deny, skip: later}]"
    )
    assert "mine/proposed.cedartests.yaml: " in init(tmp_path, tests=(tests,)).text
    report = collect(ValidateOptions(tests=(tests,)), fake_world(tmp_path))
    assert isinstance(report, Report)
    assert sum(case.group == "proposed" for case in report.cases) == 3


def test_tests_that_are_named_one_by_one_leave_no_place(tmp_path: Path) -> None:
    make_store(tmp_path)
    (tmp_path / "a.cedartests.yaml").write_text("tests: []")
    assert "its tests are named one by one" in refused(tmp_path, tests=("a.cedartests.yaml",))


def test_a_dry_run_prints_the_suite_and_writes_nothing(tmp_path: Path) -> None:
    make_store(tmp_path)
    told = init(tmp_path, dry_run=True)
    assert not (tmp_path / "tests").exists()
    init(tmp_path)
    assert told.text == (tmp_path / FILE).read_text()
    assert told.data["proposals"][0]["written"] is False


def test_policies_from_standard_input_have_their_suite_printed(tmp_path: Path) -> None:
    make_store(tmp_path, policies="")
    told = init(tmp_path, stdin=POLICY.encode(), paths=("-",), schema="cedarschema")
    assert yaml.safe_load(told.text)["matrix"]
    assert not (tmp_path / "tests").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dry_run": True}, "--dry-run goes with --init-tests"),
        ({"init_tests": True, "list": True}, "--list and --init-tests exclude each other"),
        ({"init_tests": True, "filter": ("a",)}, "choose some by PATH, not by --filter"),
    ],
)
def test_options_that_do_not_go_together_are_a_wrong_call(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        collect(ValidateOptions(**options), fake_world(make_store(tmp_path)))


def test_a_folder_that_cannot_be_made_fails_and_says_what_was_written(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_store(tmp_path / name)
    (tmp_path / "two" / "tests").write_text("no folder")
    with pytest.raises(WorldError, match=f"two/{FILE}: cannot be written") as told:
        init(tmp_path)
    assert told.value.detail == f"one/{FILE} was written"
