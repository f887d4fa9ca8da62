"""The commands about signing; what they need is imported when one of them runs."""

from buildsteps.results import Report
from buildsteps.step import Step
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.world import World


def _verify(options: VerifyOptions, world: World) -> Report:
    from buildsteps.steps.signing.verifying import verify

    return verify.collect(options, world)


VERIFY = Step("verify", VerifyOptions, _verify)
