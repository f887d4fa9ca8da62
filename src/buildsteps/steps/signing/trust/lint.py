"""What is wrong with a trust policy, told before notation runs into it, or never tells it.

Sources: notaryproject/specifications, ``trust-store-trust-policy.md``; notation-go 1.3.2,
``verifier/trustpolicy``; the AWS Signer plugin, which refuses a wildcard.
"""

from collections.abc import Callable, Iterator
from typing import get_args

from msgspec import Struct

from buildsteps.notation.keys import SIGNER_PLUGIN
from buildsteps.notation.trust_policy import StoreType, TrustPolicy
from buildsteps.steps.signing.trust.identities import (
    SUBJECT,
    WILDCARD,
    identity_mistake,
    parse_profile,
)

CHECKS = frozenset({"integrity", "authenticity", "authenticTimestamp", "expiry", "revocation"})


_TYPES = frozenset(get_args(StoreType))


class Problem(Struct, frozen=True):
    """One thing that is wrong. ``policy`` is the index of the statement in its document.

    ``fatal``: with it notation refuses, or the verification is worth nothing.
    """

    rule: str
    message: str
    policy: int
    fatal: bool = True


HasStore = Callable[[str], bool | None]
"""Whether the trust store ``TYPE:NAME`` is there with a certificate; None where it is not there."""


def lint(policies: tuple[TrustPolicy, ...], has_store: HasStore) -> tuple[Problem, ...]:
    """All problems of a document, in its order."""
    found = list(_between(policies))
    for index, policy in enumerate(policies):
        rows = [*_scopes(policy), *_level(policy), *_identities(policy), *_stores(policy)]
        rows += _certificates(policy, has_store)
        found += [Problem(rule, message, index, fatal) for rule, message, fatal in rows]
    return tuple(sorted(found, key=lambda problem: problem.policy))


_Row = tuple[str, str, bool]


def _between(policies: tuple[TrustPolicy, ...]) -> Iterator[Problem]:
    names: dict[str, int] = {}
    scopes: dict[str, int] = {}
    for index, policy in enumerate(policies):
        if policy.name in names:
            yield Problem("duplicate-name", f"the name `{policy.name}` stands twice", index)
        names.setdefault(policy.name, index)
        for scope in policy.registry_scopes:
            first = scopes.setdefault(scope, index)
            if first != index:
                other = policies[first].name
                yield Problem(
                    "overlapping-scopes",
                    f"the scope `{scope}` stands in `{other}` and in `{policy.name}`; a scope may "
                    "stand in one policy only",
                    index,
                )


def _scopes(policy: TrustPolicy) -> Iterator[_Row]:
    scopes = policy.registry_scopes
    if not scopes:
        yield "no-scope", f"`{policy.name}` has no scope", True
    if WILDCARD in scopes and len(scopes) > 1:
        yield "overlapping-scopes", f"`{policy.name}` has `*` and other scopes beside it", True
    for scope in scopes:
        if scope != WILDCARD and (WILDCARD in scope or "/" not in scope or "@" in scope):
            yield (
                "wrong-scope",
                f"the scope `{scope}` is no `registry/repository`, and notation knows no globs",
                True,
            )


def _level(policy: TrustPolicy) -> Iterator[_Row]:
    verification = policy.signature_verification
    if verification.level == "skip":
        yield "level-skip", f"`{policy.name}` verifies nothing: its level is `skip`", True
    for check, action in verification.override.items():
        if check not in CHECKS:
            yield "wrong-override", f"`{policy.name}` overrides `{check}`, which is no check", True
        elif check == "integrity":
            yield "wrong-override", f"`{policy.name}`: integrity can't be overridden", True
        elif action == "skip" and check == "revocation":
            yield "no-revocation", f"`{policy.name}` never asks whether a key is revoked", False


def _identities(policy: TrustPolicy) -> Iterator[_Row]:
    identities = policy.trusted_identities
    if policy.signature_verification.level == "skip":
        return
    if not identities:
        yield "no-identity", f"`{policy.name}` trusts nobody: it has no identity", True
    if WILDCARD in identities and len(identities) > 1:
        yield "wildcard-identity", f"`{policy.name}` has `*` and other identities beside it", True
    for identity in identities:
        if mistake := identity_mistake(identity):
            rule = "mistyped-profile" if identity.startswith("arn:") else "wrong-identity"
            yield rule, f"`{policy.name}`: the identity `{identity}` {mistake}", True
    if WILDCARD in identities and _types(policy) == {"signingAuthority"}:
        yield (
            "wildcard-identity",
            f"`{policy.name}` trusts any identity, which the plugin {SIGNER_PLUGIN} refuses: "
            "name the signing profile's ARN",
            True,
        )


def _stores(policy: TrustPolicy) -> Iterator[_Row]:
    if policy.signature_verification.level == "skip":
        return
    types = _types(policy)
    for kind in sorted(types - _TYPES):
        yield (
            "wrong-store",
            f"`{policy.name}` names a trust store of type `{kind}`; it is `TYPE:NAME`, of type "
            f"{', '.join(sorted(_TYPES))}",
            True,
        )
    if not types - {"tsa"}:
        yield "no-trust-store", f"`{policy.name}` has no trust store", True
        return
    profiles = [one for one in policy.trusted_identities if parse_profile(one)]
    if profiles and "signingAuthority" not in types:
        yield (
            "wrong-store-type",
            f"`{policy.name}` trusts a signing profile, whose root certificate is looked for in a "
            "store of type `signingAuthority`; it has none",
            True,
        )
    subjects = [one for one in policy.trusted_identities if one.startswith(SUBJECT)]
    if subjects and not profiles and types - {"tsa"} == {"signingAuthority"}:
        yield (
            "wrong-store-type",
            f"`{policy.name}` trusts certificates by subject, but has only stores of type "
            "`signingAuthority`, which are for AWS Signer and its like",
            False,
        )


def _certificates(policy: TrustPolicy, has_store: HasStore) -> Iterator[_Row]:
    if policy.signature_verification.level == "skip":
        return
    for store in policy.trust_stores:
        there = has_store(store)
        if there is None:
            yield "no-trust-store", f"`{policy.name}`: there is no trust store `{store}`", True
        elif not there:
            yield (
                "no-root-certificate",
                f"`{policy.name}`: the trust store `{store}` holds no certificate",
                True,
            )


def _types(policy: TrustPolicy) -> set[str]:
    return {store.partition(":")[0] for store in policy.trust_stores}
