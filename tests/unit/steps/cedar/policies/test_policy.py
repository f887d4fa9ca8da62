import json
from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.source import SourceText
from buildsteps.steps.cedar.policies.policy import (
    LeftOut,
    LinkedPolicy,
    Policy,
    PolicyFile,
    PolicyIndex,
    acceptances_in,
    duplicates,
    joined,
    policies_of,
    policy_file,
    read_policies,
    standard_input,
)
from tests.world_double import fake_world

ANY = "(principal, action, resource);"
JSON_POLICY = {
    "effect": "forbid",
    "principal": {"op": "All"},
    "action": {"op": "All"},
    "resource": {"op": "All"},
    "conditions": [],
}


def named(*files: tuple[str, str]) -> list[Policy]:
    return policies_of([policy_file(name, SourceText(name, text)) for name, text in files])


def test_a_policy_is_named_by_its_id_else_by_its_file() -> None:
    policies = named(
        ("one.cedar", f'permit{ANY}\n@id("mine") permit{ANY}\nforbid{ANY}'),
        ("deep/two.b.cedar", f'@id("") permit{ANY}@id permit{ANY}@other("x") permit{ANY}'),
    )
    assert [one.id for one in policies] == [
        "one",
        "mine",
        "one#3",
        "two.b",
        "two.b#2",
        "two.b#3",
    ]
    assert [str(one.location) for one in policies[:3]] == [
        "one.cedar:1:1",
        "one.cedar:2:1",
        "one.cedar:3:1",
    ]
    assert [one.effect for one in policies[:3]] == ["permit", "permit", "forbid"]


def test_a_policy_in_json_is_named_by_its_id_or_its_file() -> None:
    single = json.dumps(JSON_POLICY)
    annotated = json.dumps({**JSON_POLICY, "annotations": {"id": "mine"}})
    many = json.dumps({"staticPolicies": {"a": JSON_POLICY, "b": JSON_POLICY}, "templates": {}})
    policies = named(("s.cedar.json", single), ("t.cedar.json", annotated), ("u.cedar.json", many))
    assert [one.id for one in policies] == ["s", "mine", "a", "b"]
    assert [one.text for one in policies[:2]] == [
        "forbid(principal, action, resource);",
        '@id("mine")\nforbid(principal, action, resource);',
    ]


def test_the_texts_are_joined_so_that_positions_are_those_of_the_list() -> None:
    policies = named(("a.cedar", f"// one\npermit{ANY} // end"), ("b.cedar", f"forbid{ANY}"))
    assert joined(policies) == f"permit{ANY}\nforbid{ANY}"


def test_a_duplicate_comes_with_the_first_of_its_id() -> None:
    policies = named(
        ("a.cedar", f"permit{ANY}"),
        ("b.cedar", f'@id("a") permit{ANY}'),
        ("c/a.cedar", f"permit{ANY}"),
    )
    assert [(str(one.location), str(first.location)) for one, first in duplicates(policies)] == [
        ("b.cedar:1:1", "a.cedar:1:1"),
        ("c/a.cedar:1:1", "a.cedar:1:1"),
    ]


def test_ids_that_differ_in_case_only_are_two() -> None:
    assert duplicates(named(("a.cedar", f"permit{ANY}"), ("A.cedar", f"permit{ANY}"))) == []


