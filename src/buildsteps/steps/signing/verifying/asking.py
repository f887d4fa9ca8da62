"""Asking notation about an image: under each trust, with the right credentials and region."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.image_reference import ImageReference
from buildsteps.notation.client import Notation
from buildsteps.notation.configuration import SigningKey, private_configuration
from buildsteps.notation.finding import FoundNotation
from buildsteps.notation.reasons import most_telling
from buildsteps.notation.results import Reason, Signature, Verification
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.settings import MAX_SIGNATURES
from buildsteps.steps.signing.trust.authority import Authority, policies
from buildsteps.steps.signing.trust.covering import Requirement, region_of
from buildsteps.steps.signing.trust.settings import Trust
from buildsteps.world import World

REGION = "aws-region"
"""The plugin's setting; without it the plugin takes the region of the AWS configuration, whatever
the profile's ARN says (aws-signer-notation-plugin 1.0.350)."""


_UNASKED = frozenset({Reason.REGISTRY_BUSY, Reason.REGISTRY_REFUSED, Reason.REGISTRY_UNREACHABLE})


class Answer(Struct, frozen=True, kw_only=True):
    """What became of one requirement.

    ``trust`` is the alternative that decided, ``metadata`` what was demanded. ``signature`` is
    the one that verified; ``claims`` are the others that the image carries, of which nothing is
    verified.
    """

    requirement: Requirement
    trust: Trust
    verification: Verification
    signature: Signature | None = None
    claims: tuple[Signature, ...] = ()
    metadata: Mapping[str, str] = {}


class Asker:
    """notation with a private configuration for each trust, for the time of ``stack``.

    May be used by many threads at once.
    """

    def __init__(
        self,
        found: FoundNotation,
        registries: Registries,
        world: World,
        *,
        plugin_config: Mapping[str, str],
        timeout: float,
    ) -> None:
        self.found = found
        self._registries = registries
        self._world = world
        self._plugin_config = dict(plugin_config)
        self._timeout = timeout
        self._notations: dict[str, Notation] = {}

    def prepare(
        self,
        authority: Authority,
        needed: Iterable[tuple[Trust, ImageReference]],
        stack: ExitStack,
        keys: tuple[SigningKey, ...] = (),
    ) -> None:
        """Make the configurations, each with the repositories that are asked about."""
        names: dict[str, set[str]] = {}
        trusts: dict[str, Trust] = {}
        for trust, image in needed:
            names.setdefault(_key(trust), set()).add(image.name)
            trusts[_key(trust)] = trust
        for key, trust in trusts.items():
            files = authority.store_files(trust, self._world)
            document, stores = policies(trust, frozenset(names[key]), files)
            configuration = stack.enter_context(
                private_configuration(
                    trust_policy=document,
                    trust_stores=stores,
                    keys=keys,
                    libexec=self.found.libexec,
                )
            )
            self._notations[key] = Notation(
                self.found.path,
                configuration=configuration,
                environ=self._world.environ,
                processes=self._world.processes,
                timeout=self._timeout,
                pause=self._world.clock.sleep,
            )

    def answer(
        self, image: ImageReference, requirement: Requirement, metadata: Mapping[str, str]
    ) -> Answer:
        """Verify ``image`` under each alternative, until it verifies under one."""
        answers = []
        for trust in requirement.alternatives:
            verification = self._verify(image, trust, metadata)
            found = Answer(
                requirement=requirement, trust=trust, verification=verification, metadata=metadata
            )
            if verification.verified or verification.skipped:
                return self._with_signatures(image, found)
            answers.append(found)
        return self._with_signatures(image, heaviest(answers))

    def _verify(
        self, image: ImageReference, trust: Trust, metadata: Mapping[str, str]
    ) -> Verification:
        return self._notations[_key(trust)].verify(
            image,
            metadata=metadata,
            plugin_config=self.plugin_config(region_of(trust)),
            max_signatures=MAX_SIGNATURES,
            credentials=self._registries.of(image).credentials(),
            insecure=self._registries.is_insecure(image),
        )

    def plugin_config(self, region: str) -> dict[str, str]:
        """The plugin's settings: the user's, and the region of the profile."""
        return {**({REGION: region} if region else {}), **self._plugin_config}

    def _with_signatures(self, image: ImageReference, answer: Answer) -> Answer:
        """Add what the signatures say, where there are any worth reading."""
        verification = answer.verification
        if not verification.digest and not verification.failures:
            return answer
        inspection = self._notations[_key(answer.trust)].inspect(
            image,
            max_signatures=MAX_SIGNATURES,
            credentials=self._registries.of(image).credentials(),
            insecure=self._registries.is_insecure(image),
        )
        verified = [one for one in inspection.signatures if one.digest == verification.digest]
        return replace(
            answer,
            signature=verified[0] if verified else None,
            claims=tuple(one for one in inspection.signatures if one not in verified),
        )


def heaviest(answers: list[Answer]) -> Answer:
    """The answer that tells most, with the failures of all.

    An alternative that nobody could be asked about decides: the image may well verify under it.
    """
    if len(answers) == 1:
        return answers[0]
    unasked = [one for one in answers if one.verification.reason in _UNASKED]
    if unasked:
        return unasked[0]
    failures = tuple(one for answer in answers for one in answer.verification.failures)
    if not failures:
        return answers[0]
    chosen = most_telling(failures)
    decided = next(one for one in answers if chosen in one.verification.failures)
    return replace(decided, verification=replace(decided.verification, failures=failures))


def _key(trust: Trust) -> str:
    return repr(replace(trust, scopes=()))
