"""What each way of failing to sign means for a build."""

from buildsteps.notation.errors import SigningReason
from buildsteps.results import Cause, Outcome
from buildsteps.steps.signing.verifying.meaning import Meaning


def _subject(reason: SigningReason, says: str, advice: str) -> Meaning:
    return Meaning(str(reason), Outcome.ERROR, says, advice, Cause.SUBJECT)


def _world(reason: SigningReason, says: str, advice: str) -> Meaning:
    return Meaning(str(reason), Outcome.ERROR, says, advice, Cause.WORLD)


R = SigningReason

MEANINGS = {
    R.ACCESS_DENIED: _world(
        R.ACCESS_DENIED,
        "was not signed: access was denied",
        "The role needs signer:SignPayload and signer:GetSigningProfile on the profile.",
    ),
    R.THROTTLED: _world(
        R.THROTTLED, "was not signed: AWS Signer throttled us", "Try again with fewer --jobs."
    ),
    R.BAD_PROFILE: _subject(
        R.BAD_PROFILE,
        "was not signed: the signing profile is not there, or not active",
        "Check the ARN; a canceled or revoked profile signs no more.",
    ),
    R.NO_CREDENTIALS: _world(
        R.NO_CREDENTIALS,
        "was not signed: there are no AWS credentials, or they have expired",
        "Give the build a role.",
    ),
    R.SIGNER_UNREACHABLE: _world(
        R.SIGNER_UNREACHABLE,
        "was not signed: AWS Signer did not answer",
        "Check the network and the proxy; AWS Signer is not in every region.",
    ),
    R.PAYLOAD_TOO_LARGE: _subject(
        R.PAYLOAD_TOO_LARGE, "was not signed: the metadata is too large", "Sign less metadata."
    ),
    R.EXPIRY_REFUSED: _subject(
        R.EXPIRY_REFUSED,
        "was not signed: AWS Signer takes no expiry",
        "Leave --expiry out; a signing profile has a validity of its own.",
    ),
    R.FORMAT_REFUSED: _subject(
        R.FORMAT_REFUSED, "was not signed: the plugin does not make such envelopes", ""
    ),
    R.NO_SUCH_KEY: _subject(R.NO_SUCH_KEY, "was not signed: there is no such key", ""),
    R.PLUGIN_MISSING: _world(
        R.PLUGIN_MISSING,
        "was not signed: the plugin is not installed",
        "Install it: `buildsteps notation install --plugin ...`.",
    ),
    R.PLUGIN_FAILED: _world(
        R.PLUGIN_FAILED, "was not signed: the plugin failed", "Read its own words above."
    ),
    R.TIMESTAMP: _world(
        R.TIMESTAMP,
        "was not signed: the time-stamping authority could not be used",
        "Check --timestamp-url and --timestamp-root.",
    ),
    R.PUSH_FAILED: _world(
        R.PUSH_FAILED,
        "was signed, but the signature could not be pushed",
        "The role needs to push to this repository.",
    ),
    R.NO_SUCH_IMAGE: _subject(
        R.NO_SUCH_IMAGE, "is not in the registry, or not for us to see", "Push it first."
    ),
    R.REGISTRY_UNREACHABLE: _world(
        R.REGISTRY_UNREACHABLE,
        "was not signed: the registry did not answer",
        "Check the address, the network and the proxy; --insecure-registry for http.",
    ),
    R.REGISTRY_REFUSED: _world(
        R.REGISTRY_REFUSED,
        "was not signed: the registry refused us",
        "Log in: the role needs to pull from and push to this repository.",
    ),
    R.REGISTRY_BUSY: _world(
        R.REGISTRY_BUSY,
        "was not signed: the registry kept throttling or failing",
        "Try again later, or with fewer --jobs.",
    ),
    R.UNKNOWN: _world(
        R.UNKNOWN, "was not signed", "notation's own words are above; please report them."
    ),
}
