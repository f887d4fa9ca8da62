"""What a call of ``verify`` asks for, and what cannot be asked together."""

from buildsteps.errors import UsageError
from buildsteps.steps.signing.cluster.kubectl import check_namespace
from buildsteps.steps.signing.inputs.collecting import STDIN
from buildsteps.steps.signing.settings import VerifyOptions


def check_call(options: VerifyOptions) -> None:
    """Refuse a call that contradicts itself, before anything is read.

    Raises:
        UsageError: says which options.
    """
    for flag, value in (("--saved", options.saved), ("--namespace", options.namespace)):
        if value and not options.cluster:
            raise UsageError(f"{flag} says more about --cluster, which is not given")
    check_namespace(options.namespace)
    named = [*dict.fromkeys(options.from_), *dict.fromkeys(options.policy_report)]
    if [*named, options.saved, options.admission_log].count(STDIN) > 1:
        raise UsageError("standard input can be read once: two options name it with `-`")


def asks_for_images(options: VerifyOptions) -> bool:
    """Whether images are to be verified, which needs trust and notation.

    What a policy engine said needs neither. A call that asks for nothing is taken to mean images.
    """
    images = options.images or options.from_ or options.cluster
    return bool(images) or not (options.policy_report or options.admission_log)
