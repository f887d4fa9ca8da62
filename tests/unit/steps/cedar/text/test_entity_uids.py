from typing import Any

import pytest

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.text.entity_uids import for_engine, uids_in

ANYONE = engine.PolicySet.from_str("permit (principal, action, resource);")


def decision(principal: Any) -> str:
    request = {"principal": principal, "action": 'Action::"a"', "resource": 'R::"r"', "context": {}}
    return engine.authorize([request], ANYONE, "[]", None)[0].decision


@pytest.mark.parametrize(
    "uid",
    ['User::"alice"', 'App::User::"sky blue"', 'User::"say \\"hi\\""', 'User::"a\\tb"', 'User::""',
     'User::"O\\\'Brien"'],
)  # fmt: skip
def test_what_the_engine_reads_stays_readable(uid: str) -> None:
    assert decision(uid) == decision(for_engine(uid)) == "ALLOW"


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ('User::"O\'Brien"', "O'Brien"),
        ('User::"tab\t"', "tab\t"),
        ('User::"\u00a0"', "\u00a0"),
        ('User::"\u0301x"', "\u0301x"),
        ('User::"\\u{e9}t"', "\u00e9t"),
        ('User::"it\'s \\"so\\""', 'it\'s "so"'),
    ],
)
def test_a_uid_that_the_engine_would_spell_otherwise_is_read(uid: str, name: str) -> None:
    assert decision(uid) == ""
    assert for_engine(uid) == {"type": "User", "id": name}
    assert decision(for_engine(uid)) == "ALLOW"


@pytest.mark.parametrize(
    "uid",
    ["O'Brien", "User::'a'", 'User::"it\'s', 'User::"it\'s \\q"', 'User::"\' \\u{d800}"',
     'User ::"it\'s"', 'User::"it\'s" ', "'"],
)  # fmt: skip
def test_what_is_no_uid_is_left_for_the_engine_to_refuse(uid: str) -> None:
    assert for_engine(uid) == uid
    assert decision(for_engine(uid)) == ""


def test_type_and_id_apart_stay_so() -> None:
    assert for_engine({"type": "User", "id": "O'Brien"}) == {"type": "User", "id": "O'Brien"}


def test_the_uids_of_a_policy_are_found_however_they_are_spelled() -> None:
    text = r"""@id("T::a") permit (principal == App :: User // who
      ::"O\'Brien", action in [Action::"v", App::Action::"w"], resource is App::Doc in Doc::"")
      when { "User::x" == "y" && resource.kind == "z" };"""
    assert uids_in(text) == {
        ("App::User", "O'Brien"),
        ("Action", "v"),
        ("App::Action", "w"),
        ("Doc", ""),
    }
