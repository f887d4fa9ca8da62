"""Whatever names and types a store has, its proposal passes when it is run."""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.results import Outcome, Report
from buildsteps.step import Text
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.text.syntax import is_writable
from buildsteps.steps.cedar.validate import collect
from tests.world_double import fake_world

names = st.text(max_size=6) | st.sampled_from(["no", "*", "~", "1", "<<", '"', "\\", "a: b", "x #"])
names = names.filter(lambda text: not any(0xD800 <= ord(letter) < 0xE000 for letter in text))
scalars: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"type": "String"},
        {"type": "Long"},
        {"type": "Boolean"},
        {"type": "Entity", "name": "User"},
        {"type": "Extension", "name": "ipaddr"},
        {"type": "Extension", "name": "datetime"},
    ]
)


def record(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    required = st.booleans()
    attribute = st.tuples(inner, required).map(lambda pair: {**pair[0], "required": pair[1]})
    attributes = st.dictionaries(names, attribute, max_size=3)
    return attributes.map(lambda found: {"type": "Record", "attributes": found})


types = st.recursive(
    scalars,
    lambda inner: inner.map(lambda one: {"type": "Set", "element": one}) | record(inner),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(
    shape=record(types),
    context=record(types),
    actions=st.lists(names.filter(is_writable), min_size=1, max_size=4, unique=True),
    ids=st.lists(names, max_size=5, unique=True),
)
def test_a_proposal_passes_when_it_is_run(
    shape: Any, context: Any, actions: list[str], ids: list[str]
) -> None:
    applies = {"principalTypes": ["User"], "resourceTypes": ["User", "Doc"], "context": context}
    schema = {
        "": {
            "entityTypes": {"User": {}, "Doc": {"shape": shape}},
            "actions": {name: {"appliesTo": applies} for name in actions},
        }
    }
    users = [{"uid": {"type": "User", "id": one}, "attrs": {}, "parents": []} for one in ids]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "cedarschema.json").write_text(json.dumps(schema))
        (folder / "p.cedar").write_text("permit (principal, action, resource is User);\n")
        (folder / "cedarentities.json").write_text(json.dumps(users))
        world = fake_world(folder)
        told = collect(ValidateOptions(init_tests=True), world)
        assert isinstance(told, Text)
        proposal = told.data["proposals"][0]
        document = yaml.safe_load((folder / proposal["path"]).read_text())
        report = collect(ValidateOptions(), world)
    assert isinstance(report, Report)
    assert {case.outcome for case in report.cases} == {Outcome.PASSED}
    assert len(report.cases) == 1 + proposal["allowed"] + proposal["denied"]
    assert proposal["left_out"] == []
    asked = [action for matrix in document["matrix"] for action in matrix["actions"]]
    assert len(asked) == len(actions)
