import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.links import BadLink, Link, link_all, read_links
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, joined, policies_of, policy_file
from buildsteps.steps.cedar.schemas.resolution import parse_schema
from tests.world_double import fake_world

SCHEMA_TEXT = (
    "entity User, Robot; entity Doc { owner: User };"
    "action view appliesTo { principal: User, resource: Doc };"
)
SCHEMA = engine.any_schema(SCHEMA_TEXT)
MODEL = parse_schema(SCHEMA_TEXT)
TEMPLATES = """
@id("owns") permit(principal == ?principal, action == Action::"view", resource == ?resource);
@id("sees") permit(principal == ?principal, action == Action::"view", resource);
@id("all") permit(principal, action == Action::"view", resource);
"""


def link(**changes: Any) -> dict[str, Any]:
    args = {"?principal": 'User::"a"', "?resource": 'Doc::"d"'}
    return {"template_id": "owns", "link_id": "one", "args": args, **changes}


def read(folder: Path, content: str) -> tuple[list[Link], list[BadLink]]:
    path = folder / "cedartemplatelinks.json"
    path.write_text(content)
    return read_links([path], [], fake_world(folder))


def linked(
    folder: Path, *elements: Any, schema: engine.Schema | None = SCHEMA
) -> tuple[engine.PolicySet, dict[str, LinkedPolicy], list[BadLink]]:
    known = policies_of([policy_file("t.cedar", SourceText("t.cedar", TEMPLATES))])
    policies = engine.parse_policies(joined(known))
    assert policies is not None
    links, bad = read(folder, json.dumps(elements, indent=1))
    assert bad == []
    return link_all(links, policies, known, schema, lambda: MODEL)


def test_links_are_read_with_their_places(tmp_path: Path) -> None:
    links, bad = read(tmp_path, json.dumps([link(), link(link_id="two")], indent=1))
    assert bad == []
    assert [(one.id, one.template_id, one.engine_id) for one in links] == [
        ("one", "owns", "link 0"),
        ("two", "owns", "link 1"),
    ]
    assert [str(one.location) for one in links] == [
        "cedartemplatelinks.json:2:2",
        "cedartemplatelinks.json:10:2",
    ]
    assert links[0].values == {"?principal": 'User::"a"', "?resource": 'Doc::"d"'}


