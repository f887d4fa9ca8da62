"""Proof of the images: a registry takes them, and they are what their manifests say."""

import json

import pytest

from tests.real_parts.images import DOCKER_INDEX, DOCKER_MANIFEST, Repository, digest_of


@pytest.mark.parametrize("docker", [False, True])
def test_an_image_is_there_by_digest_and_by_tag(any_repository: Repository, docker: bool) -> None:
    image = any_repository.push_image(tag="v1", docker=docker)
    content = any_repository.manifest_bytes("v1")
    assert content == any_repository.manifest_bytes(image.digest)
    assert digest_of(content) == image.digest
    assert (json.loads(content)["mediaType"] == DOCKER_MANIFEST) == docker
    layer = json.loads(content)["layers"][0]
    assert digest_of(any_repository.blob_bytes(layer["digest"])) == layer["digest"]


@pytest.mark.parametrize("docker", [False, True])
def test_an_index_names_its_platforms(repository: Repository, docker: bool) -> None:
    index = repository.push_index(tag="v1", docker=docker)
    manifest = json.loads(repository.manifest_bytes("v1"))
    assert [entry["platform"]["architecture"] for entry in manifest["manifests"]] == [
        "amd64",
        "arm64",
    ]
    assert (manifest["mediaType"] == DOCKER_INDEX) == docker
    assert [image.digest for image in index.platforms] == [
        entry["digest"] for entry in manifest["manifests"]
    ]


def test_an_attested_index_has_an_unknown_platform_for_each_image(repository: Repository) -> None:
    index = repository.push_index(platforms=["linux/amd64", "linux/arm/v7"], attested=True)
    manifest = json.loads(repository.manifest_bytes(index.digest))
    last = manifest["manifests"][-1]
    assert len(manifest["manifests"]) == 4
    assert last["platform"] == {"os": "unknown", "architecture": "unknown"}
    assert last["annotations"]["vnd.docker.reference.digest"] == index.platforms[1].digest
    assert manifest["manifests"][1]["platform"]["variant"] == "v7"


def test_a_tag_can_be_made_to_mean_another_image(repository: Repository) -> None:
    ours, theirs = repository.push_image(tag="v1"), repository.push_image()
    repository.retag("v1", theirs)
    assert digest_of(repository.manifest_bytes("v1")) == theirs.digest != ours.digest


def test_a_manifest_can_be_huge(repository: Repository) -> None:
    assert repository.push_image(padding=5_000_000).size > 5_000_000
