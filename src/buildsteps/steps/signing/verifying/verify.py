"""``verify``: the sum of what a call asks for."""

from collections.abc import Iterator

from msgspec import Struct

from buildsteps.results import Report
from buildsteps.steps.signing.inputs.collecting import Collected, collect_images, folded
from buildsteps.steps.signing.pinning import pinned, prepare_pinning
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.trust.authority import Authority, authority
from buildsteps.steps.signing.verifying.call import asks_for_images, check_call
from buildsteps.steps.signing.verifying.in_cluster import InCluster, ask_cluster
from buildsteps.steps.signing.verifying.judging import Judgement, Judging
from buildsteps.steps.signing.verifying.part import Part, together
from buildsteps.steps.signing.verifying.reports import report_parts
from buildsteps.steps.signing.verifying.unnamed import unnamed_part
from buildsteps.steps.signing.verifying.verdicts import GROUP
from buildsteps.world import World


def collect(options: VerifyOptions, world: World) -> Report:
    """Verify all images that the call names, and add what a cluster says; a case each.

    Raises:
        UsageError: the call or a file is wrong, or nobody is trusted.
        WorldError: there is no notation.
    """
    check_call(options)
    said = list(report_parts(options, world))  # read first: a wrong file is told at once
    if not asks_for_images(options):
        prepare_pinning(options, (), world)
        return together(said, options, world, whole_run=False)
    images = _Images.of(options, world)
    report = together([*images.parts(options, world), *said], options, world)
    return pinned(report, options, images.collected, images.judgement.digests, world)


class _Images(Struct, frozen=True):
    """The images of a call, and what came of them."""

    trusted: Authority
    collected: Collected
    cluster: InCluster | None
    judgement: Judgement

    @classmethod
    def of(cls, options: VerifyOptions, world: World) -> "_Images":
        trusted = authority(options, world)
        judging = Judging(options, world, trusted)
        collected = collect_images(options.images, options.from_, world)
        judging.check(collected.images)
        prepare_pinning(options, collected.files, world)
        cluster = ask_cluster(options, collected.files, world) if options.cluster else None
        running = folded(cluster.running.uses) if cluster else ()
        return cls(trusted, collected, cluster, judging.judge(collected.images, running))

    def parts(self, options: VerifyOptions, world: World) -> Iterator[Part]:
        unnamed = unnamed_part(self.collected.findings, options.accept, world)
        asked = options.images or options.from_ or not options.cluster
        yield Part(
            name=GROUP,
            judged=self.judgement.judged,
            cases=self.trusted.cases,
            findings=self.trusted.findings,
            facts=self.judgement.facts,
            notes=self.collected.notes,
            emptiness=self.collected.emptiness if asked and not unnamed.cases else "",
        )
        yield unnamed
        if self.cluster:
            named = {image.reference for image in self.collected.images}
            targets = self.judgement.targets
            yield self.cluster.part(
                [one.reference for one in targets if one.image.reference in named]
            )
