"""The JSON Schema of suites and their reader agree about suites made at random."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.trials.suite import trials_in
from buildsteps.steps.cedar.trials.suite_format import json_schema
from tests.unit.steps.cedar.trials.any_suites import UIDS, junk, near_suites, suites
from tests.world_double import fake_world

BEYOND = re.compile(
    r"is neither in `names` nor an entity uid|is missing, here and in `defaults`"
    r"|^the matrix has no \w+ `|^Cedar has no "
)
"""What a suite says by its words, and which values Cedar knows: JSON Schema cannot follow."""


def read(document: Any) -> str:
    """Why the reader refuses a document; nothing where it makes trials of it."""
    folder = Path("/store")
    text = json.dumps(document, ensure_ascii=False)
    try:
        path = folder / "s.cedartests.json"
        assert trials_in(text, path, Store(name="s", folder=folder), fake_world(folder))
    except UsageError as error:
        assert error.location is not None
        return error.message
    return ""


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema.Draft202012Validator(json_schema())


@settings(max_examples=300, deadline=None)
@given(document=near_suites() | junk)
def test_the_schema_and_the_reader_say_the_same_of_a_suite(validator: Any, document: Any) -> None:
    refusal = read(document)
    if BEYOND.search(refusal):
        return
    assert validator.is_valid(document) == (not refusal), (refusal, document)


@settings(max_examples=40, deadline=None)
@given(document=suites())
def test_a_right_suite_is_right_to_both(validator: Any, document: Any) -> None:
    assert read(document) == ""
    assert validator.is_valid(document)


@pytest.mark.parametrize("part", ["tests", "matrix"])
def test_an_empty_part_beside_a_full_one_is_right_to_both(validator: Any, part: str) -> None:
    full = {
        "tests": [{"decision": "deny", "principal": UIDS["ann"]}],
        "matrix": [{key: [UIDS["ann"]] for key in ("principals", "actions", "resources")}],
        "defaults": {"action": UIDS["read"], "resource": UIDS["doc"]},
    }
    document = {**full, part: []}
    assert read(document) == ""
    assert validator.is_valid(document)


def test_the_schema_describes_every_key() -> None:
    for name, part in json_schema()["$defs"].items():
        assert part["description"], name
        for key, member in part["properties"].items():
            assert member["description"], (name, key)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2027-01-01", "such value as the day `2027-01-01`; put quotes around it"),
        ("2027-01-01T10:00:00Z", "such value as the moment `2027-01-01 10:00:00+00:00`"),
        ("1.5", "number with a fraction, such as the number `1.5`; a decimal is written as text"),
        ("null", "null; leave the attribute out"),
    ],
)
@pytest.mark.parametrize(
    "part",
    [
        "tests: [{decision: deny, context: {a: [VALUE]}}]",
        "defaults: {context: {a: VALUE}}\ntests: [{decision: deny}]",
        "entities: [{uid: 'U::\"a\"', attrs: {a: {b: VALUE}}}]\ntests: [{decision: deny}]",
        "tests: [{decision: deny, entities: [{uid: 'U::\"a\"', tags: {a: VALUE}}]}]",
        "matrix: [{principals: [x], actions: [x], resources: [x], context: {a: VALUE}}]",
    ],
)
def test_a_value_that_cedar_does_not_know_is_told_at_its_place(
    part: str, value: str, message: str
) -> None:
    folder = Path("/store")
    text = part.replace("VALUE", value)
    with pytest.raises(UsageError) as told:
        trials_in(text, folder / "s.yaml", Store(name="s", folder=folder), fake_world(folder))
    assert told.value.message.startswith(f"Cedar has no {message}")
    place = told.value.location
    assert place is not None
    assert place.line and place.column
    assert text.splitlines()[place.line - 1][place.column - 1 :].startswith(value)
