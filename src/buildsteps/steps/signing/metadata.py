"""What a signature says beside the image: metadata of the build, and of the user."""

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.signing.registries.interface import Descriptor
from buildsteps.world import World

MAX_PAYLOAD = 4096
"""Bytes that AWS Signer signs at most (Signer API reference, SignPayload, ``payload``)."""

RESERVED = "io.cncf.notary"
"""Keys that begin so belong to the Notary Project (notation-go 1.3.2, ``notation.go``)."""

_GO_ESCAPED = re.compile("[<>&\u2028\u2029]")
"""What Go's JSON encoder, which writes the payload, writes as ``\\uXXXX``."""

_COMMIT = ("CODEBUILD_RESOLVED_SOURCE_VERSION", "GITHUB_SHA")
_BUILD = ("CODEBUILD_BUILD_ID", "GITHUB_RUN_ID")


def pairs(texts: Sequence[str], flag: str) -> dict[str, str]:
    """Read ``KEY=VALUE`` texts.

    Raises:
        UsageError: one without ``=`` or key, a key twice, or with characters that can't be shown.
    """
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"{flag} takes KEY=VALUE, not {text!r}")
        if not text.isprintable():
            raise UsageError(f"{flag} {key!r} holds characters that cannot be shown")
        if key in found:
            raise UsageError(f"{flag} gives {key} twice")
        found[key] = value
    return found


def signed_metadata(texts: Sequence[str], world: World, *, of_build: bool) -> dict[str, str]:
    """The metadata to sign: the build's, then what the user gave, which wins.

    Raises:
        UsageError: a pair that is none, or a key of the Notary Project.
    """
    given = pairs(texts, "--metadata")
    for key in given:
        if key.startswith(RESERVED):
            raise UsageError(f"--metadata {key}: keys that begin with {RESERVED} are reserved")
    return {**(build_metadata(world) if of_build else {}), **given}


def build_metadata(world: World) -> dict[str, str]:
    """Commit, build and repository, as far as the build's environment or git knows them."""
    environ = world.environ
    found = {
        "commit": _first(environ, _COMMIT) or _git(world, "rev-parse", "HEAD"),
        "build": _first(environ, _BUILD),
        "repository": _without_secrets(
            environ.get("CODEBUILD_SOURCE_REPO_URL", "")
            or _github_repository(environ)
            or _git(world, "config", "--get", "remote.origin.url")
        ),
    }
    return {key: value for key, value in found.items() if value and value.isprintable()}


def check_size(image: Descriptor, metadata: Mapping[str, str]) -> None:
    """Refuse what AWS Signer would refuse only once it is asked.

    Raises:
        UsageError: the payload to sign is longer than the service takes.
    """
    target = {
        "mediaType": image.media_type,
        "digest": image.digest,
        "size": image.size,
        "annotations": dict(metadata),
    }
    payload = json.dumps({"targetArtifact": target}, separators=(",", ":"), ensure_ascii=False)
    size = len(_GO_ESCAPED.sub("\\\\u0000", payload).encode())
    if metadata and size > MAX_PAYLOAD:
        raise UsageError(
            f"the metadata makes a payload of {size:,} bytes, and AWS Signer signs at most "
            f"{MAX_PAYLOAD:,}"
        )


def _first(environ: Mapping[str, str], names: Sequence[str]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _github_repository(environ: Mapping[str, str]) -> str:
    name = environ.get("GITHUB_REPOSITORY", "")
    return f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else ""


def _git(world: World, *arguments: str) -> str:
    try:
        answer = world.processes.run(["git", *arguments], cwd=world.cwd)
    except WorldError:
        return ""
    return answer.stdout.decode(errors="replace").strip() if answer.status == 0 else ""


def _without_secrets(address: str) -> str:
    """An address without the user and password that some clones keep in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if not parts.scheme or "@" not in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
