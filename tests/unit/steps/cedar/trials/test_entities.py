import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.schemas.model import SchemaModel
from buildsteps.steps.cedar.schemas.resolution import parse_schema
from buildsteps.steps.cedar.trials.entities import EntityData, load_entities
from buildsteps.steps.cedar.trials.trial import EntitySource
from tests.world_double import fake_world

SCHEMA_TEXT = """
entity Team;
entity User in [Team] { name: String, age?: Long } tags String;
entity Colour enum ["red", "green"];
action view appliesTo { principal: User, resource: Colour };
"""
SCHEMA = engine.any_schema(SCHEMA_TEXT)


def entity(**changes: Any) -> dict[str, Any]:
    uid = {"type": "User", "id": "a"}
    return {"uid": uid, "attrs": {"name": "A"}, "parents": [], **changes}


def load(
    folder: Path,
    *documents: Any,
    overlay: Any = None,
    schema: engine.Schema | None = SCHEMA,
    checked: bool = True,
) -> EntityData:
    paths = []
    for number, document in enumerate(documents):
        path = folder / f"{number}.cedarentities.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        paths.append(path)
    source = EntitySource(
        paths=tuple(paths), overlay="" if overlay is None else json.dumps(overlay)
    )
    return load_entities(source, schema, model, fake_world(folder), checked=checked)


def model() -> SchemaModel:
    return parse_schema(SCHEMA_TEXT)


def told(data: EntityData) -> str:
    assert data.error is not None
    return str(data.error)


def attributes(data: EntityData) -> dict[str, Any]:
    """The attributes of each entity that the engine holds, by uid."""
    return {
        f"{one['uid']['type']}::{one['uid']['id']}": one["attrs"]
        for one in json.loads(str(data.handle))
    }


def test_the_files_of_a_test_count_together(tmp_path: Path) -> None:
    data = load(tmp_path, [entity()], [entity(uid={"type": "Team", "id": "t"}, attrs={})])
    assert data.error is None
    assert data.uids == {("User", "a"), ("Team", "t")}
    assert {"User::a", "Team::t"} <= set(attributes(data))


def test_no_files_are_no_entities(tmp_path: Path) -> None:
    assert load(tmp_path).uids == frozenset()
    assert load(tmp_path).error is None


def test_a_uid_may_be_written_in_its_explicit_form(tmp_path: Path) -> None:
    data = load(tmp_path, [entity(uid={"__entity": {"type": "User", "id": "a"}})])
    assert data.uids == {("User", "a")}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "1:1: expected a list of entities"),
        ("[{]", "1:3: not valid JSON"),
        ([entity(), 3], "entity number 2: expected an object with `uid`, `attrs` and `parents`"),
        ([{"attrs": {}, "parents": []}], "entity number 1: the key `uid` is missing"),
        ([{"uid": {}}], "entity number 1: the key `attrs` is missing"),
        ([entity(attrs={}, atrs={})], 'User::"a": unknown key `atrs`. Did you mean `attrs`?'),
        ([entity(uid="User")], "number 1: `uid` must be an object with `type` and `id`, both text"),
        ([entity(uid={"type": [], "id": "a"})], "entity number 1: `uid` must be an object"),
        ([entity(uid={"__entity": "x"})], "entity number 1: `uid` must be an object"),
        ([entity(parents={})], 'entity User::"a": `parents` must be a list'),
        ([entity(parents=["Team"])], 'entity User::"a": `parents` must be a list of objects'),
        ([entity(parents=[{"__entity": "x"}])], 'entity User::"a": `parents` must be a list of'),
        ([entity(parents=[{"type": {}, "id": "x"}])], '"a": `parents` must be a list of objects'),
        ([entity(attrs=[])], 'entity User::"a": `attrs` must be an object'),
        (
            [entity(uid={"type": "Usr", "id": "a"})],
            'entity Usr::"a": the schema has no entity type `Usr`. Did you mean `User`?',
        ),
        (
            [entity(attrs={"name": "A", "agee": 1})],
            'entity User::"a": the schema gives `User` no attribute `agee`. Did you mean `age`?',
        ),
        (
            [entity(attrs={})],
            'entity User::"a": the attribute `name` is missing, which the schema requires',
        ),
        (
            [entity(attrs={"name": 1})],
            'entity User::"a": `name` must be String, and is Long',
        ),
        (
            [entity(parents=[{"type": "Colour", "id": "red"}])],
            'entity User::"a": the schema lets no `Colour` be a parent of a `User`',
        ),
        (
            [entity(uid={"type": "Colour", "id": "blue"}, attrs={})],
            'entity Colour::"blue": `Colour` allows only red, green',
        ),
    ],
)
def test_what_the_engine_refuses_is_named_with_the_reason(
    tmp_path: Path, document: Any, message: str
) -> None:
    data = load(tmp_path, document)
    assert message in told(data)
    assert data.uids == frozenset()


def test_the_place_is_that_of_the_entity(tmp_path: Path) -> None:
    document = "[\n " + json.dumps(entity()) + ",\n " + json.dumps(entity(attrs={})) + "]"
    data = load(tmp_path, document)
    assert told(data).startswith("0.cedarentities.json:3:2: entity ")
    assert data.error is not None
    assert "^" in data.error.detail


