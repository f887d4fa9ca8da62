import base64
import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.distribution import DistributionRegistry
from buildsteps.steps.signing.registries.ecr import EcrRegistry
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world.aws import AwsError
from buildsteps.world.http import Response
from tests.world_double import ScriptedAws, ScriptedHttp, fake_world

DIGEST = f"sha256:{'a' * 64}"
INDEX = "application/vnd.oci.image.index.v1+json"
FOUND = {"docker-content-digest": DIGEST, "content-type": INDEX, "content-length": "9"}


def registries(folder: Path, **world: Any) -> Registries:
    return Registries(fake_world(folder, environ={"HOME": str(folder)}, **world))


def test_a_registry_is_made_once_a_host(tmp_path: Path) -> None:
    made = registries(tmp_path)
    one, other, elsewhere = (
        made.of(parse_reference(text)) for text in ("a.example/x", "A.example/y:1", "b.example/x")
    )
    assert one is other
    assert one is not elsewhere


def test_the_host_says_which_kind_it_is(tmp_path: Path) -> None:
    made = registries(tmp_path)
    ecr = parse_reference("111122223333.dkr.ecr.eu-central-1.amazonaws.com/web")
    assert isinstance(made.of(ecr), EcrRegistry)
    assert isinstance(made.of(parse_reference("public.ecr.aws/x/web")), DistributionRegistry)


def test_docker_hub_is_asked_at_its_registry_and_without_credentials(tmp_path: Path) -> None:
    url = "https://registry-1.docker.io/v2/library/web/manifests/latest"
    http = ScriptedHttp({("HEAD", url): Response(status=200, headers=FOUND, url=url)})
    image = parse_reference("web")
    assert registries(tmp_path, http=http).of(image).resolve(image).digest == DIGEST
    assert "authorization" not in http.sent[0].headers


def test_only_named_hosts_are_reached_over_http(tmp_path: Path) -> None:
    http = ScriptedHttp({})
    world = fake_world(tmp_path, http=http)
    made = Registries(world, ["localhost:5000"])
    for text in ("localhost:5000/web:v1", "localhost:5001/web:v1", "127.0.0.1:5000/web:v1"):
        with pytest.raises(Exception, match="cannot be reached"):
            made.of(parse_reference(text)).resolve(parse_reference(text))
    assert [sent.url.split("/")[0] for sent in http.sent] == ["http:", "https:", "https:"]
    assert made.is_insecure(parse_reference("localhost:5000/web"))


@pytest.mark.parametrize("allowed", [True, False])
def test_ecr_public_is_logged_in_to_where_aws_allows_it(allowed: bool, tmp_path: Path) -> None:
    token = base64.b64encode(b"AWS:p").decode()
    answer = {"authorizationData": {"authorizationToken": token}}
    aws = ScriptedAws(
        {"ecr-public:GetAuthorizationToken": answer if allowed else AwsError("no credentials")}
    )
    registry = registries(tmp_path, aws=aws).of(parse_reference("public.ecr.aws/x/web"))
    for _ in range(2):
        assert registry.credentials() == (Credentials("AWS", "p") if allowed else None)
    assert [call[0] for call in aws.calls] == ["ecr-public:GetAuthorizationToken"]
    assert aws.calls[0][2] == "us-east-1"


def test_credentials_are_looked_for_only_when_a_registry_wants_some(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"credsStore": "none"}))
    url = f"https://a.example/v2/web/manifests/{DIGEST}"
    http = ScriptedHttp({("HEAD", url): Response(status=200, headers=FOUND, url=url)})
    image = parse_reference(f"a.example/web@{DIGEST}")
    assert registries(tmp_path, http=http).of(image).resolve(image).size == 9
