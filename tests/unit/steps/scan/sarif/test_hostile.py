"""Whatever the bytes are: sightings and cases, never a traceback, and no place outside."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.steps.scan.sighting import Scanned
from tests.real_parts.record_sarif import ARGUMENTS, recording
from tests.sarif_logs import log, result, scans, sighting

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["error", "pass", "../x", "file:///etc/passwd", "%", "a\0b", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """An empty source root."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


def read(data: bytes, folder: Path) -> tuple[Scanned, ...]:
    """Read, and hold what must always hold."""
    found = scans(data, folder)
    assert found
    for one in found:
        assert one.partial == bool(one.cases)
        for seen in one.sightings:
            assert seen.message
            assert seen.rule
            for place in seen.locations:
                assert not place.path.startswith(("/", ".."))
                assert place.line is None or place.line >= 1
                assert place.column is None or place.column >= 1
    return found


@QUICK
@given(st.binary())
def test_any_bytes(folder: Path, data: bytes) -> None:
    read(data, folder)


@QUICK
@given(JSON)
def test_any_json(folder: Path, value: Any) -> None:
    read(json.dumps(value).encode(), folder)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value in a JSON tree; of long lists only the first few."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:3]):
            yield from paths_of(inner, (*path, number))


PARSED = {name: json.loads(recording(name).read_bytes()) for name in ARGUMENTS}
PLACES = [
    (name, path)
    for name, value in PARSED.items()
    for path in paths_of(value)
    if path and "codeFlows" not in path
]


@settings(QUICK, max_examples=400)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_real_sarif_in_which_one_value_is_anything(
    folder: Path, place: tuple[str, tuple[Any, ...]], value: Any
) -> None:
    name, path = place
    whole = json.loads(json.dumps(PARSED[name]))
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    read(json.dumps(whole).encode(), folder)


@settings(QUICK, max_examples=100)
@given(name=st.sampled_from(sorted(ARGUMENTS)), data=st.data())
def test_real_sarif_with_bytes_changed_or_cut_off(
    folder: Path, name: str, data: st.DataObject
) -> None:
    whole = recording(name).read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    put = data.draw(st.binary(max_size=4))
    read(whole[:at] + put + whole[at + len(put) :], folder)
    read(whole[:at], folder)


@QUICK
@given(uri=st.text(), base=st.text(), chain=st.dictionaries(st.text(), st.text(), max_size=3))
def test_any_uri_and_any_bases(folder: Path, uri: str, base: str, chain: dict[str, str]) -> None:
    one = result()
    location = {"uri": uri, "uriBaseId": base}
    one["locations"][0]["physicalLocation"]["artifactLocation"] = location
    bases = {name: {"uri": text, "uriBaseId": base} for name, text in chain.items()}
    read(log(one, originalUriBaseIds=bases), folder)


@pytest.mark.parametrize("wrong", [0, "x", [], {}, True, [[]], {"a": {}}])
@pytest.mark.parametrize(
    "key", ["tool", "results", "invocations", "artifacts", "originalUriBaseIds", "columnKind"]
)
def test_a_part_of_another_type_is_named(key: str, wrong: Any, folder: Path) -> None:
    for found in read(log(**{key: wrong}), folder):
        for case in found.cases:
            assert case.kind in {"broken-sarif", "not-run"}


def test_a_gigabyte_of_nesting_is_refused_at_once(folder: Path) -> None:
    deep = b"[" * 10_000_000
    for data in (
        b'{"version": "2.1.0", "runs": ' + deep,
        b'{"version": "2.1.0", "runs": [{"results": ' + deep,
        log(result(properties={"tags": "?"})).replace(b'"?"', deep[:5000] + b"]" * 5000),
    ):
        (found,) = read(data, folder)
        assert "nested too deeply" in found.cases[0].message


def test_html_and_control_characters_stay_text(folder: Path) -> None:
    text = "<img src=x onerror=alert(1)>\x1b[31m\0\u202e"
    assert sighting(log(result(message={"text": text})), folder).message == text


def test_a_name_longer_than_any_file_system_allows_is_a_file_that_is_not_there(
    folder: Path,
) -> None:
    found = sighting(log(result("a" * 100_000)), folder)
    assert len(found.locations) == 1
