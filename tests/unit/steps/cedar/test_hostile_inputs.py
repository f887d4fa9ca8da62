"""Whatever stands in the files, the step answers with a report or one sentence."""

import copy
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.errors import BuildstepsError
from buildsteps.results import Case, Outcome, Report
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.text.syntax import split
from buildsteps.steps.cedar.validate import collect
from tests.command_line import PHOTOS, REFACTORING
from tests.world_double import fake_world

REQUEST = "tests/Photo owner/ALLOW/JaneDoe-edits-sunset.cedarauth.json"
NAMES = [
    "cedarschema.json",
    "Photo-owner.cedar",
    "cedartemplatelinks.json",
    "tests/cedarentities.json",
    REQUEST,
    "tests/cases.json",
    "tests/integration.json",
    "more.cedar.json",
    "tests/some.cedartests.yaml",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["PhotoApp::User", 'PhotoApp::User::"JaneDoe"', "?principal"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["uid", "attrs", "type", "id", "principal", "effect", "request", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
WORDS = [
    "permit",
    "(",
    ")",
    "principal",
    ",",
    "action",
    ";",
    "when",
    "{",
    "}",
    '"',
    "//",
    "@id",
    "\0",
]

WHEN = b"permit(principal, action, resource) when {"

run_often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def template() -> Path:
    folder = Path(tempfile.mkdtemp()) / "store"
    shutil.copytree(PHOTOS, folder)
    shutil.copytree(REFACTORING, folder, dirs_exist_ok=True)
    for name in ("DoePhotos.cedar", "JaneVacation.cedar"):
        (folder / name).unlink()
    return folder


def judged(
    template: Path, name: str, content: bytes, *, request_validation: bool = True
) -> list[Case]:
    """The cases of the store with one file replaced; a sentence counts as no case."""
    before = (template / name).read_bytes() if (template / name).exists() else None
    try:
        (template / name).write_bytes(content)
        options = ValidateOptions(request_validation=request_validation)
        report = collect(options, fake_world(template))
        assert isinstance(report, Report)
        return list(report.cases)
    except BuildstepsError as error:
        assert str(error)
        return []
    finally:
        if before is None:
            (template / name).unlink()
        else:
            (template / name).write_bytes(before)


def test_the_store_passes_before_it_is_broken(template: Path) -> None:
    cases = judged(template, "note.txt", b"")
    assert cases
    assert {case.outcome for case in cases} == {Outcome.PASSED}


@run_often
@given(name=st.sampled_from(NAMES), content=st.binary(max_size=60))
def test_any_bytes(template: Path, name: str, content: bytes) -> None:
    judged(template, name, content)


@run_often
@given(name=st.sampled_from(NAMES), value=JSON)
def test_any_json(template: Path, name: str, value: object) -> None:
    judged(template, name, json.dumps(value).encode("utf-8", "surrogatepass"))


@run_often
@given(words=st.lists(st.sampled_from(WORDS), max_size=20))
def test_any_words_in_a_policy(template: Path, words: list[str]) -> None:
    judged(template, "Photo-owner.cedar", " ".join(words).encode())


@run_often
@given(data=st.data(), name=st.sampled_from(NAMES[:5]))
def test_a_valid_file_with_a_piece_cut_out(template: Path, data: st.DataObject, name: str) -> None:
    content = (template / name).read_bytes()
    start = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(start + 1, min(start + 40, len(content))))
    judged(template, name, content[:start] + content[end:])


# --- Changes to what is valid -------------------------------------------------------------------

ODD: list[Any] = [
    None,
    True,
    -1,
    2**64,
    10**30,
    1e308,
    "",
    "\0",
    "\u202e",
    "::",
    "?resource",
    "PhotoApp::User",
    'PhotoApp::User::"Nobody"',
    [],
    [[]],
    {},
    {"type": [], "id": {}},
    {"__entity": "x"},
    {"__entity": {"type": "PhotoApp::User", "id": "x"}},
    {"__extn": {"fn": "ip", "arg": "x"}},
    {"__expr": "1"},
]
KEYS = ["uid", "type", "id", "attrs", "__entity", "principal", "", "\0", "x"]


@st.composite
def changed(draw: st.DrawFn, document: Any) -> Any:
    """The document with a member dropped, doubled, renamed or of another type."""
    document = copy.deepcopy(document)
    places = list(containers(document))
    for _ in range(draw(st.integers(1, 2))):
        where, key = draw(st.sampled_from(places))
        if key not in (where if isinstance(where, dict) else range(len(where))):
            continue  # the first change took it away
        change = draw(st.sampled_from(["drop", "retype", "double", "rename", "wrap"]))
        if change == "drop":
            del where[key]
        elif change == "retype":
            where[key] = draw(st.sampled_from(ODD))
        elif change == "wrap":
            where[key] = [where[key]] if draw(st.booleans()) else {"x": where[key]}
        elif isinstance(where, list):
            where.insert(0, copy.deepcopy(where[key]))
        else:
            value = where[key] if change == "double" else where.pop(key)
            where[draw(st.sampled_from(KEYS))] = value
    return document


def containers(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: a list or object, and an index or key of it."""
    members = enumerate(document) if isinstance(document, list) else document.items()
    for key, value in members:
        yield document, key
        if isinstance(value, list | dict):
            yield from containers(value)


SINGLE = {
    "effect": "permit",
    "principal": {"op": "==", "entity": {"type": "PhotoApp::User", "id": "JaneDoe"}},
    "action": {"op": "in", "entities": [{"type": "PhotoApp::Action", "id": "viewPhoto"}]},
    "resource": {"op": "is", "entity_type": "PhotoApp::Photo"},
    "conditions": [{"kind": "when", "body": {"Value": True}}],
}
TEMPLATE = {
    **SINGLE,
    "principal": {"op": "==", "slot": "?principal"},
    "resource": {"op": "in", "slot": "?resource"},
}
UID = {"type": "PhotoApp::User", "id": "JaneDoe"}
REQUEST_DOCUMENT = json.loads((PHOTOS / REQUEST).read_text())
DOCUMENTS = {
    "cedarschema.json": json.loads((PHOTOS / "cedarschema.json").read_text()),
    "cedartemplatelinks.json": json.loads((REFACTORING / "cedartemplatelinks.json").read_text()),
    "tests/cedarentities.json": json.loads((PHOTOS / "tests/cedarentities.json").read_text()),
    REQUEST: REQUEST_DOCUMENT,
    "tests/cases.json": [
        {
            "name": "one",
            "request": REQUEST_DOCUMENT,
            "entities": [{"uid": UID, "attrs": {}, "parents": []}],
            "decision": "allow",
            "reason": [],
            "num_errors": 0,
        }
    ],
    "more.cedar.json": {
        "staticPolicies": {"one": SINGLE},
        "templates": {"two": TEMPLATE},
        "templateLinks": [
            {
                "templateId": "two",
                "newId": "three",
                "values": {"?principal": UID, "?resource": {"type": "PhotoApp::Album", "id": "x"}},
            }
        ],
    },
    "tests/some.cedartests.json": {
        "names": {"jane": 'PhotoApp::User::"JaneDoe"'},
        "entities": [{"uid": "jane", "parents": ['PhotoApp::Role::"PhotoJudge"']}],
        "defaults": {"principal": "jane", "action": 'PhotoApp::Action::"viewPhoto"'},
        "tests": [{"resource": 'PhotoApp::Photo::"sunset.jpg"', "decision": "allow"}],
        "matrix": [
            {
                "principals": ["jane"],
                "actions": ['PhotoApp::Action::"viewPhoto"'],
                "resources": ['PhotoApp::Photo::"diary.jpg"'],
                "allow": [{"principal": "jane"}],
            }
        ],
    },
}


@settings(run_often, max_examples=150)
@given(data=st.data(), name=st.sampled_from(sorted(DOCUMENTS)), validated=st.booleans())
def test_any_change_to_valid_json(
    template: Path, data: st.DataObject, name: str, validated: bool
) -> None:
    document = data.draw(changed(DOCUMENTS[name]))
    judged(template, name, json.dumps(document).encode(), request_validation=validated)


@settings(run_often, max_examples=100)
@given(document=changed(REQUEST_DOCUMENT))
def test_a_changed_request_passes_only_where_the_engine_allows_it(
    template: Path, document: Any
) -> None:
    stem = Path(REQUEST).name.split(".")[0]
    (case,) = (
        one for one in judged(template, REQUEST, json.dumps(document).encode()) if stem in one.name
    )
    if case.outcome is Outcome.PASSED:
        answer = cedarpy.is_authorized(
            {"context": {}, **document},
            "".join(path.read_text() for path in PHOTOS.glob("*.cedar")),
            (PHOTOS / "tests/cedarentities.json").read_text(),
            (PHOTOS / "cedarschema.json").read_text(),
        )
        assert answer.decision is cedarpy.Decision.Allow


POLICY = (PHOTOS / "Photo-owner.cedar").read_text()
PIECES = [
    *WORDS,
    "resource",
    "forbid",
    "labels",
    ".",
    "owner",
    "==",
    "&&",
    '"x"',
    "1",
    "\n",
    "// ;",
]


@settings(run_often, max_examples=150)
@given(data=st.data())
def test_a_policy_passes_if_and_only_if_the_engine_finds_it_valid(
    template: Path, data: st.DataObject
) -> None:
    text = POLICY
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 12, len(text))))
        piece = data.draw(st.sampled_from(["", *PIECES]))
        text = f"{text[:start]}{piece}{text[end:]}"
    cases = judged(template, "Photo-owner.cedar", text.encode())
    (case,) = (one for one in cases if one.name == "validate Photo-owner.cedar")
    valid = cedarpy.validate_policies(text, (PHOTOS / "cedarschema.json").read_text())
    if not split(text):
        assert case.outcome is Outcome.SKIPPED
    else:
        assert (case.outcome is Outcome.PASSED) == valid.validation_passed, text


# --- Known cases --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'[{"uid": {"type": "A", "id": "\\ud800"}, "attrs": {}, "parents": []}]',
        b'{"principal": "A::\\"a\\"", "action": 1e400, "resource": NaN}',
        b"permit" + b"(" * 50_000,
        WHEN + b"(" * 5_000 + b"true" + b")" * 5_000 + b"};",
        WHEN + b"if true then true else " * 9_000 + b"true};",
        WHEN + b"principal" + b".a" * 200_000 + b"};",
        WHEN + b"principal has a" + b".a" * 200_000 + b"};",
        b"entity A {x: " + b"Set<" * 50_000 + b"Long" + b">" * 50_000 + b"};",
        b'[{"principal": ' + b"9" * 10_000 + b"}]",
        b'{"context": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b"}",
        b"permit(principal, action, resource) when { " + b"!" * 5_000 + b"true };",
        "\N{BYTE ORDER MARK}permit(principal, action, resource);".encode(),
    ],
)
def test_known_ways_to_hurt_a_parser(template: Path, name: str, content: bytes) -> None:
    judged(template, name, content)


@pytest.mark.parametrize("content", [b"", b"permit(", b"\xff", b"[]", b'{"a": 1}'])
@pytest.mark.parametrize("name", ["Photo-owner.cedar", REQUEST, "cedarschema.json"])
def test_what_is_broken_never_passes(template: Path, name: str, content: bytes) -> None:
    stem = Path(name).name.split(".")[0]
    about = [case for case in judged(template, name, content) if stem in case.name]
    assert about
    assert Outcome.PASSED not in {case.outcome for case in about}
