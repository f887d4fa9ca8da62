"""Root certificates: those that the configuration names, and those of notation's own set-up."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from buildsteps.errors import UnreadableError, UsageError
from buildsteps.nearest import suggestion
from buildsteps.notation.places import users_configuration
from buildsteps.notation.trust_policy import StoreType
from buildsteps.results import Location
from buildsteps.steps.signing.trust.flags import called_store
from buildsteps.steps.signing.trust.identities import SIGNER_STORE
from buildsteps.steps.signing.trust.settings import TrustStore
from buildsteps.world import World

SIGNER_STORE_ID = f"signingAuthority:{SIGNER_STORE}"
MAX_CERTIFICATE_BYTES = 1024 * 1024

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_ENDINGS = (".crt", ".pem", ".cer", ".der", ".cert")


def installed_store(store: str, configuration: Path) -> tuple[Path, ...] | None:
    """The certificates of ``TYPE:NAME`` in a configuration folder; None where it has no such."""
    kind, _, name = store.partition(":")
    folder = configuration / "truststore" / "x509" / kind / name
    if kind not in get_args(StoreType) or "/" in name or name in ("", ".", ".."):
        return None
    if not folder.is_dir():
        return None
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS))


def certificates(
    ids: tuple[str, ...], stores: Mapping[str, TrustStore], world: World
) -> dict[str, tuple[Path, ...]]:
    """The certificate files of the stores called ``ids``, by ``TYPE:NAME``.

    Without any, the store of AWS's own installer is meant, where it is there.

    Raises:
        UsageError: a store that is not configured, a file that is missing or no certificate.
    """
    if not ids:
        found = installed_store(SIGNER_STORE_ID, users_configuration(world.environ))
        if not found:
            named = "name a store under `signing: stores`"
            if stores:
                named = f"the trust must name a store, such as `stores: [{next(iter(stores))}]`"
            raise UsageError(
                f"no root certificates: {named}, or install AWS Signer's as the trust store "
                f"{SIGNER_STORE_ID}"
            )
        return {SIGNER_STORE_ID: found}
    return {f"{_store(one, stores).type}:{one}": _files(one, stores, world) for one in ids}


def _store(name: str, stores: Mapping[str, TrustStore]) -> TrustStore:
    if name not in stores:
        raise UsageError(f"no store `{name}` under `signing: stores`.{suggestion(name, stores)}")
    return stores[name]


def _files(name: str, stores: Mapping[str, TrustStore], world: World) -> tuple[Path, ...]:
    found: list[Path] = []
    for pattern in stores[name].certificates:
        matches = _matches(world.path(pattern))
        if not matches:
            raise UsageError(
                f"{called_store(name)}: there is no {world.shown(world.path(pattern))}"
            )
        found += matches
    if not found:
        raise UsageError(f"{called_store(name)} names no certificate")
    for path in found:
        check_certificate(path, world)
    return tuple(dict.fromkeys(found))


def _matches(path: Path) -> list[Path]:
    if any(letter in path.name for letter in "*?["):
        return sorted(one for one in path.parent.glob(path.name) if one.is_file())
    return [path] if path.exists() else []


def check_certificate(path: Path, world: World) -> None:
    """Refuse what is no X.509 certificate in PEM or DER, and a private key above all.

    Raises:
        UsageError: with the path.
    """
    place = Location(path=world.shown(path))
    data = world.files.read_bytes(path, MAX_CERTIFICATE_BYTES)
    if b"PRIVATE KEY-----" in data:
        raise UnreadableError("holds a private key, not a certificate", place)
    if _BEGIN not in data and not data.startswith(b"\x30\x82"):
        raise UnreadableError("is no certificate in PEM or DER", place)
    if data.count(_BEGIN) > data.count(_END):
        raise UnreadableError("holds a certificate without its end: it was cut off", place)
