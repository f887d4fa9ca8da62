"""Argument lists for notation, each value of a user checked before it stands in one.

A value never stands as an argument of its own, only as ``--flag=value``: so none that begins with a
dash can be read as a flag. The reference does, and is checked by its grammar.
"""

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.notation.keys import Key, LocalKey

SignatureFormat = Literal["jws", "cose"]

RESERVED_PREFIX = "io.cncf.notary"
"""notation keeps metadata keys with this prefix for itself (notation-go, ``notation.go``)."""

LONGEST = 4096
_PLUGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)


class SignSettings(Struct, frozen=True, kw_only=True):
    """How to sign. See :meth:`buildsteps.notation.Notation.sign`."""

    metadata: Mapping[str, str] = {}
    expiry: datetime.timedelta | None = None
    plugin_config: Mapping[str, str] = {}
    signature_format: SignatureFormat | None = None
    force_referrers_tag: bool | None = None
    timestamp_url: str = ""
    timestamp_root_certificate: Path | None = None


def checked_reference(reference: ImageReference | str) -> ImageReference:
    """Read the reference, which must have a digest: a tag can be moved between two looks at it.

    Raises:
        UsageError: it does not keep to the grammar, or has no digest.
    """
    found = parse_reference(str(reference))
    if not found.digest:
        raise UsageError(f"`{found}` has no digest: only what is named by digest can be verified")
    return found.at(found.digest)


def sign_arguments(reference: ImageReference, key: Key, settings: SignSettings) -> list[str]:
    """The arguments after ``notation`` that sign; errors as with :func:`sign_flags`."""
    return ["sign", *sign_flags(key, settings), str(reference)]


def sign_flags(key: Key, settings: SignSettings) -> list[str]:
    """The flags alone, for whoever wants to know before anything runs whether they will do.

    Raises:
        UsageError: a value cannot be handed to notation.
    """
    arguments = _key(key)
    arguments += _pairs("user-metadata", settings.metadata, "metadata")
    arguments += _pairs("plugin-config", settings.plugin_config, "plugin configuration")
    if settings.signature_format is not None:
        if settings.signature_format not in ("jws", "cose"):
            raise UsageError("a signature's format is `jws` or `cose`")
        arguments.append(f"--signature-format={settings.signature_format}")
    if settings.expiry is not None:
        arguments.append(f"--expiry={_seconds(settings.expiry)}s")
    if settings.force_referrers_tag is not None:
        arguments.append(f"--force-referrers-tag={str(settings.force_referrers_tag).lower()}")
    return [*arguments, *_timestamp(settings)]


def verify_arguments(
    reference: ImageReference,
    metadata: Mapping[str, str],
    plugin_config: Mapping[str, str],
    max_signatures: int,
) -> list[str]:
    """The arguments that verify: verbose, because the reasons stand in notation's log only.

    Raises:
        UsageError: the limit is none, or as with :func:`verify_flags`.
    """
    limit = f"--max-signatures={_limit(max_signatures)}"
    flags = verify_flags(metadata, plugin_config)
    return ["verify", "--verbose", limit, *flags, str(reference)]


def verify_flags(metadata: Mapping[str, str], plugin_config: Mapping[str, str]) -> list[str]:
    """The flags that a user has a say in, as with :func:`sign_flags`.

    Raises:
        UsageError: a value cannot be handed to notation.
    """
    return [
        *_pairs("user-metadata", metadata, "metadata"),
        *_pairs("plugin-config", plugin_config, "plugin configuration"),
    ]


def inspect_arguments(reference: ImageReference, max_signatures: int) -> list[str]:
    """The arguments that inspect, as JSON.

    Raises:
        UsageError: the limit is none.
    """
    limit = f"--max-signatures={_limit(max_signatures)}"
    return ["inspect", "--output=json", limit, str(reference)]


def _key(key: Key) -> list[str]:
    if isinstance(key, LocalKey):
        return [f"--key={_value(key.name, 'the key')}"]
    if not _PLUGIN.fullmatch(key.plugin):
        raise UsageError("the plugin's name must be letters, digits, `_`, `.` and `-`")
    return [f"--plugin={key.plugin}", f"--id={_value(key.id, 'the key id')}"]


def _value(text: str, what: str) -> str:
    if not text:
        raise UsageError(f"{what} is empty")
    if text.startswith("-"):
        raise UsageError(f"{what} begins with a dash")
    return _plain(text, what)


def _plain(text: str, what: str) -> str:
    if not text.isprintable():
        raise UsageError(f"{what} has a character in it that cannot be printed")
    if len(text) > LONGEST:
        raise UsageError(f"{what} is longer than {LONGEST:,} characters")
    return text


def _pairs(flag: str, pairs: Mapping[str, str], what: str) -> list[str]:
    for key, value in pairs.items():
        name = f"the key of a {what}"
        if "=" in _value(key, name):
            raise UsageError(f"{name} has `=` in it: `{key}`")
        if flag == "user-metadata" and key.startswith(RESERVED_PREFIX):
            raise UsageError(f"`{key}`: notation keeps keys that begin {RESERVED_PREFIX} to itself")
        if not value:
            raise UsageError(f"the {what} `{key}` is empty, which notation refuses")
        _plain(value, f"the {what} `{key}`")
    return [f"--{flag}={key}={value}" for key, value in pairs.items()]


def _seconds(duration: datetime.timedelta) -> int:
    seconds = duration.total_seconds()
    if seconds < 1 or seconds != int(seconds):
        raise UsageError("an expiry must be whole seconds, and at least one")
    return int(seconds)


def _timestamp(settings: SignSettings) -> list[str]:
    url, root = settings.timestamp_url, settings.timestamp_root_certificate
    if not url and root is None:
        return []
    if not url or root is None:
        raise UsageError("a time stamp needs both its server and its root certificate")
    try:
        parts = urlsplit(_value(url, "the time stamp server"))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("the time stamp server must be an http or https address")
    return [f"--timestamp-url={url}", f"--timestamp-root-cert={root.absolute()}"]


def _limit(number: int) -> int:
    if number < 1:
        raise UsageError("the limit of signatures must be at least 1")
    return number
