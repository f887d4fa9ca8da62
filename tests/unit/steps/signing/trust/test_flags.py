"""Trust that is given by flags."""

from typing import Any

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.trust.flags import trust_of
from buildsteps.steps.signing.trust.settings import Trust, TrustStore

CONFIGURED = {"build": Trust(identities=("*",), stores=("own",))}
STORES = {"own": TrustStore(certificates=("own.pem",))}


def options(**given: Any) -> VerifyOptions:
    return VerifyOptions(trust=CONFIGURED, stores=STORES, **given)


def test_without_flags_the_file_decides() -> None:
    assert trust_of(options()) == (CONFIGURED, STORES)


def test_an_identity_replaces_the_files_trust() -> None:
    trusts, stores = trust_of(options(identity=("a", "b"), level="audit", scope=("r.io/x",)))
    (trust,) = trusts.values()
    assert (trust.identities, trust.stores, trust.scopes) == (("a", "b"), ("own",), ("r.io/x",))
    assert (trust.level, stores) == ("audit", STORES)


def test_stores_by_flag_are_put_together_by_type() -> None:
    given = ("ca=a.pem", "ca=b=.pem", "signingAuthority=s.pem")
    trusts, stores = trust_of(options(identity=("a",), trust_store=given))
    assert {name: one.certificates for name, one in stores.items()} == {
        "flags-ca": ("a.pem", "b=.pem"),
        "flags-signingAuthority": ("s.pem",),
    }
    assert trusts["--identity"].stores == ("flags-ca", "flags-signingAuthority")


@pytest.mark.parametrize(
    "flag", [{"level": "audit"}, {"scope": ("x",)}, {"trust_store": ("ca=x",)}]
)
def test_a_flag_that_says_more_about_none_is_refused(flag: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--identity, which is not given"):
        trust_of(options(**flag))


@pytest.mark.parametrize("text", ["x.pem", "ca=", "cA=x", "=x"])
def test_a_store_of_no_type_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="TYPE one of ca, signingAuthority, tsa"):
        trust_of(options(identity=("a",), trust_store=(text,)))
