"""How a signature of the key is known again: under which trust, and by which mark."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference
from buildsteps.notation.results import Signature
from buildsteps.steps.signing.settings import SignOptions
from buildsteps.steps.signing.sign.keys import Certificates, SigningWith
from buildsteps.steps.signing.trust.authority import Authority
from buildsteps.steps.signing.trust.covering import Requirement
from buildsteps.steps.signing.trust.settings import Trust, TrustStore
from buildsteps.world import World

_STORE = "ours"


class Proof(Struct, frozen=True):
    """The trust under which our signature must verify; ``ours`` tells it from others there."""

    authority: Authority
    requirement: Callable[[ImageReference], Requirement]
    ours: Callable[[Signature], bool]


def proof_of(key: SigningWith, options: SignOptions, world: World, folder: Path) -> Proof:
    """Find out how to verify what the key signs; ``folder`` holds files for the time of the run.

    Raises:
        UsageError: no root certificate is known for it.
    """
    if key.certificates is not None:
        return _of_local_key(key, key.certificates, folder)
    try:
        proof = _of_profile(key, options) if key.profile else _of_configuration(options)
        for trust in proof.authority.trusts.values():
            proof.authority.store_files(trust, world)
    except UsageError as error:
        raise UsageError(
            f"the signature could not be verified after signing: {error} (--no-verify signs "
            "without, and signs again what is signed already)",
            detail=error.detail,
        ) from None
    return proof


def _of_local_key(key: SigningWith, chain: Certificates, folder: Path) -> Proof:
    """By the chain's own root; others may have keys under it, so the leaf tells whose it is."""
    path = folder / "root.der"
    path.touch(0o600)
    path.write_bytes(chain.root)
    trust = Trust(identities=("*",), stores=(_STORE,))
    store = TrustStore(type="ca", certificates=(str(path),))
    requirement = Requirement(key.name, (trust,))
    return Proof(
        Authority(trusts={_STORE: trust}, stores={_STORE: store}),
        lambda _image: requirement,
        lambda signature: _fingerprint(signature) == chain.leaf,
    )


def _of_profile(key: SigningWith, options: SignOptions) -> Proof:
    """By the stores of a trust that names the profile, else by AWS's own trust store."""
    arn = str(key.profile)
    naming = [
        trust
        for trust in options.trust.values()
        if any(one == arn or one.startswith(f"{arn}/") for one in trust.identities)
    ]
    trust = Trust(identities=(arn,), stores=naming[0].stores if naming else ())
    requirement = Requirement(arn, (trust,))
    return Proof(
        Authority(trusts={arn: trust}, stores=options.stores),
        lambda _image: requirement,
        lambda _signature: True,
    )


def _of_configuration(options: SignOptions) -> Proof:
    """By whoever is trusted for the image: a plugin does not say who its key is."""
    if not options.trust:
        raise UsageError("nobody is trusted under `signing: trust`")
    found = Authority(trusts=options.trust, stores=options.stores)

    def required(image: ImageReference) -> Requirement:
        requirements = found.required(image)
        if not requirements:
            raise UsageError(f"no trust under `signing: trust` has a scope for {image.name}")
        return requirements[0]

    return Proof(found, required, lambda _signature: True)


def _fingerprint(signature: Signature) -> str:
    first = signature.certificates[0].fingerprint if signature.certificates else ""
    return first.replace(":", "").lower()
