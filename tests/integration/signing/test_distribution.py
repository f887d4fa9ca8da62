"""Registries by the protocol: real ones, and one that misbehaves."""

import json
from pathlib import Path

import pytest

from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
)
from buildsteps.steps.signing.registries.interface import SIGNATURE_TYPE, Registry
from buildsteps.world import World
from buildsteps.world.http_requests import SystemHttp
from tests.real_parts.certificates import chain
from tests.real_parts.faulty_registry import FaultyRegistry
from tests.real_parts.images import OCI_INDEX, Image, Repository
from tests.real_parts.notation import NotationHome
from tests.world_double import StillClock, fake_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with real web services, in which pauses take no time."""
    return fake_world(
        tmp_path, environ={"HOME": str(tmp_path)}, http=SystemHttp("test", StillClock())
    )


def opened(reference: ImageReference, world: World, sole: str = "") -> Registry:
    return Registries(world, [reference.registry], sole).of(reference)


def through(proxy: FaultyRegistry, image: Image) -> ImageReference:
    """The image as it is seen through the proxy."""
    return parse_reference(image.reference.replace(image.repository.split("/")[0], proxy.address))


@pytest.fixture
def image(repository: Repository) -> Image:
    return repository.push_image(tag="v1")


@pytest.fixture
def proxied(faulty: FaultyRegistry, image: Image) -> ImageReference:
    return through(faulty, image)


def test_a_tag_becomes_a_digest_by_head_alone(
    faulty: FaultyRegistry, image: Image, proxied: ImageReference, world: World
) -> None:
    tagged = ImageReference(proxied.registry, proxied.repository, tag="v1")
    found = opened(tagged, world).resolve(tagged)
    assert (found.digest, found.media_type, found.size) == (
        image.digest,
        image.media_type,
        image.size,
    )
    assert [seen.method for seen in faulty.seen] == ["HEAD"]


@pytest.mark.parametrize("docker", [False, True])
def test_an_index_gives_its_platforms(
    docker: bool, any_repository: Repository, world: World
) -> None:
    index = any_repository.push_index(docker=docker, attested=True)
    reference = parse_reference(index.reference)
    manifest = opened(reference, world).manifest(reference)
    assert manifest.descriptor.is_index
    assert [p.platform for p in manifest.platforms] == ["linux/amd64", "linux/arm64"]
    assert [p.digest for p in manifest.platforms] == [p.digest for p in index.platforms]


@pytest.mark.parametrize("name", ["missing:v1", f"missing@sha256:{'0' * 64}"])
def test_an_image_that_is_not_there_is_told_apart(name: str, any_host: str, world: World) -> None:
    reference = parse_reference(f"{any_host}/{name}")
    for ask in (opened(reference, world).resolve, opened(reference, world).manifest):
        with pytest.raises(NoSuchImageError, match=f"{name}: there is no such image"):
            ask(reference)


def test_signatures_are_listed_by_the_api_or_the_tag(
    any_repository: Repository, notation_home: NotationHome, world: World
) -> None:
    image = any_repository.push_image()
    other = any_repository.push_image()
    signer = chain("us")
    for _ in range(2):
        notation_home.sign_locally(image.reference, signer, "--force-referrers-tag=false")
    reference = parse_reference(image.reference)
    registry = opened(reference, world)
    found = registry.referrers(reference, SIGNATURE_TYPE)
    assert len(found.descriptors) == 2
    assert {d.artifact_type for d in found.descriptors} == {SIGNATURE_TYPE}
    assert registry.referrers(reference, "other/type").descriptors == ()
    assert registry.referrers(parse_reference(other.reference)).descriptors == ()


def test_a_signature_is_taken_out_of_the_index_and_deleted(
    any_repository: Repository, notation_home: NotationHome, world: World
) -> None:
    image = any_repository.push_image()
    signer = chain("us")
    for _ in range(2):
        notation_home.sign_locally(image.reference, signer, "--force-referrers-tag=false")
    reference = parse_reference(image.reference)
    registry = opened(reference, world)
    gone, stays = registry.referrers(reference).descriptors
    assert gone.digest in {d.digest for d in registry.tagged_referrers(reference)}
    assert registry.detach(reference, gone.digest)
    assert not registry.detach(reference, gone.digest)
    assert [d.digest for d in registry.tagged_referrers(reference)] == [stays.digest]
    registry.delete(reference.at(gone.digest))
    assert [d.digest for d in registry.referrers(reference).descriptors] == [stays.digest]
    with pytest.raises(NoSuchImageError):
        registry.delete(reference.at(gone.digest))


def test_other_bytes_under_a_digest_are_refused(
    faulty: FaultyRegistry, proxied: ImageReference, world: World
) -> None:
    faulty.swap(proxied.digest, b'{"mediaType":"x","manifests":[]}', OCI_INDEX)
    with pytest.raises(RegistryError, match="the registry gave other bytes"):
        opened(proxied, world).manifest(proxied)


def test_throttling_failures_and_resets_are_tried_again(
    faulty: FaultyRegistry, proxied: ImageReference, world: World
) -> None:
    faulty.throttle(times=1)
    faulty.fail(503, times=1)
    faulty.reset(times=1)
    assert opened(proxied, world).resolve(proxied).digest == proxied.digest
    assert [seen.status for seen in faulty.seen] == [429, 503, 0, 200]


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [
        (429, RegistryReason.BUSY, r"too many requests \(429\): UNKNOWN: on demand"),
        (500, RegistryReason.BUSY, r"the registry failed \(500\): UNKNOWN: on demand"),
        (403, RegistryReason.REFUSED, r"access is denied \(403\): UNKNOWN: on demand"),
        (405, RegistryReason.UNSUPPORTED, r"the registry does not do that \(405\)"),
        (418, RegistryReason.MALFORMED, r"the registry answered with status 418"),
    ],
)
def test_a_refusal_says_why(
    status: int,
    reason: RegistryReason,
    sentence: str,
    faulty: FaultyRegistry,
    proxied: ImageReference,
    world: World,
) -> None:
    faulty.fail(status)
    with pytest.raises(RegistryError, match=sentence) as told:
        opened(proxied, world).manifest(proxied)
    assert told.value.reason is reason


def test_a_web_page_is_no_manifest(
    faulty: FaultyRegistry, proxied: ImageReference, world: World
) -> None:
    faulty.html()
    for ask in (opened(proxied, world).resolve, opened(proxied, world).referrers):
        with pytest.raises(RegistryError, match=r"the answer is a web page|gave other bytes"):
            ask(proxied)


def test_a_huge_manifest_is_not_read_to_its_end(repository: Repository, world: World) -> None:
    reference = parse_reference(repository.push_image(padding=4 * 1024 * 1024).reference)
    with pytest.raises(RegistryError, match="the answer is larger than 4 MiB"):
        opened(reference, world).manifest(reference)


def test_a_registry_on_http_must_be_named_even_on_loopback(image: Image, world: World) -> None:
    reference = parse_reference(image.reference)
    with pytest.raises(RegistryError) as told:
        Registries(world).of(reference).resolve(reference)
    assert str(told.value) == (
        f"{reference.registry} does not speak TLS; if that is as it should be, name it with "
        f"--insecure-registry {reference.registry}"
    )


def with_credentials(world: World, tmp_path: Path, host: str, password: str = "secret") -> World:
    import base64

    auth = base64.b64encode(f"me:{password}".encode()).decode()
    (tmp_path / ".docker").mkdir(exist_ok=True)
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return world


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_a_registry_that_asks_gets_the_credentials_of_dockers_file(
    kind: str, faulty: FaultyRegistry, proxied: ImageReference, world: World, tmp_path: Path
) -> None:
    (faulty.require_basic if kind == "basic" else faulty.require_token)("me", "secret")
    registry = opened(proxied, with_credentials(world, tmp_path, faulty.address))
    assert registry.resolve(proxied).digest == proxied.digest
    before = len(faulty.seen)
    registry.manifest(proxied)
    assert len(faulty.seen) == before + 1  # logged in once


def test_another_repository_gets_a_token_of_its_own(
    faulty: FaultyRegistry, proxied: ImageReference, registry_host: str, world: World
) -> None:
    faulty.require_token()
    other = through(faulty, Repository(registry_host, "team/other").push_image())
    registry = opened(proxied, world)
    registry.resolve(proxied)
    registry.resolve(other)
    assert sum("/token" in seen.path for seen in faulty.seen) == 2


def test_a_token_that_ran_out_is_replaced(
    faulty: FaultyRegistry, proxied: ImageReference, world: World
) -> None:
    faulty.require_token()
    registry = opened(proxied, world)
    registry.resolve(proxied)
    faulty.require_token()  # knows none of the tokens of before
    assert registry.resolve(proxied).digest == proxied.digest


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_wrong_and_missing_credentials_are_told_apart(
    kind: str, faulty: FaultyRegistry, proxied: ImageReference, world: World, tmp_path: Path
) -> None:
    (faulty.require_basic if kind == "basic" else faulty.require_token)("me", "secret")
    with pytest.raises(RegistryError, match="asks for user and password, and there are none: run"):
        opened(proxied, world).resolve(proxied)
    with_credentials(world, tmp_path, faulty.address, "wrong")
    with pytest.raises(RegistryError, match=r"refused \(401\)|access is denied \(401\)") as told:
        opened(proxied, world).resolve(proxied)
    assert told.value.reason is RegistryReason.REFUSED
    assert "wrong" not in str(told.value)


def test_delete_asks_for_a_token_that_may_delete(
    faulty: FaultyRegistry, proxied: ImageReference, world: World
) -> None:
    faulty.require_token()
    registry = opened(proxied, world)
    registry.resolve(proxied)
    registry.delete(proxied)
    with pytest.raises(NoSuchImageError):
        registry.resolve(proxied)


def test_a_registry_that_does_not_delete_is_told_apart(
    faulty: FaultyRegistry, proxied: ImageReference, world: World
) -> None:
    faulty.fail(405, match="^DELETE")
    with pytest.raises(RegistryError) as told:
        opened(proxied, world).delete(proxied)
    assert told.value.reason is RegistryReason.UNSUPPORTED
