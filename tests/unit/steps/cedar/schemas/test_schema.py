import json
from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.schemas.schema import LoadedSchema, load_schema
from tests.world_double import fake_world

IN_CEDAR = "entity User;\nentity Doc { owner: User };\n"
IN_JSON = {
    "": {"entityTypes": {"User": {}, "Doc": {"memberOfTypes": ["User"]}}, "actions": {}},
}


def load(folder: Path, name: str, content: str | bytes) -> LoadedSchema:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_schema(path, fake_world(folder))


@pytest.mark.parametrize(
    ("name", "content", "schema_format"),
    [
        ("cedarschema", IN_CEDAR, "Cedar"),
        ("cedarschema.json", json.dumps(IN_JSON), "JSON"),
        ("cedarschema", json.dumps(IN_JSON), "JSON"),
        ("cedarschema", "\n\t " + json.dumps(IN_JSON), "JSON"),
        ("cedarschema", "\ufeff" + IN_CEDAR, "Cedar"),
        ("cedarschema", "", "Cedar"),
    ],
)
def test_both_formats_are_read(tmp_path: Path, name: str, content: str, schema_format: str) -> None:
    loaded = load(tmp_path, name, content)
    assert (loaded.path, loaded.format) == (name, schema_format)
    assert loaded.model is not None
    assert set(loaded.model.entity_types) == ({"User", "Doc"} if content else set())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("cedarschema.json", "", "cedarschema.json:1:1: not valid JSON: the file is empty"),
        ("cedarschema.json", IN_CEDAR, "cedarschema.json:1:1: not valid JSON: "),
        ("cedarschema.json", '{"A": {}}', "cedarschema.json:1:8: not a Cedar schema: missing fi"),
        (
            "cedarschema.json",
            '{"":\n{"entityTypes": {},\n "actons": {}, "actions": {}}}',
            "cedarschema.json:3:9: not a Cedar schema: unknown field `actons`",
        ),
        (
            "cedarschema.json",
            "[]",
            "cedarschema.json:1:1: not a Cedar schema: expected an object of namespaces",
        ),
        (
            "cedarschema",
            "entity User;\nentity Doc { owner: Usr };\n",
            "cedarschema:2:21: not a Cedar schema: failed to resolve type: Usr",
        ),
        (
            "cedarschema",
            "entity User {a: Usr,\n b: Usr};\n",
            "cedarschema:1:17: not a Cedar schema: failed to resolve type: Usr",
        ),
        (
            "cedarschema",
            "entity;",
            "cedarschema:1:7: not a Cedar schema: expected a name, found `;`",
        ),
        ("cedarschema", b"\xff\xfee\0", "cedarschema: is UTF-16, not UTF-8; save it as UTF-8"),
        ("cedarschema", "entity A;\0", "cedarschema:1:10: not a Cedar schema: expected a decl"),
        ("cedarschema", "[" * 500, "cedarschema:1:101: this schema nests more than 100 levels"),
        ("cedarschema.json", "[" * 5_000, "cedarschema.json:1:1: is nested too deeply"),
        ("cedarschema.json", '{"a":' * 500, "cedarschema.json:1:"),
    ],
)
def test_what_is_no_schema_is_told_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, sentence: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, name, content)
    assert str(caught.value).startswith(sentence), str(caught.value)


def test_the_place_shows_the_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, "cedarschema", "entity User;\nentity Doc { owner: Usr };\n")
    assert caught.value.detail == ("  2 | entity Doc { owner: Usr };\n    |                     ^")
