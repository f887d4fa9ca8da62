"""``sign``: each image by digest, once, and verified."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.image_reference import ImageReference
from buildsteps.notation.arguments import SignSettings, sign_flags
from buildsteps.notation.client import Notation
from buildsteps.notation.configuration import private_configuration
from buildsteps.notation.finding import FoundNotation, find_notation
from buildsteps.results import Case, Outcome, Report
from buildsteps.step import Text
from buildsteps.steps.signing.ages import parse_age
from buildsteps.steps.signing.exempting import Judged, wanted
from buildsteps.steps.signing.inputs.collecting import CollectedImage, collect_images
from buildsteps.steps.signing.metadata import check_size, pairs, signed_metadata
from buildsteps.steps.signing.numbers import check_numbers
from buildsteps.steps.signing.pinning import pinned, prepare_pinning
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.credentials import sole_registry
from buildsteps.steps.signing.settings import SignOptions
from buildsteps.steps.signing.sign.cases import (
    GROUP,
    Done,
    case_of,
    failed_to_find,
    failed_to_sign,
    too_large,
)
from buildsteps.steps.signing.sign.keys import SigningWith, signing_with
from buildsteps.steps.signing.sign.managed_signing import await_managed
from buildsteps.steps.signing.sign.proof import Proof, proof_of
from buildsteps.steps.signing.sign.signer import Signer, Way
from buildsteps.steps.signing.targets import Target, Unresolved, resolve
from buildsteps.steps.signing.trust.stores import check_certificate
from buildsteps.steps.signing.verifying.asking import Asker
from buildsteps.steps.signing.verifying.judging import Judgement
from buildsteps.steps.signing.verifying.verdicts import Stop, failed_to_ask, stopped_case
from buildsteps.world import World
from buildsteps.world.concurrency import THREADS, threaded_map
from buildsteps.world.heartbeat import watched


def collect(options: SignOptions, world: World) -> Report | Text:
    """Sign all images that the call names; a case each."""
    check_numbers(options)
    if options.dry_run and options.write_digests:
        raise UsageError("--dry-run signs nothing, so there is no digest for --write-digests")
    collected = collect_images(options.images, options.from_, world)
    if options.dry_run and not collected.images:
        raise UsageError(collected.emptiness)
    images = wanted(collected.images, options.accept, world, GROUP)
    run = _Run(options, world, images.images)
    prepare_pinning(options, collected.files, world)
    judgement = run.judgement()
    cases = (*(one.case for one in judgement.judged), *images.cases)
    if options.dry_run:
        return _promises(cases)
    report = Report(
        cases=cases,
        findings=collected.findings,
        facts=judgement.facts,
        notes=(*run.notes(), *collected.notes, *images.notes),
        emptiness=collected.emptiness,
    )
    return pinned(report, options, collected, judgement.digests, world)


class _Run:
    """One call of ``sign``. A managed run signs nothing itself, so it may have no key."""

    def __init__(
        self, options: SignOptions, world: World, images: Sequence[CollectedImage]
    ) -> None:
        self.options = options
        self.world = world
        self.images = images
        self.managed = options.managed == "wait"
        self.key = None if self.managed and not options.profile else signing_with(options, world)
        self.way = Way(
            metadata=signed_metadata(options.metadata, world, of_build=options.build_metadata),
            demanded=pairs(options.metadata, "--metadata"),
            expiry=parse_age(options.expiry, "--expiry"),
            timestamp_url=options.timestamp_url,
            timestamp_root=_certificate(options.timestamp_root, world),
            force=options.force,
            dry_run=options.dry_run,
        )
        self.plugin_config = pairs(options.plugin_config, "--plugin-config")
        if self.key is not None:
            sign_flags(self.key.key, self._settings(self.key))
        if self.key and self.key.profile and self.way.expiry:
            raise UsageError("--expiry: a signing profile has a validity of its own, leave it out")
        self.threads = options.jobs or THREADS
        references = [image.reference for image in images]
        self.registries = Registries(world, options.insecure_registry, sole_registry(references))
        self.found: FoundNotation | None = None
        self.targets: Sequence[Target | Unresolved] = ()

    def _settings(self, key: SigningWith) -> SignSettings:
        return SignSettings(
            metadata=self.way.metadata,
            expiry=self.way.expiry,
            plugin_config={**key.plugin_config, **self.plugin_config},
            timestamp_url=self.way.timestamp_url,
            timestamp_root_certificate=self.way.timestamp_root,
        )

    def judgement(self) -> Judgement:
        """Sign, and say what the cases rest on and which manifests are signed now."""
        judged = tuple(self.judged()) if self.images else ()
        signed = [
            target
            for target, one in zip(self.targets, judged, strict=True)
            if isinstance(target, Target) and one.case.outcome is Outcome.PASSED
        ]
        facts: dict[str, object] = dict(self.found.facts) if self.found else {}
        if self.key is not None:
            facts |= {"key": self.key.name, "metadata": dict(self.way.metadata)}
        facts |= {
            "images": len(self.images),
            "digests": {target.name: target.descriptor.digest for target in signed},
            "signed": list(dict.fromkeys(str(target.reference) for target in signed)),
        }
        return Judgement(judged=judged, targets=tuple(signed), facts=facts)

    def notes(self) -> tuple[str, ...]:
        """Which notation signed, for people."""
        return (str(self.found),) if self.found else ()

    def judged(self) -> Iterator[Judged]:
        """Sign the manifests, several at once but each by one, in the order of the images."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="buildsteps-sign-")))
            proof = self._proof(folder)
            self.targets = targets = list(self._resolved())
            signer = self._signer(stack, proof, targets)
            once = _Once(lambda target: self._done(target, signer))

            def judge(one: Target | Unresolved) -> Judged:
                return Judged(one.image, self._case(one, once))

            judged = threaded_map(judge, targets, self.threads)
            yield from watched(judged, len(targets), "images signed", self.world)

    def _proof(self, folder: Path) -> Proof | None:
        if self.key is None or not self.options.verify:
            return None
        return proof_of(self.key, self.options, self.world, folder)

    def _resolved(self) -> Iterator[Target | Unresolved]:
        return resolve(
            self.images,
            self.registries,
            platforms=self.options.recursive,
            threads=self.threads,
        )

    def _signer(
        self, stack: ExitStack, proof: Proof | None, targets: Sequence[Target | Unresolved]
    ) -> Signer | None:
        """What signs and verifies; None where ECR does it and nothing is to be verified."""
        if self.key is None:
            return None
        self.found = find_notation(self.world.environ, self.world.processes, self.options.notation)
        asker = Asker(
            self.found,
            self.registries,
            self.world,
            plugin_config=self.plugin_config,
            timeout=self.options.timeout,
        )
        if proof is not None:
            needed = [
                (trust, one.reference)
                for one in targets
                if isinstance(one, Target)
                for trust in proof.requirement(one.reference).alternatives
            ]
            asker.prepare(proof.authority, needed, stack)
        notation = self._notation(self.key, self.found, stack)
        return Signer(self.key, self.way, notation, self.registries, self.world, proof, asker)

    def _notation(self, key: SigningWith, found: FoundNotation, stack: ExitStack) -> Notation:
        keys = (key.local,) if key.local else ()
        configuration = stack.enter_context(private_configuration(keys=keys, libexec=found.libexec))
        return Notation(
            found.path,
            configuration=configuration,
            environ=self.world.environ,
            processes=self.world.processes,
            timeout=self.options.timeout,
            pause=self.world.clock.sleep,
        )

    def _case(self, one: Target | Unresolved, once: "_Once") -> Case:
        if isinstance(one, Unresolved):
            # ECR's managed signing may have signed it all the same.
            stop = failed_to_ask(one.error) if self.managed else failed_to_find(one.error)
            return stopped_case(str(one.image.reference), one.image, stop, group=GROUP)
        started = self.world.clock.monotonic()
        done = once.done(one)
        return case_of(one, done, max(self.world.clock.monotonic() - started, 0.0))

    def _done(self, target: Target, signer: Signer | None) -> Done | Stop:
        try:
            if self.managed:
                return self._managed(target.reference, signer)
            if signer is None:
                raise UsageError("no key is named")
            if signer.key.profile is not None:
                try:
                    check_size(target.descriptor, self.way.metadata)
                except UsageError as error:
                    return too_large(error)
            return signer.sign(target.reference)
        except BuildstepsError as error:
            return failed_to_sign(error)

    def _managed(self, image: ImageReference, signer: Signer | None) -> Done | Stop:
        profile = self.options.profile
        done = await_managed(image, self.world, self.options.wait, profile)
        if isinstance(done, Stop) or signer is None:
            return done
        return signer.verified(image, done)


def _certificate(text: str, world: World) -> Path | None:
    if not text:
        return None
    path = world.path(text)
    check_certificate(path, world)
    return path


class _Once:
    """One signer an image, and once, although several references may mean the same digest.

    Parallel signatures on one image get lost where the registry has no referrers API.
    """

    def __init__(self, sign: Callable[[Target], Done | Stop]) -> None:
        self._sign = sign
        self._locks: dict[ImageReference, Lock] = {}
        self._done: dict[ImageReference, Done | Stop] = {}
        self._making = Lock()

    def done(self, target: Target) -> Done | Stop:
        """What became of the manifest, signed now if it was not yet."""
        with self._making:
            lock = self._locks.setdefault(target.reference, Lock())
        with lock:
            if target.reference not in self._done:
                self._done[target.reference] = self._sign(target)
            return self._done[target.reference]


def _promises(cases: Sequence[Case]) -> Text:
    """What would be done, a line an image."""
    lines = [f"{case.name}: {case.message or case.kind}" for case in cases]
    data = [{"image": case.name, "outcome": case.message} for case in cases]
    return Text("\n".join(lines), data)
