import json
from typing import Any

import pytest

from buildsteps.errors import UsageError
from buildsteps.source import SourceText
from buildsteps.steps.cedar.trials.request import parse_request, type_of, uid_pair

UIDS = {"principal": 'U::"a"', "action": 'Action::"x"', "resource": 'U::"b"'}
NO_UID = 'must be an entity uid such as `User::"alice"`'


def source(document: Any) -> SourceText:
    return SourceText("r.json", json.dumps(document, indent=1))


def test_a_request_holds_what_the_file_says() -> None:
    request = parse_request(source({**UIDS, "context": {"mfa": True}}))
    assert request.arguments() == {**UIDS, "context": {"mfa": True}}
    assert str(request) == 'U::"a"  Action::"x"  U::"b"'
    assert request.unknown_keys == ()


@pytest.mark.parametrize("context", [{}, {"context": {}}, {"context": None}])
def test_a_context_may_be_left_out(context: dict[str, Any]) -> None:
    assert parse_request(source({**UIDS, **context})).context == {}


@pytest.mark.parametrize(
    "uid",
    [
        {"type": "U", "id": "a"},
        {"__entity": {"type": "U", "id": "a"}},
        {"type": "U", "id": "a", "x": 1},
    ],
)
def test_a_uid_may_be_an_object(uid: dict[str, Any]) -> None:
    request = parse_request(source({**UIDS, "principal": uid}))
    assert request.principal == {"type": "U", "id": "a"}
    assert request.principal_uid == ("U", "a")
    assert str(request).startswith('U::"a"')


def test_keys_that_mean_nothing_are_kept_to_be_told() -> None:
    assert parse_request(source({**UIDS, "contxt": {}, "x": 1})).unknown_keys == ("contxt", "x")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "r.json:1:1: expected an object with a request"),
        ("x", "r.json:1:1: expected an object with a request"),
        ({}, "r.json:1:1: the key `principal` is missing."),
        (
            {"princpal": "a", "action": "b", "resource": "c"},
            "r.json:1:1: the key `principal` is missing. Is it `princpal`?",
        ),
        ({**UIDS, "action": 3}, f"r.json:3:2: the key `action` {NO_UID}"),
        ({**UIDS, "action": None}, f"r.json:3:2: the key `action` {NO_UID}"),
        ({**UIDS, "action": {"type": "U"}}, f"r.json:3:2: the key `action` {NO_UID}"),
        ({**UIDS, "action": {"type": [], "id": "a"}}, f"r.json:3:2: the key `action` {NO_UID}"),
        ({**UIDS, "action": {"__entity": "U"}}, f"r.json:3:2: the key `action` {NO_UID}"),
        ({**UIDS, "context": []}, "r.json:5:2: the key `context` must be an object"),
        ({**UIDS, "context": 0}, "r.json:5:2: the key `context` must be an object"),
    ],
)
def test_what_is_no_request_is_told_with_the_key(document: Any, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_request(source(document))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("uid", "pair"),
    [
        ('A::B::"x"', ("A::B", "x")),
        ('A::"x::\\"y\\""', ("A", 'x::"y"')),
        ('A::"\\u{e9}\\n"', ("A", "é\n")),
        ('A::""', ("A", "")),
        ({"type": "A", "id": 'x"'}, ("A", 'x"')),
        ("nonsense", ("nonsense", "")),
    ],
)
def test_type_and_id_of_a_uid(uid: Any, pair: tuple[str, str]) -> None:
    assert uid_pair(uid) == pair
    assert type_of(uid) == pair[0]
