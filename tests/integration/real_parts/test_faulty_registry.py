"""Proof of the faulty registry: each fault is what a client would meet."""

import base64

import pytest
import requests

from tests.real_parts.faulty_registry import FaultyRegistry
from tests.real_parts.images import OCI_MANIFEST, Image, Repository, digest_of
from tests.real_parts.notation import NotationHome


@pytest.fixture
def image(repository: Repository) -> Image:
    return repository.push_image(tag="v1")


@pytest.fixture
def url(faulty: FaultyRegistry, repository: Repository) -> str:
    return f"http://{faulty.address}/v2/{repository.name}"


def test_without_faults_it_is_the_registry(
    faulty: FaultyRegistry, repository: Repository, image: Image, url: str
) -> None:
    through = Repository(faulty.address, repository.name).push_image(tag="v2")
    assert repository.manifest_bytes("v2") == repository.manifest_bytes(through.digest)
    head = requests.head(f"{url}/manifests/v1", timeout=10)
    assert head.headers["Docker-Content-Digest"] == image.digest
    assert head.headers["Content-Length"] == str(image.size)


def test_it_throttles_as_often_as_it_was_told(
    faulty: FaultyRegistry, image: Image, url: str
) -> None:
    faulty.throttle(times=2, retry_after="3")
    answers = [requests.get(f"{url}/manifests/v1", timeout=10) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert [seen.status for seen in faulty.seen] == [429, 429, 200]


def test_it_fails_resets_and_speaks_html(faulty: FaultyRegistry, image: Image, url: str) -> None:
    faulty.fail(503, times=1)
    assert requests.get(f"{url}/manifests/v1", timeout=10).status_code == 503
    faulty.html(times=1)
    assert "<html>" in requests.get(f"{url}/manifests/v1", timeout=10).text
    faulty.reset(times=1)
    with pytest.raises(requests.ConnectionError, match="reset"):
        requests.get(f"{url}/manifests/v1", timeout=10)
    faulty.slow(30, times=1)
    with pytest.raises(requests.Timeout):
        requests.get(f"{url}/manifests/v1", timeout=0.2)
    assert requests.get(f"{url}/manifests/v1", timeout=10).ok


def test_it_gives_another_manifest_under_a_digest(
    faulty: FaultyRegistry, image: Image, url: str
) -> None:
    faulty.swap(image.digest, b"{}", OCI_MANIFEST)
    swapped = requests.get(f"{url}/manifests/{image.digest}", timeout=10)
    assert swapped.headers["Docker-Content-Digest"] == image.digest
    assert digest_of(swapped.content) != image.digest


def test_basic_credentials_must_be_right(faulty: FaultyRegistry, image: Image, url: str) -> None:
    faulty.require_basic("AWS", "secret")
    refused = requests.get(f"{url}/manifests/v1", timeout=10)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert requests.get(f"{url}/manifests/v1", auth=("AWS", "wrong"), timeout=10).status_code == 401
    assert requests.get(f"{url}/manifests/v1", auth=("AWS", "secret"), timeout=10).ok


def test_a_token_of_its_server_is_needed_and_only_for_its_scope(
    faulty: FaultyRegistry, repository: Repository, image: Image, url: str
) -> None:
    faulty.require_token("ci", "secret")
    refused = requests.get(f"{url}/manifests/v1", timeout=10)
    scope = f"repository:{repository.name}:pull"
    assert refused.headers["WWW-Authenticate"] == (
        f'Bearer realm="http://{faulty.address}/token",service="registry.test",scope="{scope}"'
    )
    server = f"http://{faulty.address}/token"
    query = {"service": "registry.test", "scope": scope}
    assert requests.get(server, params=query, timeout=10).status_code == 401
    token = requests.get(server, params=query, auth=("ci", "secret"), timeout=10).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{url}/manifests/v1", headers=bearer, timeout=10).ok
    push = requests.post(f"{url}/blobs/uploads/", headers=bearer, timeout=10)
    assert push.status_code == 401
    basic = base64.b64encode(b"ci:secret").decode()
    instead = {"Authorization": f"Basic {basic}"}
    assert requests.get(f"{url}/manifests/v1", headers=instead, timeout=10).status_code == 401


@pytest.mark.parametrize("kind", ["basic", "token"])
def test_notation_logs_in(
    faulty: FaultyRegistry, repository: Repository, notation_home: NotationHome, kind: str
) -> None:
    through = f"{faulty.address}/{repository.name}@{repository.push_image().digest}"
    (faulty.require_basic if kind == "basic" else faulty.require_token)("ci", "secret")
    who = {"NOTATION_USERNAME": "ci", "NOTATION_PASSWORD": "secret"}
    listed = notation_home.succeed("list", "--insecure-registry", through, environ=who)
    assert "has no associated signature" in listed.stdout
    refused = notation_home.run(
        "list", "--insecure-registry", through, environ=who | {"NOTATION_PASSWORD": "wrong"}
    )
    assert refused.returncode == 1
    assert "response status code 401" in refused.stderr
