import json
from typing import Any

import pytest

from buildsteps.steps.signing.registries.answers import descriptors_of, manifest_of, sha256_of
from buildsteps.steps.signing.registries.errors import RegistryError, RegistryReason

IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DIGEST = f"sha256:{'a' * 64}"


def encoded(content: Any) -> bytes:
    return json.dumps(content).encode()


def entry(**more: Any) -> dict[str, Any]:
    return {"mediaType": IMAGE, "digest": DIGEST, "size": 7, **more}


def refused(body: bytes, media_type: str = IMAGE) -> str:
    with pytest.raises(RegistryError) as told:
        manifest_of(body, media_type, "", "web")
    assert told.value.reason is RegistryReason.MALFORMED
    return str(told.value)


def test_a_manifest_is_described_by_its_own_bytes() -> None:
    body = encoded({"mediaType": IMAGE, "config": {}, "layers": [], "artifactType": "a/b"})
    descriptor = manifest_of(body, IMAGE, sha256_of(body), "web").descriptor
    assert descriptor.digest == sha256_of(body)
    assert (descriptor.media_type, descriptor.size) == (IMAGE, len(body))
    assert descriptor.artifact_type == "a/b"


def test_other_bytes_than_were_asked_for_are_refused() -> None:
    with pytest.raises(RegistryError, match="web: the registry gave other bytes, whose digest is"):
        manifest_of(encoded({"config": {}, "layers": []}), IMAGE, DIGEST, "web")


def test_an_index_gives_its_platforms_but_no_attestations() -> None:
    arm = {"os": "linux", "architecture": "arm", "variant": "v7"}
    unknown = {"os": "unknown", "architecture": "unknown"}
    index = {"manifests": [entry(platform=arm), entry(platform=unknown)]}
    manifest = manifest_of(encoded(index), INDEX, "", "web")
    assert manifest.descriptor.is_index
    assert [platform.platform for platform in manifest.platforms] == ["linux/arm/v7"]


def test_without_a_type_the_content_decides() -> None:
    image = manifest_of(encoded({"config": {}, "layers": []}), "application/json", "", "web")
    index = manifest_of(encoded({"manifests": []}), "", "", "web")
    assert (image.descriptor.media_type, index.descriptor.media_type) == (IMAGE, INDEX)


@pytest.mark.parametrize(
    "content",
    [
        {"manifests": [], "layers": []},
        {"manifests": [], "config": {}},
        {"mediaType": IMAGE, "manifests": []},
        {"mediaType": INDEX, "layers": [], "config": {}},
    ],
)
def test_a_manifest_that_could_be_read_two_ways_is_refused(content: dict[str, Any]) -> None:
    assert "the manifest is" in refused(encoded(content))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html>", "web: the answer is a web page; is this a registry?"),
        (b"", "web: the answer is no JSON object; is this a registry?"),
        (b"[]", "web: the answer is no JSON object; is this a registry?"),
        (b"\xff\xfe", "web: the answer is no JSON object; is this a registry?"),
        (b'{"a":' * 100_000, "web: the answer is no JSON object; is this a registry?"),
    ],
)
def test_what_is_no_manifest_is_one_sentence(body: bytes, sentence: str) -> None:
    assert refused(body) == sentence


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest": "sha256:../../x"},
        {"digest": 5},
        {"size": -1},
        {"size": "7"},
        {"mediaType": []},
        {"platform": "linux"},
        {"annotations": {"a": 1}},
    ],
)
def test_an_index_with_a_wrong_entry_is_refused(wrong: dict[str, Any]) -> None:
    assert "web: the index" in refused(encoded({"manifests": [entry(**wrong)]}), INDEX)


@pytest.mark.parametrize("wrong", [{"artifactType": 5}, {"annotations": ["x"]}])
def test_annotations_must_be_text(wrong: dict[str, Any]) -> None:
    assert "no text" in refused(encoded({"config": {}, "layers": [], **wrong}))


def test_an_index_without_manifests_lists_nothing() -> None:
    assert descriptors_of(b"{}", "web") == ()
    assert descriptors_of(b'{"manifests":null}', "web") == ()
