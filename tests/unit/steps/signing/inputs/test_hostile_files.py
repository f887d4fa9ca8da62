import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.steps.signing.inputs.detect import KINDS
from tests.unit.steps.signing.reading import read

KEYS = st.sampled_from(
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "spec",
        "template",
        "jobTemplate",
        "items",
        "containers",
        "volumes",
        "initContainers",
        "ephemeralContainers",
        "image",
        "reference",
        "imageUri",
        "ImageURI",
        "containerDefinitions",
        "family",
        "taskDefinition",
        "services",
        "build",
        "extends",
        "containerimage.digest",
        "image.name",
        "buildx.build.ref",
        "version",
        "dockerImages",
        "files",
        "artifacts",
        "destinations",
        "repositoryName",
        "imageTag",
        "region",
        "assumeRoleArn",
        "displayName",
    ]
)
WORDS = st.sampled_from(
    [
        "",
        "v1",
        "apps/v1",
        "Deployment",
        "Pod",
        "List",
        "nginx",
        "a:b@c",
        "<X>",
        "${A:-b}",
        "$",
        "-x",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)
FILES = [
    {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {}}}},
    {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}], "volumes": [{}]}},
    {"apiVersion": "v1", "kind": "List", "items": [{"spec": {}}]},
    [{"name": "a", "imageUri": "x"}],
    {"ImageURI": "x"},
    {"taskDefinition": {"containerDefinitions": [{"name": "a"}], "family": "f"}},
    {"services": {"a": {"image": "x"}}},
    {"t": {"containerimage.digest": "x", "image.name": "y"}},
    {"version": "1", "dockerImages": {"a": {"destinations": {"d": {"repositoryName": "r"}}}}},
]


def replaced(value: Any, path: list[int], new: Any) -> Any:
    """``value`` with one value below it, found by ``path``, replaced."""
    if not path or not isinstance(value, dict | list) or not value:
        return new
    if isinstance(value, list):
        at = path[0] % len(value)
        return [*value[:at], replaced(value[at], path[1:], new), *value[at + 1 :]]
    key = sorted(value)[path[0] % len(value)]
    return {**value, key: replaced(value[key], path[1:], new)}


def is_read_or_told(data: bytes) -> None:
    try:
        read(data)
    except UsageError as error:
        assert error.location is not None
        assert error.message


@given(VALUES)
def test_any_value_is_read_or_told(value: object) -> None:
    is_read_or_told(json.dumps(value).encode())


@given(st.sampled_from(FILES), st.lists(st.integers(0, 7), max_size=7), VALUES)
def test_any_value_anywhere_in_any_kind_of_file_is_read_or_told(
    file: Any, path: list[int], value: object
) -> None:
    is_read_or_told(json.dumps(replaced(file, path, value)).encode())


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    is_read_or_told(data)


POD = "apiVersion: v1\nkind: Pod\nspec: "


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "file: is empty: no image can come of it"),
        (b"\xef\xbb\xbf \n---\n# nothing\n", "file: is empty: no image can come of it"),
        ("a: b".encode("utf-16"), "file: is UTF-16, not UTF-8; save it as UTF-8"),
        ("a: b".encode("utf-16-le"), "file: is binary, not text"),
        (b"\x7fELF\0\0", "file: is binary, not text"),
        (b"a: b\nc: \xff\n", "file:2: is not UTF-8 (byte 0xff); save it as UTF-8"),
        (b"\xef\xbb\xbf\xff", "file:1: is not UTF-8 (byte 0xff); save it as UTF-8"),
        (b"{", "file:1:2: not valid JSON: a key in quotes is expected"),
        (b"a: [", "file:2:1: not valid YAML: while parsing a flow node"),
        ((POD + "[" * 200).encode(), "file:3:106: is nested more than 100 levels deep"),
        (b"[" * 100_000, "file:1:102: is nested more than 100 levels deep"),
        ((POD + "[" * 100_000).encode(), "exceeded maximum nesting depth"),
        (b"apiVersion: v1\nkind: Pod\nspec: &a\n  b: *a\n", "an alias that contains itself"),
        (b"just text", "file: is none of the files that name images; known are: Kubernetes"),
        (b"image:\n  tag: 1\n", "file: is none of the files that name images"),
        (b"[]", "file: is none of the files that name images"),
    ],
)
def test_a_hostile_file_is_told_in_one_sentence(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_alias_bomb_over_several_documents_is_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdef", "abcde", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    with pytest.raises(UsageError, match="grows to more than 1,000,000 values"):
        read("---\n".join([bomb, bomb]))


def test_every_kind_is_tried_by_these_tests() -> None:
    from buildsteps.steps.signing.inputs.document import parse_document

    documents = [parse_document("x", json.dumps(file).encode()) for file in FILES]
    assert {kind.NAME for kind in KINDS for document in documents if kind.recognises(document)} == {
        kind.NAME for kind in KINDS
    }
