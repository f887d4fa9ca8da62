"""Trust that is given by flags: ``--identity``, ``--trust-store``, ``--level``, ``--scope``."""

from typing import get_args

from buildsteps.errors import UsageError
from buildsteps.notation.trust_policy import StoreType
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.trust.settings import Trust, TrustStore

NAME = "flags"
"""What the trust of the flags is called beside those of the configuration."""


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
        name = f"{NAME}-{kind}"
        before = found[name].certificates if name in found else ()
        found[name] = TrustStore(type=kind, certificates=(*before, path))  # type: ignore[arg-type]
    return found


def _configured(options: VerifyOptions) -> list[str]:
    """The stores of the configuration, all of them: the flags say who, not by which root."""
    return list(options.stores)
