"""What is told of a value is wrong to the engine as well, and what fits is told nothing of."""

import json
from typing import Any

import pytest

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.schemas.resolution import parse_schema
from buildsteps.steps.cedar.trials.type_misfits import attributes_misfit

TEXT = """entity Team;
type Address = {city: String, zip?: Long};
entity User = {b?: Bool, n?: Long, s?: String, t?: Team, a?: Address, l?: Set<Set<Long>>,
  ip?: ipaddr, more?: {x?: {y: Bool}}};"""
SCHEMA = engine.any_schema(TEXT)
ATTRIBUTES = parse_schema(TEXT).entity_types["User"].attributes


def refused(values: dict[str, Any]) -> bool:
    user = {"uid": {"type": "User", "id": "a"}, "parents": [], "attrs": values}
    try:
        engine.Entities.from_json_str(json.dumps([user]), SCHEMA)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"b": 1}, "`b` must be Bool, and is Long"),
        ({"n": True}, "`n` must be Long, and is Bool"),
        ({"n": 1.5}, "`n` must be Long, and is a number with a fraction"),
        ({"s": None}, "`s` must be String, and is null"),
        ({"t": "red"}, "`t` must be an entity of `Team`, and is String; one is written as"),
        ({"t": {"__entity": {"type": "User", "id": "b"}}}, "of `Team`, and is of `User`"),
        ({"a": {"zip": 1}}, "the attribute `a.city` is missing, which the schema requires"),
        ({"a": {"city": "x", "zpi": 1}}, "there is no attribute `a.zpi`. Did you mean `zip`?"),
        ({"l": [[1], ["x"]]}, "`l` must be Long, and is String"),
        ({"l": 1}, "`l` must be a list, and is Long"),
        ({"more": {"x": {"y": []}}}, "`more.x.y` must be Bool, and is a list"),
        ({"more": []}, "`more` must be an object, and is a list"),
        ({"ip": 1}, "`ip` must be ipaddr, and is Long"),
        ({"quite": 1}, "there is no attribute `quite`"),
    ],
)
def test_a_value_of_another_type_is_told(values: dict[str, Any], sentence: str) -> None:
    assert refused(values)
    assert sentence in attributes_misfit(values, ATTRIBUTES)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"b": True, "n": -1, "s": "", "l": [[], [1]], "more": {"x": {"y": False}}},
        {"t": {"__entity": {"type": "Team", "id": "red"}}, "a": {"city": "x"}},
        {"t": {"type": "Team", "id": "red"}, "ip": "10.0.0.1"},
        {"ip": {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}},
    ],
)
def test_of_what_fits_nothing_is_told(values: dict[str, Any]) -> None:
    assert not refused(values)
    assert attributes_misfit(values, ATTRIBUTES) == ""
