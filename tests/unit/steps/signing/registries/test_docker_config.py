import base64
import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.registries.credentials import credentials_for, sole_registry
from buildsteps.steps.signing.registries.docker_config import docker_credentials
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses, fake_world

HOST = "registry.example:5000"
AUTH = base64.b64encode(b"me:s3:cret").decode()


def found(
    config: Any,
    folder: Path,
    host: str = HOST,
    processes: ScriptedProcesses | None = None,
) -> Credentials | None:
    text = config if isinstance(config, str) else json.dumps(config)
    (folder / "config.json").write_text(text)
    world = fake_world(folder, environ={"DOCKER_CONFIG": "."}, processes=processes)
    return docker_credentials(host, world)


def helper(name: str, stdout: bytes, status: int = 0) -> ScriptedProcesses:
    return ScriptedProcesses({f"docker-credential-{name}": Completed(status, stdout, b"")})


def test_user_and_password_stand_under_the_host(tmp_path: Path) -> None:
    assert found({"auths": {HOST: {"auth": AUTH}}}, tmp_path) == Credentials("me", "s3:cret")
    assert found({"auths": {f"https://{HOST}/v1/": {"auth": AUTH}}}, tmp_path) is not None
    assert found({"auths": {"other.example": {"auth": AUTH}}}, tmp_path) is None


def test_docker_hub_has_a_name_of_its_own(tmp_path: Path) -> None:
    config = {"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}}
    assert found(config, tmp_path, "docker.io") == Credentials("me", "s3:cret")


def test_an_identity_token_has_no_user(tmp_path: Path) -> None:
    config = {"auths": {HOST: {"auth": AUTH, "identitytoken": "t"}}}
    assert found(config, tmp_path) == Credentials("", "t")


def test_a_helper_of_the_host_is_asked_with_the_host_on_standard_input(tmp_path: Path) -> None:
    processes = helper("ecr-login", b'{"ServerURL":"x","Username":"AWS","Secret":"p"}')
    config = {"credHelpers": {HOST: "ecr-login"}, "auths": {HOST: {"auth": AUTH}}}
    assert found(config, tmp_path, processes=processes) == Credentials("AWS", "p")
    assert processes.calls == [("docker-credential-ecr-login", "get")]
    assert processes.inputs == [HOST.encode()]


def test_the_store_is_asked_and_what_it_does_not_know_stands_in_the_file(tmp_path: Path) -> None:
    processes = helper("pass", b"credentials not found in native keychain\n", 1)
    config = {"credsStore": "pass", "auths": {HOST: {"auth": AUTH}}}
    assert found(config, tmp_path, processes=processes) == Credentials("me", "s3:cret")


def test_a_token_from_a_helper_is_an_identity_token(tmp_path: Path) -> None:
    processes = helper("x", b'{"Username":"<token>","Secret":"p"}')
    assert found({"credsStore": "x"}, tmp_path, processes=processes) == Credentials("", "p")


@pytest.mark.parametrize("name", ["../evil", "-x", "a b", "", "a/b", "x\n"])
def test_a_helper_must_have_a_name_that_a_program_can_have(name: str, tmp_path: Path) -> None:
    processes = ScriptedProcesses()
    with pytest.raises(UsageError, match="names a credential helper that cannot be one"):
        found({"credHelpers": {HOST: name}}, tmp_path, processes=processes)
    assert processes.calls == []


def test_what_a_failing_helper_printed_is_not_shown(tmp_path: Path) -> None:
    for processes in (helper("x", b"s3cret", 3), helper("x", b'{"Username":"s3cret"}')):
        with pytest.raises(WorldError, match="docker-credential-x gave no credentials") as told:
            found({"credsStore": "x"}, tmp_path, processes=processes)
        assert "s3cret" not in str(told.value)


def test_a_helper_that_is_not_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="docker-credential-x cannot be run"):
        found({"credsStore": "x"}, tmp_path)


@pytest.mark.parametrize(
    "config", ["", "[]", '{"auths": 5}', '{"auths": {"a": {"auth": 5}}}', '{"credsStore": []}']
)
def test_a_broken_file_is_one_sentence_with_its_path(config: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"config\.json: is not as Docker writes it: "):
        found(config, tmp_path)


@pytest.mark.parametrize("auth", ["%%%", base64.b64encode(b"no colon").decode()])
def test_an_entry_that_cannot_be_read_is_told_without_showing_it(auth: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no user and password") as told:
        found({"auths": {HOST: {"auth": auth}}}, tmp_path)
    assert auth not in str(told.value)


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert docker_credentials(HOST, fake_world(tmp_path, environ={"HOME": "."})) is None


def test_those_of_the_environment_are_for_the_only_registry_of_a_run(tmp_path: Path) -> None:
    environ = {"HOME": ".", "NOTATION_USERNAME": "me", "NOTATION_PASSWORD": "p"}
    world = fake_world(tmp_path, environ=environ)
    one = [parse_reference(f"{HOST}/a"), parse_reference(f"{HOST}/b:1")]
    two = [*one, parse_reference("evil.example/c")]
    assert credentials_for(HOST, world, sole_registry(one)) == Credentials("me", "p")
    assert credentials_for("evil.example", world, sole_registry(two)) is None
    assert credentials_for(HOST, world, sole_registry(two)) is None


def test_a_password_is_never_in_a_representation() -> None:
    assert "secret" not in repr(Credentials("me", "secret"))