def test_entities_that_are_sound_alone_and_not_together_are_told(tmp_path: Path) -> None:
    twice = load(tmp_path, [entity(), entity(attrs={"name": "B"})])
    assert "0.cedarentities.json:1:1: the entities do not fit together: " in told(twice)
    across = load(tmp_path, [entity()], [entity(attrs={"name": "B"})])
    assert "the entities do not fit together: " in told(across)
    team = {"uid": {"type": "Team", "id": "t"}, "attrs": {}}
    loop = [{**team, "parents": [{"type": "Team", "id": "t"}]}]
    assert "the schema lets no `Team` be a parent of a `Team`" in told(load(tmp_path, loop))


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    source = EntitySource(paths=(tmp_path / "gone.json",))
    data = load_entities(source, None, model, fake_world(tmp_path), checked=False)
    assert told(data) == "gone.json: cannot be read: no such file or directory"


# --- Unchecked ----------------------------------------------------------------------------------


def test_unchecked_entities_that_fit_still_have_the_schema(tmp_path: Path) -> None:
    data = load(tmp_path, [entity()], checked=False)
    assert (data.error, data.unchecked) == (None, "")


def test_unchecked_entities_that_do_not_fit_are_used_and_told(tmp_path: Path) -> None:
    data = load(tmp_path, [entity(attrs={"nme": "A"})], checked=False)
    assert data.error is None
    assert data.uids == {("User", "a")}
    assert data.unchecked.endswith("no attribute `nme`. Did you mean `name`?")


def test_what_is_no_entity_is_no_entity_unchecked_either(tmp_path: Path) -> None:
    assert "`uid` must be an object" in told(load(tmp_path, [entity(uid=1)], checked=False))


# --- Overlays -----------------------------------------------------------------------------------


def test_an_overlay_changes_what_it_names_and_adds_what_is_new(tmp_path: Path) -> None:
    over = [
        {"uid": {"type": "User", "id": "a"}, "attrs": {"age": 3}},
        {"uid": {"type": "User", "id": "b"}, "attrs": {"name": "B"}},
    ]
    data = load(tmp_path, [entity()], overlay=over)
    assert data.error is None
    assert data.uids == {("User", "a"), ("User", "b")}
    found = attributes(data)
    assert found["User::a"] == {"name": "A", "age": 3}
    assert found["User::b"] == {"name": "B"}


def test_what_a_suite_and_its_test_say_of_one_entity_is_laid_over_both_in_turn(
    tmp_path: Path,
) -> None:
    uid = {"type": "User", "id": "b"}
    over = [{"uid": uid, "attrs": {"name": "B", "age": 1}}, {"uid": uid, "attrs": {"age": 2}}]
    assert attributes(load(tmp_path, overlay=over))["User::b"] == {"name": "B", "age": 2}
    over[0]["uid"] = over[1]["uid"] = {"type": "User", "id": "a"}
    over[0]["attrs"] = {"name": "C"}
    assert attributes(load(tmp_path, [entity()], overlay=over))["User::a"] == {
        "name": "C",
        "age": 2,
    }


@pytest.mark.parametrize("overlay", [[3], [[]], [None]])
def test_an_overlay_of_no_entities_is_told(tmp_path: Path, overlay: Any) -> None:
    assert "entity number 1 of the test: expected an object" in told(
        load(tmp_path, [entity()], overlay=overlay)
    )


def test_an_overlay_that_does_not_fit_is_told(tmp_path: Path) -> None:
    data = load(tmp_path, overlay=[entity(attrs={"nme": 1})])
    assert "no attribute `nme`. Did you mean `name`?" in told(data)


def test_what_a_test_lays_over_the_shared_overlay_leaves_the_rest_of_it(tmp_path: Path) -> None:
    uid = {"type": "User", "id": "new"}
    team = [{"type": "Team", "id": "t"}]
    shared = {"uid": uid, "attrs": {"name": "N", "age": 1}, "parents": team}
    data = load(tmp_path, [], overlay=[shared, {"uid": uid, "attrs": {"age": 2}}])
    assert data.error is None
    assert attributes(data)["User::new"] == {"name": "N", "age": 2}
    (found,) = (one for one in json.loads(str(data.handle)) if one["uid"] == uid)
    assert found["parents"] == team


def test_a_mistake_has_the_place_of_the_file_only_where_the_file_has_it(tmp_path: Path) -> None:
    sound, other = entity(), {"type": "User", "id": "b"}
    bad = load(tmp_path, [sound, {**sound, "uid": other, "attrs": {}}], overlay=[sound])
    assert told(bad).startswith("0.cedarentities.json:1:")
    assert 'entity User::"b": the attribute `name` is missing' in told(bad)
    over = load(tmp_path, [sound], overlay=[{"uid": other, "attrs": {}}])
    assert over.error is not None
    assert (over.error.location, over.error.message) == (
        None,
        'entity User::"b": the attribute `name` is missing, which the schema requires',
    )


@pytest.mark.parametrize("schema", [SCHEMA, None])
def test_a_key_that_the_engine_passes_over_is_told(
    tmp_path: Path, schema: engine.Schema | None
) -> None:
    typo = entity(tgs={"a": "b"})
    data = load(tmp_path, [{**typo, "uid": {"type": "User", "id": "b"}}], schema=schema)
    (found,) = data.unknown_keys
    assert found.message == 'entity User::"b": unknown key `tgs`. Did you mean `tags`?'
    assert str(found.location) == "0.cedarentities.json:1:2"
    (found,) = load(tmp_path, overlay=[typo], schema=schema).unknown_keys
    assert (found.message.startswith('entity User::"a": '), found.location) == (True, None)


def test_what_the_overlay_mends_in_a_file_is_no_mistake_of_the_file(tmp_path: Path) -> None:
    over = [entity(), {"uid": {"type": "User", "id": "b"}, "attrs": {}}]
    data = load(tmp_path, [entity(attrs={})], overlay=over)
    assert data.error is not None
    assert data.error.location is None
    assert data.error.message.startswith('entity User::"b": ')
