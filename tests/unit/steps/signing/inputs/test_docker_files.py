import json

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.signing.inputs.interpolation import UnresolvedError, interpolate
from tests.unit.steps.signing.reading import read, spans, told

DIGEST = "sha256:" + "0123456789abcdef" * 4
ENVIRON = {"TAG": "v2", "EMPTY": ""}

COMPOSE = """\
x-image: &image example.com/base:1
services:
  web: {image: "example.com/web:${TAG:-v1}"}
  base: {image: *image}
  job:
    image: ${REGISTRY:-example.com}/job:${JOB:-${TAG:-1}}
  built: {build: .}
  both: {build: ., image: example.com/both}
  nothing: {command: x}
  extended: {extends: {service: web}}
"""


def test_every_service_of_a_compose_file_is_read() -> None:
    uses = read(COMPOSE, ENVIRON)
    assert told(uses) == [
        ("service web", "example.com/web:${TAG:-v1}"),
        ("service base", "example.com/base:1"),
        ("service job", "${REGISTRY:-example.com}/job:${JOB:-${TAG:-1}}"),
        ("service both", "example.com/both"),
    ]
    assert [str(use.reference) for use in uses.uses] == [
        "example.com/web:v2",
        "example.com/base:1",
        "example.com/job:v2",
        "example.com/both",
    ]
    assert spans(COMPOSE, uses) == ["", "example.com/base:1", "", "example.com/both"]
    assert [one.message for one in uses.findings] == [
        "service built is built by Compose (`build:` without `image:`): "
        "its image has no name to judge",
        "service nothing names no image",
    ]


def test_images_of_other_files_are_told_and_image_volumes_read() -> None:
    uses = read(
        "include: [other.yaml]\n"
        "services:\n"
        "  a: {extends: {file: x.yaml, service: b}}\n"
        "  p: {provider: {type: model}}\n"
        "  v: {image: x/v, volumes: [{type: image, source: x/data:1, target: /d}, './a:/b']}\n"
    )
    assert told(uses) == [("service v", "x/v"), ("service v, image volume", "x/data:1")]
    assert [one.message for one in uses.findings] == [
        "the project takes in other files (`include`): their images are not judged",
        "service a extends a service of another file: its image is not judged",
    ]


def test_a_variable_that_is_not_set_is_told() -> None:
    uses = read("services: {web: {image: 'x:${TAG}'}}")
    assert not uses.uses
    assert [(one.rule, one.message) for one in uses.findings] == [
        (
            "image-placeholder",
            "service web has the image `x:${TAG}`: the variable TAG is not set; "
            "its image is not judged",
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$TAG-x", "v2-x"),
        ("${TAG}", "v2"),
        ("$$TAG", "$TAG"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${EMPTY}", ""),
        ("${NONE-d}", "d"),
        ("${TAG:-d}", "v2"),
        ("${TAG:+r}", "r"),
        ("${EMPTY:+r}", ""),
        ("${EMPTY+r}", "r"),
        ("${NONE+r}", ""),
        ("${NONE:-${TAG}}", "v2"),
        ("${TAG:-${NONE}}", "v2"),
        ("${NONE:-a}b}", "ab}"),
        ("${NONE:-${EMPTY:-${TAG}x}y}", "v2xy"),
        ("${TAG:?must}", "v2"),
        ("plain}", "plain}"),
    ],
)
def test_variables_are_resolved_as_compose_does(text: str, expected: str) -> None:
    assert interpolate(text, ENVIRON) == expected


@pytest.mark.parametrize(
    "text",
    ["${NONE}", "$NONE", "${NONE:?x}", "${EMPTY:?x}", "${", "${}", "$", "$1", "${TAG", "${TAG:-x",
     "${NONE:-" * 30 + "}" * 30],
)  # fmt: skip
def test_a_variable_that_cannot_be_resolved_is_told(text: str) -> None:
    with pytest.raises(UnresolvedError):
        interpolate(text, ENVIRON)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: {a: x}", "service a is a mapping, found text `x`"),
        ("services: {a: {image: 1.5}}", "an image is text"),
        ("services: {a: {image: 'A:${TAG-}'}}", "is no image reference"),
    ],
)
def test_a_wrong_compose_file_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(text)


def test_a_build_gives_every_name_at_its_digest() -> None:
    text = json.dumps(
        {"containerimage.digest": DIGEST, "image.name": "example.com/a:1,docker.io/library/b:2"}
    )
    uses = read(text)
    assert [str(use.reference) for use in uses.uses] == [
        f"example.com/a@{DIGEST}",
        f"docker.io/library/b@{DIGEST}",
    ]
    assert spans(text, uses) == ["", ""]


def test_a_bake_gives_every_target() -> None:
    one = {"containerimage.digest": DIGEST, "image.name": "example.com/a:1"}
    uses = read(
        json.dumps({"web": one, "buildx.build.warnings": [], "x": {"buildx.build.ref": "r"}})
    )
    assert [use.where for use in uses.uses] == ["target web"]
    assert [one.rule for one in uses.findings] == ["image-missing"]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"image.name": "a"}, "has no `containerimage.digest`: build it with --push"),
        ({"image.name": "a", "containerimage.digest": "x"}, "is no digest"),
        ({"image.name": 1, "containerimage.digest": DIGEST}, "`image.name` is text"),
        ({"image.name": "A", "containerimage.digest": DIGEST}, "is no image reference"),
    ],
)
def test_a_build_that_was_not_pushed_or_is_wrong_is_told(result: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(json.dumps(result))