def test_files_are_named_by_their_path_in_the_store(tmp_path: Path) -> None:
    (tmp_path / "store" / "deep").mkdir(parents=True)
    paths = [tmp_path / "store" / "a.cedar", tmp_path / "store" / "deep" / "b.cedar"]
    paths.append(tmp_path / "outside.cedar")
    for path in paths:
        path.write_text(f"permit{ANY}")
    files = read_policies(paths, tmp_path / "store", fake_world(tmp_path))
    assert [(file.name, file.source.path) for file in files] == [
        ("a.cedar", "store/a.cedar"),
        ("deep/b.cedar", "store/deep/b.cedar"),
        ("outside.cedar", "outside.cedar"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"permit{ANY}".encode("utf-16"), "p.cedar: is UTF-16, not UTF-8; save it as UTF-8"),
        (b"permit\n\xff", "p.cedar:2: is not UTF-8 (byte 0xff); save it as UTF-8"),
        (b'{"effect": "permit"', "p.cedar:1:20: not valid JSON: it ends too early"),
        (b'{"policies": {}}', "p.cedar:1:1: unknown key `policies`."),
        (b"permit" + b"(" * 9_000, "p.cedar:1:107: this policy nests more than 100 levels deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_kept_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "p.cedar"
    path.write_bytes(content)
    (file,) = read_policies([path], tmp_path, fake_world(tmp_path))
    assert str(file.unreadable).startswith(reason), str(file.unreadable)
    assert policies_of([file]) == []
    assert not file.is_empty


@pytest.mark.parametrize("text", ["", "\n", "// only a comment", "{}", "\ufeff"])
def test_a_file_without_a_policy_is_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.cedar").write_text(text)
    (file,) = read_policies([tmp_path / "p.cedar"], tmp_path, fake_world(tmp_path))
    assert file.is_empty


def test_standard_input_is_a_file(tmp_path: Path) -> None:
    file = standard_input(fake_world(tmp_path, stdin=f"\ufeffpermit{ANY}".encode()))
    assert [(one.id, one.text) for one in policies_of([file])] == [("stdin", f"permit{ANY}")]
    broken = standard_input(fake_world(tmp_path, stdin=b"\xff"))
    assert str(broken.unreadable) == "stdin: is not UTF-8"
    assert standard_input(fake_world(tmp_path)).is_empty


def test_an_acceptance_speaks_for_the_policy_it_precedes_or_is_in() -> None:
    text = (
        "// buildsteps: accept[one] reason one\n"
        f"permit{ANY}\n"
        "permit(principal,\n"
        "  // buildsteps: accept[two] reason two\n"
        "  action,\n"
        "resource); // buildsteps: accept[three] reason three\n"
    )
    found = acceptances_in([policy_file("p.cedar", SourceText("p.cedar", text))])
    assert [(one.rule, one.reason) for one in found] == [
        ("one", "reason one"),
        ("two", "reason two"),
        ("three", "reason three"),
    ]
    assert [one.last_line for one in found] == [2, 6, 6]


def index() -> PolicyIndex:
    policies = named(("a.cedar", f'permit{ANY}\n@id("mine") forbid{ANY}'))
    linked = LinkedPolicy(id="made", template=policies[0], location=policies[1].location, values={})
    return PolicyIndex(policies=tuple(policies), links={"link 0": linked})


@pytest.mark.parametrize(
    ("engine_id", "described", "name", "place"),
    [
        ("policy0", "permit `a` (a.cedar:1:1)", "a", "a.cedar:1:1"),
        ("policy1", "forbid `mine` (a.cedar:2:1)", "mine", "a.cedar:2:1"),
        ("link 0", "permit `made` (a.cedar:2:1)", "made", "a.cedar:2:1"),
    ],
)
def test_the_engines_ids_mean_policies_and_links(
    engine_id: str, described: str, name: str, place: str
) -> None:
    assert index().describe(engine_id) == described
    assert index().name(engine_id) == name
    assert str(index().location(engine_id)) == place
    assert index().called(engine_id, name)


@pytest.mark.parametrize(
    ("engine_id", "name", "called"),
    [
        ("policy0", "policy0", True),
        ("policy0", "policy1", False),
        ("policy1", "policy1", False),
        ("link 0", "link 0", False),
    ],
)
def test_a_test_may_call_a_policy_without_an_id_by_its_position(
    engine_id: str, name: str, called: bool
) -> None:
    assert index().called(engine_id, name) is called


@pytest.mark.parametrize(
    ("effect", "decision", "explains"),
    [
        ("forbid", "ALLOW", True),
        ("forbid", "DENY", False),
        ("permit", "ALLOW", False),
        ("permit", "DENY", True),
        (None, "ALLOW", True),
        (None, "DENY", True),
    ],
)
def test_the_absence_of_a_policy_explains_what_it_would_have_changed(
    effect: str | None, decision: str, explains: bool
) -> None:
    assert LeftOut(what="p", why="", effect=effect).may_explain(decision) is explains


def test_a_broken_head_is_called_a_policy() -> None:
    (broken,) = policies_of([policy_file("a.cedar", SourceText("a.cedar", "permits(;"))])
    assert (broken.effect, isinstance(broken.file, PolicyFile)) == ("policy", True)


def test_json_that_is_no_policy_raises() -> None:
    with pytest.raises(UsageError):
        policy_file("p", SourceText("p", '{"effect": 3}'))
