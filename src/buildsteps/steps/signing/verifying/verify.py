"""``verify``: every image of a deployment, one case each."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.notation.finding import FoundNotation, find_notation
from buildsteps.results import Case, Cause, Report
from buildsteps.steps.signing.ages import parse_age
from buildsteps.steps.signing.exempting import Judged, settled
from buildsteps.steps.signing.inputs.collecting import Collected, collect_images
from buildsteps.steps.signing.metadata import pairs
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.credentials import sole_registry
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.targets import Target, Unresolved, resolve
from buildsteps.steps.signing.trust.authority import Authority, authority
from buildsteps.steps.signing.trust.covering import Requirement
from buildsteps.steps.signing.verifying.asking import Answer, Asker
from buildsteps.steps.signing.verifying.verdicts import (
    NO_TRUST,
    Stop,
    case_of,
    failed_to_ask,
    stop_of,
    stopped_case,
)
from buildsteps.world import World
from buildsteps.world.concurrency import THREADS, threaded_map
from buildsteps.world.heartbeat import watched


def collect(options: VerifyOptions, world: World) -> Report:
    """Verify all images that the call names; a case each, and what else the call asks for."""
    trusted = authority(options, world)
    collected = collect_images(options.images, options.from_, world)
    run = _Run(options, world, trusted, collected)
    judged = list(run.judged()) if collected.images else []
    exempt = settled(judged, options.accept, world)
    return Report(
        cases=(*trusted.cases, *exempt.cases),
        findings=(*trusted.findings, *collected.findings, *exempt.findings),
        facts=run.facts(),
        notes=collected.notes,
        emptiness=collected.emptiness,
    )


class _Asked(Struct, frozen=True):
    """A manifest, and the signatures that it must carry."""

    target: Target
    requirements: tuple[Requirement, ...]


class _Run:
    """One call of ``verify``."""

    def __init__(
        self, options: VerifyOptions, world: World, trusted: Authority, collected: Collected
    ) -> None:
        self.options = options
        self.world = world
        self.trusted = trusted
        self.collected = collected
        self.metadata = pairs(options.require_metadata, "--require-metadata")
        self.plugin_config = pairs(options.plugin_config, "--plugin-config")
        self.max_age = parse_age(options.max_age, "--max-age")
        self.threads = options.jobs or THREADS
        references = [image.reference for image in collected.images]
        self.registries = Registries(world, options.insecure_registry, sole_registry(references))
        self.found: FoundNotation | None = None

    def facts(self) -> dict[str, object]:
        """What the cases rest on."""
        return {**(self.found.facts if self.found else {}), "images": len(self.collected.images)}

    def judged(self) -> Iterator[Judged]:
        """Judge the manifests, several at once, in the order of the images."""
        self.found = find_notation(self.world.environ, self.world.processes, self.options.notation)
        for image in self.collected.images:  # a wrong --require-all is told before anybody is asked
            self.trusted.required(image.reference, self.options.require_all)
        work = [self._asked(one) for one in self._resolved()]
        asked = [one for one in work if isinstance(one, _Asked)]
        asker = Asker(
            self.found,
            self.registries,
            self.world,
            plugin_config=self.plugin_config,
            timeout=self.options.timeout,
        )
        with ExitStack() as stack:
            needed = (
                (trust, one.target.reference)
                for one in asked
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

    def _resolved(self) -> Iterator[Target | Unresolved]:
        return resolve(
            self.collected.images,
            self.registries,
            platforms=self.options.platforms == "all",
            threads=self.threads,
            digests_too=False,
        )

    def _asked(self, one: Target | Unresolved) -> "_Asked | Judged":
        if isinstance(one, Unresolved):
            stop = failed_to_ask(one.error)
            return Judged(one.image, stopped_case(str(one.image.reference), one.image, stop))
        required = self.trusted.required(one.reference, self.options.require_all)
        if required:
            return _Asked(one, required)
        says = "has no trust policy that speaks for it: no scope covers its repository"
        stop = Stop(kind=NO_TRUST, says=says, cause=Cause.SUBJECT)
        return Judged(one.image, stopped_case(one.name, one.image, stop))

    def _case(self, asked: _Asked, asker: Asker) -> Case:
        started = self.world.clock.monotonic()
        now = datetime.datetime.fromtimestamp(self.world.clock.now(), datetime.UTC)
        try:
            answers = self._answers(asked, asker)
        except BuildstepsError as error:
            return stopped_case(asked.target.name, asked.target.image, failed_to_ask(error))
        stop = stop_of(answers, self.max_age, now)
        seconds = max(self.world.clock.monotonic() - started, 0.0)
        return case_of(asked.target, answers, stop, seconds)

    def _answers(self, asked: _Asked, asker: Asker) -> Sequence[Answer]:
        return [
            asker.answer(asked.target.reference, requirement, self.metadata)
            for requirement in asked.requirements
        ]
