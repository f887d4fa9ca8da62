"""The commands about signing; what they need is imported when one of them runs."""

from buildsteps.results import Report
from buildsteps.step import Step, Text
from buildsteps.steps.signing.settings import SignOptions, VerifyOptions
from buildsteps.world import World


def _sign(options: SignOptions, world: World) -> Report | Text:
    from buildsteps.steps.signing.sign import sign

    return sign.collect(options, world)


def _verify(options: VerifyOptions, world: World) -> Report:
    from buildsteps.steps.signing.verifying import verify

    return verify.collect(options, world)


SIGN = Step("sign", SignOptions, _sign, gives_text=lambda options: bool(options.dry_run))
VERIFY = Step("verify", VerifyOptions, _verify)
