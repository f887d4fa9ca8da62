"""Trust that is given by flags: ``--identity``, ``--trust-store``, ``--level``, ``--scope``."""

from typing import get_args

from buildsteps.errors import UsageError
from buildsteps.notation.trust_policy import StoreType
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.trust.settings import Trust, TrustStore

NAME = "--identity"
"""What the trust of the flags is called: a trust that the user did not name has no other name."""

_STORE = "flags-"
"""Begins the names of its stores, which notation takes as names of folders."""


def trust_of(options: VerifyOptions) -> tuple[dict[str, Trust], dict[str, TrustStore]]:
    """The trusts and stores in force: those of the flags where there are any, else the file's.

    Raises:
        UsageError: flags that only mean something beside ``--identity``, or a wrong store.
    """
    if not options.identity:
        lonely = [
            flag
            for flag, value in (
                ("--trust-store", options.trust_store),
                ("--level", options.level),
                ("--scope", options.scope),
            )
            if value
        ]
        if lonely:
            raise UsageError(f"{lonely[0]} says more about --identity, which is not given")
        return options.trust, options.stores
    stores = _stores(options.trust_store)
    trust = Trust(
        identities=options.identity,
        stores=tuple(stores) or tuple(_configured(options)),
        scopes=options.scope or ("*",),
        level=options.level or "strict",
    )
    return {NAME: trust}, stores or options.stores


def _stores(texts: tuple[str, ...]) -> dict[str, TrustStore]:
    found: dict[str, TrustStore] = {}
    for text in texts:
        kind, equals, path = text.partition("=")
        if kind not in get_args(StoreType) or not equals or not path:
            kinds = ", ".join(get_args(StoreType))
            raise UsageError(f"--trust-store takes TYPE=FILE, TYPE one of {kinds}, not {text!r}")
        name = f"{_STORE}{kind}"
        before = found[name].certificates if name in found else ()
        found[name] = TrustStore(type=kind, certificates=(*before, path))  # type: ignore[arg-type]
    return found


def _configured(options: VerifyOptions) -> list[str]:
    """The stores of the configuration, all of them: the flags say who, not by which root."""
    return list(options.stores)


def called_trust(name: str) -> str:
    """How a message calls a trust."""
    return name if name == NAME else f"the trust `{name}`"


def called_store(name: str) -> str:
    """How a message calls a store."""
    return "--trust-store" if name.startswith(_STORE) else f"the store `{name}`"
