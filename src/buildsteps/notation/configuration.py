"""A notation configuration for one run: the user's own is neither used nor touched.

The layout is that of notation-go 1.3.2, ``dir/path.go``.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.notation.trust_policy import StoreType, TrustPolicyDocument
from buildsteps.world.files import Files

MAX_CERTIFICATE_BYTES = 1024 * 1024

_NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.-]+", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]", re.ASCII)


class Configuration(Struct, frozen=True):
    """The folders of a run: ``NOTATION_CONFIG``, ``NOTATION_LIBEXEC`` (plugins), ``_CACHE``.

    notation looks for plugins in ``folder`` where ``libexec`` is None.
    """

    folder: Path
    libexec: Path | None = None
    cache: Path | None = None


class TrustStoreFiles(Struct, frozen=True):
    """A trust store to be: its type and name, and the certificates (PEM or DER) in it."""

    type: StoreType
    name: str
    files: tuple[Path, ...]


class SigningKey(Struct, frozen=True):
    """A key of ``signingkeys.json``: paths to a private key and its certificate chain, in PEM.

    The key stays where it is; only its path is written down.
    """

    name: str
    key: Path
    certificate: Path


@contextmanager
def private_configuration(
    *,
    trust_policy: TrustPolicyDocument | bytes | None = None,
    trust_stores: Sequence[TrustStoreFiles] = (),
    keys: Sequence[SigningKey] = (),
    libexec: Path | None = None,
    parent: Path | None = None,
) -> Iterator[Configuration]:
    """Make a configuration in a temporary folder that only we may enter, and remove it at the end.

    It is removed on any exception, so also at Ctrl-C; and at SIGTERM where that is turned into
    one, as the command line does. ``trust_policy`` may be the bytes of an existing
    ``trustpolicy.json``; notation checks it. ``parent`` is where the folder is made.

    Raises:
        UsageError: a store's name is none, or a certificate cannot be read.
        WorldError: the folder cannot be written.
    """
    try:
        temporary = TemporaryDirectory(
            prefix="buildsteps-notation-", dir=parent, ignore_cleanup_errors=True
        )
    except OSError as error:
        raise _unwritable(error) from None
    with temporary as name:
        folder = Path(name)
        try:
            _fill(folder, trust_policy, trust_stores, keys)
        except OSError as error:
            raise _unwritable(error) from None
        yield Configuration(folder / "config", libexec, folder / "cache")


def _fill(
    folder: Path,
    trust_policy: TrustPolicyDocument | bytes | None,
    trust_stores: Sequence[TrustStoreFiles],
    keys: Sequence[SigningKey],
) -> None:
    config = folder / "config"
    config.mkdir(0o700)
    (folder / "cache").mkdir(0o700)
    if trust_policy is not None:
        encoded = trust_policy if isinstance(trust_policy, bytes) else _encoded(trust_policy)
        _write(config / "trustpolicy.json", encoded)
    for store in trust_stores:
        _copy_store(config, store)
    if keys:
        entries = [
            {"name": key.name, "keyPath": str(key.key), "certPath": str(key.certificate)}
            for key in keys
        ]
        _write(config / "signingkeys.json", msgspec.json.encode({"keys": entries}))


def _copy_store(config: Path, store: TrustStoreFiles) -> None:
    """Copy the files, because notation refuses links; a number keeps equal names apart."""
    if not _NAME.fullmatch(store.name):
        raise UsageError(
            f"`{store.name}` is no name of a trust store: letters, digits, `_`, `.` and `-`"
        )
    if store.type not in get_args(StoreType):
        raise UsageError(f"`{store.type}` is no type of a trust store")
    folder = config
    for name in ("truststore", "x509", store.type, store.name):
        folder /= name  # one by one: the mode counts for the last of several only
        folder.mkdir(mode=0o700, exist_ok=True)
    files = Files(Path.cwd())
    for number, path in enumerate(store.files, 1):
        content = files.read_bytes(path, MAX_CERTIFICATE_BYTES)
        _write(folder / f"{number}-{_UNSAFE.sub('_', path.name)[-100:]}", content)


def _write(path: Path, content: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(content)


def _encoded(value: TrustPolicyDocument) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def _unwritable(error: OSError) -> WorldError:
    reason = (error.strerror or str(error)).lower()
    place = f" in {error.filename}" if error.filename else ""
    return WorldError(f"notation's configuration for this run cannot be written{place}: {reason}")
