"""Images put to notation: one case for each manifest, several at once."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from msgspec import Struct

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.notation.arguments import verify_flags
from buildsteps.notation.finding import find_notation
from buildsteps.results import Case, Cause, Outcome
from buildsteps.steps.signing.ages import parse_age
from buildsteps.steps.signing.exempting import Judged
from buildsteps.steps.signing.inputs.collecting import CollectedImage
from buildsteps.steps.signing.metadata import pairs
from buildsteps.steps.signing.numbers import check_numbers
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.credentials import sole_registry
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.targets import Target, Unresolved, resolve
from buildsteps.steps.signing.trust.authority import Authority
from buildsteps.steps.signing.trust.covering import Requirement
from buildsteps.steps.signing.verifying.asking import Answer, Asker
from buildsteps.steps.signing.verifying.verdicts import (
    NO_TRUST,
    Stop,
    case_of,
    failed_to_ask,
    stop_of,
    stopped_case,
    used_by,
)
from buildsteps.world import World
from buildsteps.world.concurrency import THREADS, threaded_map
from buildsteps.world.heartbeat import watched


class Judgement(Struct, frozen=True, kw_only=True):
    """What came of images.

    ``targets`` are the manifests that the registries gave, ``judged`` the cases of all images;
    ``notes`` say which notation was asked.
    """

    judged: tuple[Judged, ...] = ()
    targets: tuple[Target, ...] = ()
    facts: Mapping[str, object] = {}
    notes: tuple[str, ...] = ()

    @property
    def digests(self) -> list[tuple[CollectedImage, str]]:
        """The images that passed, with each of their platforms that was asked for."""
        stops = [one for one in self.judged if one.case.outcome is not Outcome.PASSED]
        stopped = {one.image.reference for one in stops}
        return [
            (target.image, target.descriptor.digest)
            for target in self.targets
            if not target.descriptor.platform and target.image.reference not in stopped
        ]


class _Asked(Struct, frozen=True):
    """A manifest, and the signatures that it must carry."""

    target: Target
    requirements: tuple[Requirement, ...]


class Judging:
    """How the images of a call are verified: what is demanded of them, and who is asked.

    Raises:
        UsageError: an option is wrong.
    """

    def __init__(self, options: VerifyOptions, world: World, trusted: Authority) -> None:
        check_numbers(options)
        self.options = options
        self.world = world
        self.trusted = trusted
        self.metadata = pairs(options.require_metadata, "--require-metadata")
        self.plugin_config = pairs(options.plugin_config, "--plugin-config")
        verify_flags(self.metadata, self.plugin_config)
        self.max_age = parse_age(options.max_age, "--max-age")
        self.threads = options.jobs or THREADS

    def check(self, images: Sequence[CollectedImage]) -> None:
        """Tell before anybody is asked that ``--require-all`` cannot hold for images of the call.

        Raises:
            UsageError: it names nobody for one of them.
        """
        for image in images:
            self.trusted.required(image.reference, self.options.require_all)

    def judge(
        self, images: Sequence[CollectedImage], running: Sequence[CollectedImage] = ()
    ) -> Judgement:
        """Judge the images, in their order, and what else is ``running`` in a cluster, by digest.

        What runs and is a manifest of ``images`` is one case with it.

        Raises:
            WorldError: there is no notation.
        """
        if not images and not running:
            return Judgement(facts={"images": 0})
        found = find_notation(self.world.environ, self.world.processes, self.options.notation)
        sole = sole_registry(image.reference for image in [*images, *running])
        registries = Registries(self.world, self.options.insecure_registry, sole)
        resolved = self._resolved(images, registries)
        known = {one.reference for one in resolved if isinstance(one, Target)}
        resolved = [_with_uses(one, running) for one in resolved]
        rest = [image for image in running if image.reference not in known]
        resolved += self._resolved(rest, registries)
        asker = Asker(
            found,
            registries,
            self.world,
            plugin_config=self.plugin_config,
            timeout=self.options.timeout,
        )
        return Judgement(
            judged=tuple(self._judged([self._asked(one) for one in resolved], asker)),
            targets=tuple(one for one in resolved if isinstance(one, Target)),
            facts={**found.facts, "images": len(images) + len(rest)},
            notes=(str(found),),
        )

    def _resolved(
        self, images: Sequence[CollectedImage], registries: Registries
    ) -> list[Target | Unresolved]:
        platforms = self.options.platforms == "all"
        return list(
            resolve(
                images,
                registries,
                platforms=platforms,
                threads=self.threads,
                digests_too=False,
            )
        )

    def _judged(self, work: "Sequence[_Asked | Judged]", asker: Asker) -> Iterator[Judged]:
        with ExitStack() as stack:
            needed = (
                (trust, one.target.reference)
                for one in work
                if isinstance(one, _Asked)
                for requirement in one.requirements
                for trust in requirement.alternatives
            )
            asker.prepare(self.trusted, needed, stack)

            def judge(one: _Asked | Judged) -> Judged:
                if isinstance(one, Judged):
                    return one
                return Judged(one.target.image, self._case(one, asker))

            judged = threaded_map(judge, work, self.threads)
            yield from watched(judged, len(work), "images verified", self.world)

    def _asked(self, one: Target | Unresolved) -> "_Asked | Judged":
        if isinstance(one, Unresolved):
            stop = failed_to_ask(one.error)
            return Judged(one.image, _stopped(str(one.image.reference), one.image, stop))
        says = f"has no trust policy that speaks for it: {self.trusted.uncovered}"
        try:
            required = self.trusted.required(one.reference, self.options.require_all)
        except UsageError as error:  # of an image that the call does not name, but the cluster runs
            required, says = (), f"cannot have what --require-all demands: {error.message}"
        if required:
            return _Asked(one, required)
        stop = Stop(kind=NO_TRUST, says=says, cause=Cause.SUBJECT)
        return Judged(one.image, _stopped(one.name, one.image, stop))

    def _case(self, asked: _Asked, asker: Asker) -> Case:
        started = self.world.clock.monotonic()
        now = datetime.datetime.fromtimestamp(self.world.clock.now(), datetime.UTC)
        try:
            answers = self._answers(asked, asker)
        except BuildstepsError as error:
            return _stopped(asked.target.name, asked.target.image, failed_to_ask(error))
        stop = stop_of(answers, self.max_age, now)
        seconds = max(self.world.clock.monotonic() - started, 0.0)
        return case_of(asked.target, answers, stop, seconds)

    def _answers(self, asked: _Asked, asker: Asker) -> Sequence[Answer]:
        return [
            asker.answer(asked.target.reference, requirement, self.metadata)
            for requirement in asked.requirements
        ]


def _stopped(name: str, image: CollectedImage, stop: Stop) -> Case:
    """The case of an image that notation gave no answer about, with who uses it."""
    return stopped_case(name, image, stop, used_by(image))


def _with_uses(one: Target | Unresolved, running: Sequence[CollectedImage]) -> Target | Unresolved:
    """The target with the places where a cluster runs it."""
    if isinstance(one, Unresolved):
        return one
    uses = [use for image in running if image.reference == one.reference for use in image.uses]
    image = one.image
    return Target(CollectedImage(image.reference, (*image.uses, *uses)), one.descriptor)
