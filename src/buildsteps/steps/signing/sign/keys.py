"""What to sign with, and by what a signature made with it is known again."""

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.notation.configuration import SigningKey
from buildsteps.notation.keys import SIGNER_PLUGIN, Key, LocalKey, PluginKey
from buildsteps.notation.places import users_configuration
from buildsteps.results import Location
from buildsteps.steps.signing.settings import SignOptions
from buildsteps.steps.signing.trust.identities import Profile, parse_profile
from buildsteps.world import World

_PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----", re.ASCII
)


class Certificates(Struct, frozen=True):
    """A local key's chain: the leaf's SHA-256 fingerprint in hexadecimal, and the root in DER."""

    leaf: str
    root: bytes


class SigningWith(Struct, frozen=True, kw_only=True):
    """The key that the call names.

    ``profile`` is set for AWS Signer, ``local`` and ``certificates`` for a key of notation's own
    configuration; ``plugin_config`` is what that configuration says of a plugin's key.
    """

    key: Key
    name: str
    profile: Profile | None = None
    local: SigningKey | None = None
    certificates: Certificates | None = None
    plugin_config: Mapping[str, str] = {}


class _Entry(Struct, frozen=True, rename="camel"):
    """A key of ``signingkeys.json`` (notation-go 1.3.2, ``config/keys.go``)."""

    name: str
    key_path: str = ""
    cert_path: str = ""
    id: str = ""
    plugin_name: str = ""
    plugin_config: dict[str, str] = {}


class _Keys(Struct, frozen=True):
    keys: tuple[_Entry, ...] = ()


def signing_with(options: SignOptions, world: World) -> SigningWith:
    """The one key that the options name.

    Raises:
        UsageError: none or several are named, or the one that is named is not there.
    """
    named = [
        flag
        for flag, value in (
            ("--profile", options.profile),
            ("--key", options.key),
            ("--plugin", options.plugin),
        )
        if value
    ]
    if len(named) != 1:
        problem = f"{named[0]} and {named[1]} exclude each other" if named else "no key is named"
        raise UsageError(f"{problem}: sign with --profile ARN, --key NAME, or --plugin and --id")
    if bool(options.id) != bool(options.plugin):
        raise UsageError("--plugin and --id go together")
    if options.profile:
        return _by_profile(options.profile)
    if options.plugin:
        name = f"{options.plugin} {options.id}"
        return SigningWith(key=PluginKey(options.plugin, options.id), name=name)
    return _by_name(options.key, world)


def _by_profile(arn: str) -> SigningWith:
    profile = parse_profile(arn)
    if profile is None:
        from buildsteps.steps.signing.trust.identities import identity_mistake

        raise UsageError(f"--profile `{arn}` {identity_mistake(arn) or 'is no ARN'}")
    if profile.version:
        raise UsageError(
            "--profile names a version; AWS Signer signs with a profile: leave "
            f"`/{profile.version}` out"
        )
    return SigningWith(key=PluginKey(SIGNER_PLUGIN, arn), name=arn, profile=profile)


def _by_name(name: str, world: World) -> SigningWith:
    path = users_configuration(world.environ) / "signingkeys.json"
    entries = _entries(path, world)
    entry = next((one for one in entries if one.name == name), None)
    if entry is None:
        known = [one.name for one in entries]
        raise UsageError(
            f"there is no key `{name}` in {world.shown(path)}.{suggestion(name, known)}"
        )
    if entry.plugin_name:
        return SigningWith(
            key=PluginKey(entry.plugin_name, entry.id),
            name=f"{name} ({entry.plugin_name} {entry.id})",
            plugin_config=entry.plugin_config,
        )
    local = SigningKey(name, Path(entry.key_path), Path(entry.cert_path))
    return SigningWith(
        key=LocalKey(name),
        name=name,
        local=local,
        certificates=_certificates(local.certificate, world),
    )


def _entries(path: Path, world: World) -> tuple[_Entry, ...]:
    if not path.exists():
        return ()
    try:
        return msgspec.json.decode(world.files.read_bytes(path), type=_Keys).keys
    except msgspec.DecodeError as error:
        what = str(error).replace("`", "")
        raise UsageError(f"is no list of keys: {what}", Location(path=world.shown(path))) from None


def _certificates(path: Path, world: World) -> Certificates:
    blocks = _PEM.findall(world.files.read_text(path))
    try:
        chain = [base64.b64decode("".join(block.split()), validate=True) for block in blocks]
    except ValueError:
        chain = []
    if not chain:
        raise UsageError("holds no certificate in PEM", Location(path=world.shown(path)))
    return Certificates(hashlib.sha256(chain[0]).hexdigest(), chain[-1])