def test_no_file_gives_no_links(tmp_path: Path) -> None:
    assert read_links([], [], fake_world(tmp_path)) == ([], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "1:1: expected a list of template links"),
        ("[", "1:2: not valid JSON: it ends too early"),
        (
            "\ud800".encode("utf-8", "surrogatepass"),
            "1: is not UTF-8 (byte 0xed); save it as UTF-8",
        ),
    ],
)
def test_a_file_that_holds_no_list_is_one_bad_link(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = tmp_path / "l.cedartemplatelinks.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    links, (bad,) = read_links([path], [], fake_world(tmp_path))
    assert links == []
    assert bad.name == path.name
    assert f"{bad.location}: {bad.message}" == f"l.cedartemplatelinks.json:{message}"


@pytest.mark.parametrize(
    ("element", "name", "message"),
    [
        (3, "link 2", "expected an object with `template_id`, `link_id` and `args`"),
        ({}, "link 2", "the key `template_id` must be text"),
        (link(link_id=7), "link 2", "the key `link_id` must be text"),
        (link(template=1), "one", "unknown key `template`. Did you mean `template_id`?"),
        (link(args=[]), "one", "the key `args` must be an object"),
        (link(args={"?action": "x"}), "one", "`args` fills `?principal` and `?resource`, each"),
        (link(args={"?principal": {}}), "one", "`args` fills `?principal` and `?resource`, each"),
    ],
)
def test_an_element_that_is_no_link_is_told_and_the_others_are_kept(
    tmp_path: Path, element: Any, name: str, message: str
) -> None:
    links, (bad,) = read(tmp_path, json.dumps([link(link_id="good"), element]))
    assert [one.id for one in links] == ["good"]
    assert bad.name == name
    assert bad.message.startswith(message)
    column = len(json.dumps([link(link_id="good")])) + 2
    assert (bad.location.line, bad.location.column) == (1, column)


def test_links_in_a_json_policy_set_are_read_as_well(tmp_path: Path) -> None:
    scope = {"op": "All"}
    template = {
        "effect": "permit",
        "principal": {"op": "==", "slot": "?principal"},
        "action": scope,
        "resource": scope,
        "conditions": [],
    }
    values = {"?principal": {"type": "User", "id": 'a"b'}}
    document = {
        "templates": {"t": template},
        "templateLinks": [{"templateId": "t", "newId": "l", "values": values}],
    }
    file = policy_file("p.json", SourceText("p.json", json.dumps(document)))
    (one,), bad = read_links([], [file], fake_world(tmp_path))
    assert (one.id, one.template_id, one.values, bad) == (
        "l",
        "t",
        {"?principal": 'User::"a\\"b"'},
        [],
    )


def test_what_can_be_linked_decides(tmp_path: Path) -> None:
    policies, found, bad = linked(tmp_path, link())
    assert bad == []
    assert {name: (one.id, one.template.id) for name, one in found.items()} == {
        "link 0": ("one", "owns")
    }
    request = {
        "principal": 'User::"a"',
        "action": 'Action::"view"',
        "resource": 'Doc::"d"',
        "context": {},
    }
    (answer,) = engine.authorize([request], policies, "[]", None)
    assert answer.decision == "ALLOW"
    assert set(answer.reasons) == {"link 0", "policy2"}


BOTH_SLOTS = {"?principal": 'User::"a"', "?resource": 'Doc::"d"'}


@pytest.mark.parametrize(
    ("element", "message"),
    [
        (link(template_id="own"), "there is no valid template `own`. Did you mean `owns`?"),
        (link(template_id="zzz"), "there is no valid template `zzz`."),
        (link(template_id="all"), "`all` is a policy, not a template"),
        (link(link_id="all"), "the id `all` is taken by another policy or link"),
        (link(link_id="good"), "the id `good` is taken by another policy or link"),
        (
            link(args={"?principal": 'User::"a"'}),
            "its `args` do not fill exactly the slots of the template",
        ),
        (
            link(template_id="sees", args=BOTH_SLOTS),
            "its `args` do not fill exactly the slots of the template",
        ),
        (
            link(args={**BOTH_SLOTS, "?principal": 'Usr::"a"'}),
            "unrecognized entity type `Usr`. Did you mean `User`?",
        ),
        (
            link(args={**BOTH_SLOTS, "?principal": 'Robot::"a"'}),
            "unable to find an applicable action given the policy scope constraints",
        ),
    ],
)
def test_a_link_that_makes_no_valid_policy_is_told_and_left_out(
    tmp_path: Path, element: Any, message: str
) -> None:
    _, found, (bad,) = linked(tmp_path, link(link_id="good"), element)
    assert [one.id for one in found.values()] == ["good"]
    assert bad.name == element["link_id"]
    assert bad.message == message
    assert "^" in bad.excerpt


@pytest.mark.parametrize("uid", ["", "User", 'User::"a', "User::a", '::"a"', "\0", '"', "(" * 900])
def test_a_slot_filled_with_no_uid_is_told(tmp_path: Path, uid: str) -> None:
    _, found, (bad,) = linked(tmp_path, link(args={**BOTH_SLOTS, "?principal": uid}))
    assert found == {}
    assert bad.message


def test_without_a_schema_only_the_form_of_a_link_counts(tmp_path: Path) -> None:
    strange = link(args={**BOTH_SLOTS, "?principal": 'Nobody::"a"'})
    _, found, bad = linked(tmp_path, strange, schema=None)
    assert ([one.id for one in found.values()], bad) == (["one"], [])


def test_odd_characters_in_ids_and_uids_survive_linking(tmp_path: Path) -> None:
    odd = link(
        link_id='a "b"\n`c`\u202e',
        args={**BOTH_SLOTS, "?principal": 'User::"😀 \\"\\\\ é"'},
    )
    _, found, bad = linked(tmp_path, odd)
    assert bad == []
    assert found["link 0"].id == 'a "b"\n`c`\u202e'
