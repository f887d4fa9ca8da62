"""A registry that lies: each lie is one sentence, and no credentials go astray."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.distribution import DistributionRegistry
from buildsteps.steps.signing.registries.errors import RegistryError
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world.http import Response
from buildsteps.world.http_requests import SystemHttp
from tests.loopback_server import Answer, Asked, loopback
from tests.world_double import ScriptedHttp, StillClock, fake_world

DIGEST = f"sha256:{'a' * 64}"
INDEX = "application/vnd.oci.image.index.v1+json"
SECRET = Credentials("me", "secret")


def registry(host: str) -> DistributionRegistry:
    http = SystemHttp("test", StillClock())
    return DistributionRegistry(http, host, lambda: SECRET, insecure=True)


def page(number: int) -> bytes:
    entry = {"mediaType": INDEX, "digest": f"sha256:{number:064x}", "size": 1}
    return json.dumps({"manifests": [entry]}).encode()


def image(host: str) -> ImageReference:
    return parse_reference(f"{host}/web@{DIGEST}")


def told(answer: Callable[[Asked], Answer], method: str = "referrers") -> str:
    with loopback(answer) as server, pytest.raises(RegistryError) as error:
        getattr(registry(server.host), method)(image(server.host))
    return str(error.value)


def test_pages_are_followed() -> None:
    def answer(asked: Asked) -> Answer:
        last = asked.path.endswith("n=2")
        link = {} if last else {"link": f'</v2/web/referrers/{DIGEST}?n=2>; rel="next"'}
        return Answer(200, link, page(2 if last else 1))

    with loopback(answer) as server:
        found = registry(server.host).referrers(image(server.host))
    assert [int(d.digest[7:], 16) for d in found.descriptors] == [1, 2]
    assert not found.by_tag


def test_pages_in_a_circle_and_without_end_are_refused() -> None:
    def circle(_asked: Asked) -> Answer:
        return Answer(200, {"link": f'</v2/web/referrers/{DIGEST}>; rel="next"'}, page(1))

    def endless(asked: Asked) -> Answer:
        number = int(asked.path.partition("n=")[2] or 0) + 1
        link = f'</v2/web/referrers/{DIGEST}?n={number}>; rel="next"'
        return Answer(200, {"link": link}, page(number))

    assert "pages have no end" in told(circle)
    assert "pages have no end" in told(endless)


@pytest.mark.parametrize(
    "target", ["https://evil.example/v2/x", "/other", "http://[", "//evil/v2/"]
)
def test_a_next_page_elsewhere_is_refused(target: str) -> None:
    def answer(_asked: Asked) -> Answer:
        return Answer(200, {"link": f'<{target}>; rel="next"'}, page(1))

    assert "the next page is not at this registry" in told(answer)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(200, {}, b"[]"), "no JSON object"),
        (Answer(200, {}, b'{"manifests": 5}'), "the index is not as it must be"),
        (Answer(200, {}, b'{"manifests": [{"digest": "x"}]}'), "without a right digest and size"),
        (Answer(302, {"location": "/v2/again"}), "redirected more than 5 times"),
        (Answer(200, {}, b" " * 5_000_000), "larger than 4 MiB"),
    ],
)
def test_referrers_that_are_none_are_one_sentence(answer: Answer, sentence: str) -> None:
    assert sentence in told(lambda _asked: answer)


@pytest.mark.parametrize("digest", [f"sha256:{'b' * 64}", "sha256:x", "../../etc"])
def test_another_digest_than_was_asked_for_is_refused(digest: str) -> None:
    headers = {"docker-content-digest": digest, "content-type": INDEX}
    assert "another digest" in told(lambda _asked: Answer(200, headers), "resolve")


@pytest.mark.parametrize(
    "challenge",
    [
        'Bearer realm="http://user@127.0.0.1/token"',
        'Bearer realm="file:///etc/passwd"',
        'Bearer realm="http://["',
        "Bearer",
    ],
)
def test_a_token_server_with_a_strange_address_is_refused(challenge: str) -> None:
    answer = Answer(401, {"www-authenticate": challenge})
    assert "token server's address is not https" in told(lambda _asked: answer, "resolve")


def test_a_secure_registry_may_not_name_a_token_server_on_http() -> None:
    url = f"https://r.example/v2/web/manifests/{DIGEST}"
    challenge = {"www-authenticate": 'Bearer realm="http://r.example/token"'}
    http = ScriptedHttp({("HEAD", url): Response(status=401, headers=challenge, url=url)})
    with pytest.raises(RegistryError, match="token server's address is not https"):
        DistributionRegistry(http, "r.example", lambda: SECRET).resolve(image("r.example"))
    assert len(http.sent) == 1


@pytest.mark.parametrize("token", [b'{"token": "a\\r\\nb"}', b'{"token": 5}', b"{}", b"<html>"])
def test_a_token_that_is_none_is_refused(token: bytes) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/token"):
            return Answer(200, {}, token)
        realm = f"http://{asked.headers['host']}/token"
        return Answer(401, {"www-authenticate": f'Bearer realm="{realm}"'})

    assert "token" in told(answer, "resolve")


def test_a_challenge_of_the_server_that_was_redirected_to_gets_no_credentials() -> None:
    demand = Answer(401, {"www-authenticate": 'Basic realm="give"'})
    with loopback(lambda _asked: demand) as other:
        away = Answer(307, {"location": other.url("/blob")})
        with loopback(lambda _asked: away) as server, pytest.raises(RegistryError, match="denied"):
            registry(server.host).resolve(image(server.host))
        assert [asked.headers.get("authorization") for asked in other.asked] == [None]


def test_a_registry_cannot_ask_for_a_token_of_another_repository() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/token"):
            return Answer(200, {}, b'{"token": "t"}')
        if "authorization" in asked.headers:
            return Answer(404)
        realm = f"http://{asked.headers['host']}/token"
        scope = "repository:secrets:push repository:web:pull"
        return Answer(401, {"www-authenticate": f'Bearer realm="{realm}",scope="{scope}"'})

    with loopback(answer) as server:
        found = registry(server.host).referrers(image(server.host))
    assert found.descriptors == ()
    tokens = [asked.path for asked in server.asked if asked.path.startswith("/token")]
    assert tokens == ["/token?scope=repository%3Aweb%3Apull"]


def test_an_identity_token_is_sent_in_the_body_of_a_post() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/token"):
            return Answer(200, {}, b'{"access_token": "t"}')
        if asked.headers.get("authorization") == "Bearer t":
            return Answer(200, {"docker-content-digest": DIGEST, "content-type": INDEX})
        realm = f"http://{asked.headers['host']}/token"
        return Answer(401, {"www-authenticate": f'Bearer realm="{realm}",service="s"'})

    with loopback(answer) as server:
        http = SystemHttp("test", StillClock())
        identity = DistributionRegistry(
            http, server.host, lambda: Credentials("", "refresh"), insecure=True
        )
        assert identity.resolve(image(server.host)).digest == DIGEST
    (asked,) = [asked for asked in server.asked if asked.path == "/token"]
    assert asked.method == "POST"
    assert b"refresh_token=refresh" in asked.body
    assert b"grant_type=refresh_token" in asked.body


def test_an_insecure_host_must_be_a_host(tmp_path: Path) -> None:
    for wrong in ("http://localhost:5000", "localhost:5000/web", "-x y", ""):
        with pytest.raises(Exception, match="--insecure-registry: "):
            Registries(fake_world(tmp_path), [wrong])
