"""Whatever stands in the files, the step answers with a report or one sentence."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.errors import BuildstepsError
from buildsteps.results import Case, Outcome, Report
from buildsteps.steps.cedar.settings import ValidateOptions
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


def judged(template: Path, name: str, content: bytes) -> list[Case]:
    """The cases of the store with one file replaced; a sentence counts as no case."""
    before = (template / name).read_bytes() if (template / name).exists() else None
    try:
        (template / name).write_bytes(content)
        report = collect(ValidateOptions(), fake_world(template))
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


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'[{"uid": {"type": "A", "id": "\\ud800"}, "attrs": {}, "parents": []}]',
        b'{"principal": "A::\\"a\\"", "action": 1e400, "resource": NaN}',
        b"permit" + b"(" * 50_000,
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
