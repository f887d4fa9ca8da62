"""What a person reads of a comparison, from files to the report."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from buildsteps.results import Outcome, Report
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.compare import collect
from buildsteps.steps.cedar.difference.settings import DiffOptions
from tests.world_double import StillClock, fake_world

SCHEMA = """entity User in [Team];
entity Team;
entity Doc { secret?: Bool };
action view appliesTo { principal: User, resource: Doc };
"""


def uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def entity(kind: str, name: str, **attributes: Any) -> dict[str, Any]:
    return {"uid": uid(kind, name), "attrs": attributes, "parents": []}


SMALL = [entity("User", "ann"), entity("User", "bob"), entity("Doc", "plan")]


def store(folder: Path, *policies: str, schema: str = SCHEMA, entities: Any = SMALL) -> None:
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    (folder / "cedarschema").write_text(schema)
    (folder / "tests" / "cedarentities.json").write_text(json.dumps(entities))
    for number, text in enumerate(policies):
        (folder / f"p{number}.cedar").write_text(text)


def compared(folder: Path, **options: Any) -> Report:
    return collect(DiffOptions(base="old", head="new", **options), fake_world(folder))


def messages(report: Report) -> list[str]:
    return [one.message for one in report.findings]


def suite(folder: Path, *tests: str) -> None:
    """Tests of a store, each with what it lays over the entities."""
    lines = [
        f"  - {{name: t{number}, principal: 'User::\"ann\"', action: 'Action::\"view\"',"
        f" resource: 'Doc::\"plan\"', decision: allow, entities: {text}}}"
        for number, text in enumerate(tests)
    ]
    text = "tests:\n" + "\n".join(lines) + "\n"
    (folder / "tests" / "t.cedartests.yaml").write_text(text)


def test_ten_thousand_changed_requests_of_fifty_kinds_are_fifty_findings(tmp_path: Path) -> None:
    actions = [f"act{number}" for number in range(50)]
    schema = SCHEMA.replace("action view", f"action {', '.join(actions)}")
    entities = [entity("User", f"u{n}") for n in range(20)]
    entities += [entity("Doc", f"d{n}") for n in range(10)]
    policies = [f'permit(principal, action == Action::"{one}", resource);' for one in actions]
    store(tmp_path / "old", schema=schema, entities=entities)
    store(tmp_path / "new", *policies, schema=schema, entities=entities)
    report = compared(tmp_path)
    assert len(report.findings) == len(report.cases) == 50
    first = report.findings[0]
    assert first.message == (
        "`u0`, `u1`, `u2` and 17 more may now act0 `d0`, `d1`, `d2` and 7 more (200 requests):"
        " `p0` is new and permits it"
    )
    assert first.detail.splitlines()[-1] == "         and 192 more requests"
    assert len(first.detail.splitlines()) == 9
    (facts,) = report.facts["stores"]
    assert sum(len(change["requests"]) for change in facts["changes"]) == 10_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([], ["permit(principal, action, resource);"], "`p0` is new and permits it"),
        (["permit(principal, action, resource);"], [], "`p0` is gone; no other policy permits it"),
        (
            ["permit(principal, action, resource);"],
            ["permit(principal, action, resource) when { resource has secret };"],
            "`p0` no longer applies: its condition `resource has secret` is false;"
            " no other policy permits it",
        ),
        (
            ["permit(principal, action, resource) when { resource has secret };"],
            ["permit(principal, action, resource);"],
            "`p0` now permits it",
        ),
        (
            ["permit(principal, action, resource);", "forbid(principal, action, resource);"],
            ["permit(principal, action, resource);"],
            "`p1` is gone; `p0` permits it",
        ),
        (
            ["permit(principal, action, resource);"],
            ["permit(principal, action, resource);", "forbid(principal, action, resource);"],
            "`p1` is new and forbids it",
        ),
        (
            ["permit(principal, action, resource);"],
            ["permit(principal, action, resource) when { resource.secret };"],
            '`p0` no longer applies, its evaluation fails: `Doc::"plan"` does not have the'
            " attribute `secret`; no other policy permits it",
        ),
    ],
)
def test_the_reason_is_the_policy_that_came_or_went(
    tmp_path: Path, old: list[str], new: list[str], said: str
) -> None:
    store(tmp_path / "old", *old)
    store(tmp_path / "new", *new)
    (message,) = (
        one.message for one in compared(tmp_path).findings if one.rule.startswith("newly")
    )
    assert message.endswith(f"(2 requests): {said}")


def test_many_reasons_stand_below_the_sentence(tmp_path: Path) -> None:
    store(tmp_path / "old")
    store(tmp_path / "new", *(["permit(principal, action, resource);"] * 7))
    (finding,) = compared(tmp_path).findings
    assert finding.message.endswith("`p0` is new and permits it; `p1` is new and permits it; ...")
    assert finding.detail.splitlines()[4:6] == [
        "because  `p4` is new and permits it",
        "         and 2 more reasons",
    ]


def test_each_set_of_entities_is_tried_by_itself_and_equal_ones_once(tmp_path: Path) -> None:
    for name, text in (
        ("old", ""),
        (
            "new",
            "permit(principal, action, resource) when { resource has secret && resource.secret };",
        ),
    ):
        store(tmp_path / name, text)
        overlay = "[{uid: {type: Doc, id: plan}, attrs: {secret: true}}]"
        suite(tmp_path / name, overlay, "[]", overlay)
    report = compared(tmp_path)
    (facts,) = report.facts["stores"]
    assert facts["entities"] == [3, 3]
    assert facts["requests"]["possible"] == 4
    assert messages(report)[0].startswith(
        "`ann` and `bob` may now view `plan` (2 requests in 1 set of entities)"
    )


def test_a_request_of_several_sets_is_listed_once(tmp_path: Path) -> None:
    for name, text in (("old", ""), ("new", "permit(principal, action, resource);")):
        store(tmp_path / name, text)
        suite(tmp_path / name, "[{uid: {type: Doc, id: plan}, attrs: {secret: true}}]", "[]")
    (finding,) = compared(tmp_path).findings
    assert finding.detail.splitlines()[0].endswith('Doc::"plan"  (in 2 sets of entities)')
    assert len(finding.detail.splitlines()) == 2


def test_made_up_entities_are_those_that_policies_name(tmp_path: Path) -> None:
    store(tmp_path / "old", entities=[])
    store(tmp_path / "new", 'permit(principal == User::"eve", action, resource);', entities=[])
    report = compared(tmp_path)
    (facts,) = report.facts["stores"]
    assert facts["made_up"] == ['User::"eve"', 'Doc::"example-doc"']
    assert any(note.startswith("made up, because no file has one") for note in report.notes)


def test_entities_that_no_engine_takes_are_an_error_and_not_asked(tmp_path: Path) -> None:
    loop = [
        {**entity("Team", "a"), "parents": [uid("Team", "b")]},
        {**entity("Team", "b"), "parents": [uid("Team", "a")]},
    ]
    schema = SCHEMA.replace("entity Team;", "entity Team in [Team];")
    for name in ("old", "new"):
        store(tmp_path / name, schema=schema, entities=[*SMALL, *loop])
    report = compared(tmp_path)
    errors = [case for case in report.cases if case.outcome is Outcome.ERROR]
    assert len(errors) == 1
    assert errors[0].message.startswith("the engine takes no such entities: ")
    assert report.facts["stores"][0]["requests"]["asked"] == 0


def test_an_entity_that_fits_one_schema_only_leaves_the_others_their_types(tmp_path: Path) -> None:
    more = SCHEMA.replace("{ secret?: Bool }", "{ secret?: Bool, owner?: User }")
    policy = "permit(principal, action, resource) when { resource has secret && resource.secret };"
    entities = [*SMALL, entity("Doc", "mine", secret=True, owner=uid("User", "ann"))]
    store(tmp_path / "old", policy, entities=entities)
    store(tmp_path / "new", policy, schema=more, entities=entities)
    report = compared(tmp_path)
    (finding,) = report.findings
    assert finding.rule == "entity-misfit"
    assert finding.message.startswith(
        'Doc::"mine" does not fit the schema of old, and is taken as it is: '
    )


def test_contexts_of_tests_take_part(tmp_path: Path) -> None:
    schema = SCHEMA.replace("resource: Doc }", "resource: Doc, context: { from: String } }")
    policy = 'permit(principal, action, resource) when {{ context.from like "{}*" }};'
    for name in ("old", "new"):
        store(tmp_path / name, policy.format("h" if name == "old" else "x"), schema=schema)
        case = tmp_path / name / "tests" / "s" / "ALLOW" / "a.cedarauth.json"
        case.parent.mkdir(parents=True)
        request = {
            "principal": 'User::"ann"',
            "action": 'Action::"view"',
            "resource": 'Doc::"plan"',
            "context": {"from": "home"},
        }
        case.write_text(json.dumps(request))
    (facts,) = compared(tmp_path).facts["stores"]
    contexts = [one["context"] for change in facts["changes"] for one in change["requests"]]
    assert {"from": "home"} in contexts


def test_a_duplicate_id_is_told_and_both_policies_count(tmp_path: Path) -> None:
    text = '@id("same")\npermit(principal, action, resource);'
    store(tmp_path / "old", text)
    store(tmp_path / "new", text, text.replace("permit", "forbid"))
    report = compared(tmp_path)
    assert {one.rule for one in report.findings} == {"newly-denied", "not-valid"}


def test_tests_that_cannot_be_read_take_no_part_and_that_is_told(tmp_path: Path) -> None:
    for name in ("old", "new"):
        store(tmp_path / name, "permit(principal, action, resource);")
    suite(tmp_path / "new", "3")
    assert any("new: 1 test cannot be read" in note for note in compared(tmp_path).notes)


def test_requests_that_neither_version_takes_are_no_green_light(tmp_path: Path) -> None:
    schema = SCHEMA.replace("resource: Doc }", "resource: Doc, context: { n: Long } }")
    for name in ("old", "new"):
        store(tmp_path / name, schema=schema)
    assert compared(tmp_path).cases[0].outcome is Outcome.PASSED
    options = DiffOptions(base="old", head="new")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "decide", lambda requests, *_: (("", []) for _ in requests))
        report = collect(options, fake_world(tmp_path))
    assert [case.outcome for case in report.cases] == [Outcome.SKIPPED]
    assert "2 requests refused by both versions" in report.notes[1]
    assert report.emptiness == "neither version takes any of the requests"


def test_long_work_says_how_far_it_is(tmp_path: Path) -> None:
    many = [entity("User", f"u{n}") for n in range(9_000)]
    for name in ("old", "new"):
        store(tmp_path / name, entities=[*many, entity("Doc", "plan")])
    said: list[str] = []
    world = fake_world(tmp_path, progress=said)
    clock = Hurrying()
    collect(DiffOptions(base="old", head="new", jobs=1), replace(world, clock=clock))
    assert "1 of 3 portions of 4,096 requests" in said


class Hurrying(StillClock):
    """A clock on which each look takes two minutes."""

    def monotonic(self) -> float:
        """Give a later time than before."""
        self.slept += 120
        return self.slept
