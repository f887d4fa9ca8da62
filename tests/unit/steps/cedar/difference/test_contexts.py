import json
from typing import Any

import cedarpy
import pytest

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.contexts import MOST_CONTEXTS, Literals, Made, made
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.schemas.model import (
    Attribute,
    EntityRef,
    Extension,
    Primitive,
    Record,
    SetOf,
    Type,
)

USERS = [("User", "ann"), ("User", "bob")]


def uids(kind: str) -> list[Uid]:
    return USERS if kind == "User" else [(kind, "example")]


def tried(condition: str, **types: Type | Attribute) -> Made:
    shape = {
        name: one if isinstance(one, Attribute) else Attribute(one) for name, one in types.items()
    }
    policy = f"permit(principal, action, resource) when {{ {condition} }};"
    return made(Record(shape), Literals.of([policy]), uids)


def values(condition: str, kind: Type, *, required: bool = True) -> list[Any]:
    """The values of the attribute ``x``; None where it is absent."""
    found = tried(condition, x=Attribute(kind, required)).contexts
    return [context.get("x") for context in found]


def test_a_boolean_goes_both_ways() -> None:
    assert values("context.x", Primitive("Bool")) == [False, True]


def test_what_is_optional_is_also_absent() -> None:
    assert values("context has x", Primitive("Bool"), required=False) == [None, False, True]


def test_what_no_condition_mentions_has_one_value() -> None:
    assert tried("context.y", x=Primitive("Bool")).contexts == ({"x": False},)


def test_numbers_stand_around_what_they_are_compared_with() -> None:
    assert values("context.x < 5", Primitive("Long")) == [4, 5, 6]
    assert values("context.x < -5", Primitive("Long")) == [-6, -5, -4]


def test_numbers_stay_within_64_bits() -> None:
    found = values("context.x < 9223372036854775807", Primitive("Long"))
    assert found == [2**63 - 2, 2**63 - 1]


def test_a_text_is_one_that_conditions_name_or_another() -> None:
    found = values('context.x == "a\\"b" || context.x like "c*"', Primitive("String"))
    assert set(found) == {"something else", 'a"b', "c*"}


def test_entities_are_those_that_there_are() -> None:
    found = values('context.x == User::"ann"', EntityRef("User"))
    assert [one["__entity"]["id"] for one in found] == ["ann", "bob"]


def test_a_set_is_empty_or_has_one_element() -> None:
    assert values('context.x.contains("a")', SetOf(Primitive("String"))) == [
        [],
        ["something else"],
        ["a"],
    ]


def test_a_required_record_varies_within_and_an_optional_one_is_absent_too() -> None:
    inner = Record({"y": Attribute(Primitive("Bool")), "z": Attribute(Primitive("Long"))})
    assert values("context.x.y", inner) == [{"y": False, "z": 0}, {"y": True, "z": 0}]
    assert values("context.x.y", inner, required=False)[0] is None


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("ipaddr", 'context.x.isInRange(ip("10.0.0.0/8"))'),
        ("decimal", 'context.x.lessThan(decimal("1.5"))'),
        ("datetime", 'context.x < datetime("2025-01-01")'),
        ("duration", 'context.x > duration("2h")'),
    ],
)
def test_values_of_extensions_make_a_condition_true_and_false(name: str, condition: str) -> None:
    schema = cedarpy.Schema.from_str(
        "entity User; action view appliesTo"
        f" {{ principal: User, resource: User, context: {{ x: {name} }} }};"
    )
    policy = f"permit(principal, action, resource) when {{ {condition} }};"
    uid = {"type": "User", "id": "ann"}
    requests = [
        {
            "principal": uid,
            "action": {"type": "Action", "id": "view"},
            "resource": uid,
            "context": json.dumps(context),
        }
        for context in tried(condition, x=Extension(name)).contexts
    ]
    entities = engine.Entities.from_json_str("[]")
    answers = engine.decide(requests, engine.any_policies(policy), entities, schema)
    assert {decision for decision, _ in answers} == {"ALLOW", "DENY"}


def test_all_combinations_are_tried_where_they_are_few() -> None:
    found = tried("context.a && context.b", a=Primitive("Bool"), b=Primitive("Bool"))
    assert found.whole
    assert len(found.contexts) == 4


def test_attributes_vary_one_at_a_time_where_combinations_are_many_and_that_is_told() -> None:
    names = [f"a{n}" for n in range(9)]
    shape: dict[str, Type | Attribute] = dict.fromkeys(names, Primitive("Bool"))
    found = tried(" && ".join(f"context.{name}" for name in names), **shape)
    assert not found.whole
    assert len(found.contexts) == 18 < MOST_CONTEXTS
    assert all(sum(context.values()) <= 1 for context in found.contexts)


def test_values_left_out_are_told() -> None:
    numbers = " || ".join(f"context.x == {n * 10}" for n in range(20))
    assert not tried(numbers, x=Primitive("Long")).whole


def test_a_type_that_needs_too_many_values_is_not_tried() -> None:
    deep: Type = Primitive("Long")
    for _ in range(7):
        deep = Record({name: Attribute(deep) for name in "ab"})
    assert tried("context.x", x=deep) == Made((), whole=False)
