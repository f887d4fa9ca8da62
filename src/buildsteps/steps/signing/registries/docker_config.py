"""Docker's ``config.json``: credentials for registries, in the file or by a helper program.

The source is https://docs.docker.com/reference/cli/docker/login/ ("Credential stores", "Credential
helpers") and the protocol of github.com/docker/docker-credential-helpers. No Docker is needed.
"""

import base64
import binascii
import re
from pathlib import Path

import msgspec

from buildsteps.errors import UsageError
from buildsteps.image_reference import DOCKER_HUB
from buildsteps.results import Location
from buildsteps.steps.signing.registries.errors import RegistryError, RegistryReason
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world import World

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""How Docker's files name Docker Hub."""

HELPER_SECONDS = 60.0
CONFIG_LIMIT = 1024 * 1024

_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_NOT_FOUND = b"credentials not found in native keychain"
_TOKEN_USER = "<token>"  # noqa: S105 - the helper protocol's word for an identity token


class _Auth(msgspec.Struct, frozen=True):
    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""


class _Config(msgspec.Struct, frozen=True, rename="camel"):
    auths: dict[str, _Auth | None] | None = None
    cred_helpers: dict[str, str] | None = None
    creds_store: str = ""


class _Helped(msgspec.Struct, frozen=True, rename="pascal"):
    username: str = ""
    secret: str = ""


def config_path(world: World) -> Path:
    """Where Docker's configuration is: below ``DOCKER_CONFIG``, else in the home folder."""
    folder = world.environ.get("DOCKER_CONFIG", "")
    if folder:
        return world.path(folder) / "config.json"
    return world.path(world.environ.get("HOME") or str(Path.home())) / ".docker" / "config.json"


def docker_credentials(host: str, world: World) -> Credentials | None:
    """Give what Docker would log in to ``host`` with; None where it knows nothing.

    Raises:
        UsageError: the file is there and wrong.
        RegistryError: a helper failed.
    """
    path = config_path(world)
    if not path.is_file():
        return None
    try:
        config = msgspec.json.decode(world.files.read_bytes(path, CONFIG_LIMIT), type=_Config)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error).partition(" - ")[0]
        place = Location(path=world.shown(path))
        raise UsageError(f"is not as Docker writes it: {why}", place) from None
    helpers = config.cred_helpers or {}
    for key in _keys(host):
        if key in helpers:
            return _helped(helpers[key], key, world)
    if config.creds_store:
        for key in _keys(host):
            if found := _helped(config.creds_store, key, world):
                return found
    auths = config.auths or {}
    for key in _keys(host):
        if auth := auths.get(key):
            return _written(auth, host, path, world)
    return None


def _keys(host: str) -> tuple[str, ...]:
    if host == DOCKER_HUB:
        return (DOCKER_HUB_KEY, "index.docker.io", DOCKER_HUB)
    return (host, f"https://{host}", f"https://{host}/v1/", f"https://{host}/v2/")


def _written(auth: _Auth, host: str, path: Path, world: World) -> Credentials | None:
    if auth.identitytoken:
        return Credentials("", auth.identitytoken)
    if not auth.auth:
        return Credentials(auth.username, auth.password) if auth.username else None
    try:
        pair = base64.b64decode(auth.auth, validate=True).decode()
    except (binascii.Error, ValueError):
        pair = ""
    username, colon, password = pair.partition(":")
    if not colon:
        message = f"auths: the entry of {host} holds no user and password in base64"
        raise UsageError(message, Location(path=world.shown(path)))
    return Credentials(username, password.rstrip("\0"))


def _helped(name: str, key: str, world: World) -> Credentials | None:
    """Ask ``docker-credential-<name>``; its name is checked, it is part of a program's."""
    if not _HELPER.fullmatch(name):
        raise UsageError("Docker's configuration names a credential helper that cannot be one")
    program = f"docker-credential-{name}"
    done = world.processes.run([program, "get"], stdin=key.encode(), timeout=HELPER_SECONDS)
    if done.status != 0:
        if _NOT_FOUND in done.stdout + done.stderr:
            return None
        # What it printed may hold a secret, so that it is not shown.
        raise RegistryError(
            f"{program} gave no credentials for {key}: it ended with status {done.status}",
            RegistryReason.REFUSED,
        )
    try:
        said = msgspec.json.decode(done.stdout, type=_Helped)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = _Helped()
    if not said.secret:
        raise RegistryError(
            f"{program} gave no credentials for {key}: its answer is not as it must be",
            RegistryReason.REFUSED,
        )
    return Credentials("" if said.username == _TOKEN_USER else said.username, said.secret)
