"""Signing one manifest: not again what is signed, and never trusting an exit status alone."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from buildsteps.image_reference import ImageReference
from buildsteps.notation.client import Notation
from buildsteps.notation.results import Reason
from buildsteps.results import Cause
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.sign.cases import Done, What
from buildsteps.steps.signing.sign.keys import SigningWith
from buildsteps.steps.signing.sign.proof import Proof
from buildsteps.steps.signing.verifying.asking import Answer, Asker
from buildsteps.steps.signing.verifying.verdicts import Stop, one_line, stop_of
from buildsteps.world import World
from buildsteps.world.waiting import OutOfTimeError, wait_for

SECONDS_TO_APPEAR = 30.0
"""How long a registry may take to show a signature that was pushed."""

NOT_OURS = frozenset(
    {
        Reason.UNSIGNED,
        Reason.WRONG_SIGNER,
        Reason.WRONG_TRUST_STORE,
        Reason.TAMPERED,
        Reason.MALFORMED,
        Reason.COPIED,
        Reason.EXPIRED,
        Reason.CERTIFICATE_EXPIRED,
        Reason.TIMESTAMP,
        Reason.REVOKED,
        Reason.METADATA,
        Reason.PLUGIN_MISSING,
    }
)
"""What an image can be like before we sign it; anything else means that nobody could tell."""


_OF_OTHERS = (Reason.UNSIGNED, Reason.WRONG_SIGNER, Reason.METADATA)
"""What an image is like as long as the registry does not show the new signature."""

_NOT_REACHED = (
    "another signature under the same root verifies first, so this one is listed, not verified"
)


class Way(Struct, frozen=True, kw_only=True):
    """How to sign, as the options say it.

    ``demanded`` is the part of the metadata that the call names: a signature without it is not the
    one that was asked for, while the build's own is another in each build.
    """

    metadata: Mapping[str, str]
    demanded: Mapping[str, str] = {}
    expiry: datetime.timedelta | None = None
    timestamp_url: str = ""
    timestamp_root: Path | None = None
    force: bool = False
    dry_run: bool = False


class Signer:
    """Signs with one key. ``proof`` is None where nothing is to be verified."""

    def __init__(
        self,
        key: SigningWith,
        way: Way,
        notation: Notation,
        registries: Registries,
        world: World,
        proof: Proof | None,
        asker: Asker,
    ) -> None:
        self.key = key
        self.way = way
        self._notation = notation
        self._registries = registries
        self._world = world
        self._proof = proof
        self._asker = asker

    def sign(self, image: ImageReference) -> Done | Stop:
        """Sign the manifest, where it is not signed with this key already.

        Raises:
            SigningError: it was not signed.
            WorldError: the registry did not answer.
        """
        if self._proof is not None and not self.way.force:
            answer = self._asked(image, self._proof)
            if done := self._ours(answer, self._proof, What.ALREADY):
                return done
            reason = answer.verification.reason
            if reason is not None and reason not in NOT_OURS:
                return self._stop(answer)
        if self.way.dry_run:
            return Done(what=What.WOULD_SIGN, by=self.key.name)
        warnings = self._signed(image)
        if self._proof is None:
            return Done(what=What.UNVERIFIED, by=self.key.name, warnings=warnings)
        return self._appeared(image, self._proof)

    def verified(self, image: ImageReference, done: Done) -> Done | Stop:
        """Hold what somebody else did to the proof."""
        if self._proof is None:
            return done
        found = self._appeared(image, self._proof)
        if isinstance(found, Stop):
            return found
        return Done(what=done.what, by=found.by, signature=found.signature)

    def _signed(self, image: ImageReference) -> tuple[str, ...]:
        region = self.key.profile.region if self.key.profile else ""
        return self._notation.sign(
            image,
            self.key.key,
            metadata=self.way.metadata,
            expiry=self.way.expiry,
            plugin_config={**self.key.plugin_config, **self._asker.plugin_config(region)},
            force_referrers_tag=False,
            timestamp_url=self.way.timestamp_url,
            timestamp_root_certificate=self.way.timestamp_root,
            credentials=self._registries.of(image).credentials(),
            insecure=self._registries.is_insecure(image),
        ).warnings

    def _asked(self, image: ImageReference, proof: Proof) -> Answer:
        return self._asker.answer(image, proof.requirement(image), self.way.demanded)

    def _ours(self, answer: Answer, proof: Proof, what: What) -> Done | None:
        """The signature of this key, where the image verifies by it, as `verify` would say."""
        if not answer.verification.verified or _warned(answer):
            return None
        signature = answer.signature
        if signature is None or not proof.ours(signature):
            return None
        return Done(what=what, by=signature.identity, signature=signature)

    def _appeared(self, image: ImageReference, proof: Proof) -> Done | Stop:
        """Verify until the new signature is there: some registries show it a moment later."""
        found: list[Done | Stop] = []
        last: list[Answer] = []

        def probe() -> bool | None:
            last[:] = [self._asked(image, proof)]
            if (told := self._told(last[0], proof)) is not None:
                found.append(told)
            return bool(found) or None

        try:
            wait_for(probe, "the signature", clock=self._world.clock, limit=SECONDS_TO_APPEAR)
        except OutOfTimeError:
            return self._stop(last[0]) if _warned(last[0]) else _lost(last[0])
        return found[0]

    def _told(self, answer: Answer, proof: Proof) -> Done | Stop | None:
        """What an answer says of the new signature; None where it is not to be seen yet."""
        if done := self._ours(answer, proof, What.SIGNED):
            return done
        if answer.verification.verified:
            listed = any(proof.ours(claim) for claim in answer.claims)
            done = Done(what=What.SIGNED, by=self.key.name, warnings=(_NOT_REACHED,))
            return done if listed else None
        waits = answer.verification.reason in _OF_OTHERS
        return None if waits else self._stop(answer)

    def _stop(self, answer: Answer) -> Stop:
        now = datetime.datetime.fromtimestamp(self._world.clock.now(), datetime.UTC)
        stop = stop_of([answer], None, now)
        return stop if stop is not None else _lost(answer)


def _warned(answer: Answer) -> bool:
    """Whether a check failed that the trust's level only logs, and that nobody accepted."""
    accepted = answer.trust.accept_warnings
    return any(warned.type not in accepted for warned in answer.verification.warnings)


def _lost(answer: Answer) -> Stop:
    reason = answer.verification.message or "another signature verifies, and ours is not listed"
    return Stop(
        kind="signature-lost",
        says="was signed, but its new signature does not verify",
        advice="Did another build sign the same image at the same time? Sign it again.",
        lines=(f"notation: {one_line(reason)}",),
        cause=Cause.WORLD,
    )
