"""On any small store the differences told are those that the engine has, no more and no fewer."""

import itertools
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.results import Report
from buildsteps.steps.cedar.difference.compare import collect
from buildsteps.steps.cedar.difference.settings import DiffOptions
from tests.world_double import fake_world

SCHEMA = """entity User in [Group] { level?: Long };
entity Group;
entity Doc in [Folder] { owner: User, public: Bool };
entity Folder;
action all;
action view, edit in [all] appliesTo { principal: User, resource: Doc, context: { mfa: Bool } };
"""
EFFECTS = ("permit", "forbid")
SCOPES = (
    "principal, action, resource",
    'principal == User::"u0", action, resource',
    'principal in Group::"g", action == Action::"view", resource',
    'principal, action in Action::"all", resource in Folder::"f"',
    "principal is User, action, resource is Doc",
)
CONDITIONS = (
    "",
    "when { context.mfa }",
    "unless { context.mfa && resource.public }",
    "when { resource.owner == principal }",
    "when { principal has level && principal.level > 1 }",
    "when { principal.level > 1 }",
)
USERS, DOCS = ("u0", "u1", "u2"), ("d0", "d1")

policies = st.builds(
    lambda *parts: "{}({}) {};".format(*parts),
    st.sampled_from(EFFECTS),
    st.sampled_from(SCOPES),
    st.sampled_from(CONDITIONS),
)
versions = st.dictionaries(st.sampled_from("abcd"), policies, max_size=4)


def uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def entities(levels: Sequence[int | None], public: bool) -> str:
    users = [
        {
            "uid": uid("User", name),
            "attrs": {} if level is None else {"level": level},
            "parents": [uid("Group", "g")] if number else [],
        }
        for number, (name, level) in enumerate(zip(USERS, levels, strict=True))
    ]
    docs = [
        {
            "uid": uid("Doc", name),
            "attrs": {"owner": uid("User", USERS[number]), "public": public},
            "parents": [uid("Folder", "f")] if number else [],
        }
        for number, name in enumerate(DOCS)
    ]
    return json.dumps([*users, *docs])


def written(folder: Path, version: dict[str, str], known: str) -> None:
    (folder / "tests").mkdir(parents=True)
    (folder / "cedarschema").write_text(SCHEMA)
    (folder / "tests" / "cedarentities.json").write_text(known)
    for name, text in version.items():
        (folder / f"{name}.cedar").write_text(text)


def compared(before: dict[str, str], after: dict[str, str], known: str) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        written(Path(folder, "before"), before, known)
        written(Path(folder, "after"), after, known)
        options = DiffOptions(base="before", head="after", fail_on="none", jobs=1)
        return collect(options, fake_world(Path(folder)))


Answer = tuple[str, frozenset[str]]


def answers(version: dict[str, str], known: str) -> dict[str, Answer]:
    """What the engine says to each request, asked one by one; by the request as JSON."""
    schema = cedarpy.Schema.from_str(SCHEMA)
    document = {
        "staticPolicies": {
            name: json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]["policy0"]
            for name, text in version.items()
        },
        "templates": {},
        "templateLinks": [],
    }
    policy_set = cedarpy.PolicySet.from_json_str(json.dumps(document))
    found = {}
    for action, user, doc, mfa in itertools.product(("view", "edit"), USERS, DOCS, (False, True)):
        request = {
            "principal": uid("User", user),
            "action": uid("Action", action),
            "resource": uid("Doc", doc),
            "context": {"mfa": mfa},
        }
        answer = cedarpy.is_authorized(request, policy_set, known, schema)
        reasons = frozenset(answer.diagnostics.reasons)
        found[json.dumps(request)] = (answer.decision.value.upper(), reasons)
    return found


def told(report: Report) -> dict[str, Any]:
    """The changed requests as JSON, with what is said of them."""
    (store,) = report.facts["stores"]
    found = {}
    for change in store["changes"]:
        assert change["number"] == len(change["requests"])
        for request in change["requests"]:
            assert request.pop("entities") == 0
            found[json.dumps(request)] = change
    return found


@settings(max_examples=60, deadline=None)
@given(
    before=versions,
    after=versions,
    levels=st.lists(st.sampled_from([None, 1, 2]), min_size=3, max_size=3),
    public=st.booleans(),
)
def test_all_differences_are_told_and_nothing_else(
    before: dict[str, str], after: dict[str, str], levels: list[int | None], public: bool
) -> None:
    known = entities(levels, public)
    old, new = answers(before, known), answers(after, known)
    said = told(compared(before, after, known))
    mentioned = "context" in "".join((*before.values(), *after.values()))
    for request, answer in old.items():
        if not mentioned and '"mfa": true' in request:
            assert answer == old[request.replace("true", "false")]  # so it need not be asked
            continue
        if answer == new[request]:
            assert request not in said
            continue
        change = said.pop(request)
        assert (change["before"], change["after"]) == (answer[0], new[request][0])
        assert set(change["no_longer"]) == answer[1] - new[request][1]
        assert set(change["now"]) == new[request][1] - answer[1]
        assert change["rule"] == rule(answer[0], new[request][0])
    assert not said


def rule(before: str, after: str) -> str:
    if before == after:
        return "other-reason"
    return "newly-allowed" if after == "ALLOW" else "newly-denied"


@settings(max_examples=15, deadline=None)
@given(version=versions, public=st.booleans())
def test_a_version_does_not_differ_from_itself(version: dict[str, str], public: bool) -> None:
    report = compared(version, version, entities([1, 2, None], public))
    assert told(report) == {}
    assert {one.rule for one in report.findings} <= {"not-valid"}
