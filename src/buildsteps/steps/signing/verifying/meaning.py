"""What each of notation's reasons means for a build: stop, or could not be judged, and why."""

from msgspec import Struct

from buildsteps.notation.results import Reason
from buildsteps.results import Cause, Outcome


class Meaning(Struct, frozen=True):
    """How an image comes out for a reason.

    ``kind`` is the class that reports and acceptances name; ``says`` ends a sentence that begins
    with the image; ``advice`` is what to do.
    """

    kind: str
    outcome: Outcome
    says: str
    advice: str
    cause: Cause | None = None


def _failed(kind: str, says: str, advice: str) -> Meaning:
    return Meaning(kind, Outcome.FAILED, says, advice)


def _subject(kind: str, says: str, advice: str) -> Meaning:
    return Meaning(kind, Outcome.ERROR, says, advice, Cause.SUBJECT)


def _world(kind: str, says: str, advice: str) -> Meaning:
    return Meaning(kind, Outcome.ERROR, says, advice, Cause.WORLD)


_INVALID = "Treat it as an attack until you know better: sign the image again from its source."
_TRUST = "Mend the trust policy or the `signing:` section."

MEANINGS = {
    Reason.REVOCATION_UNKNOWN: _world(
        "revocation-unknown",
        "could not be judged: the revocation of its signature could not be asked",
        "The role needs signer:GetRevocationStatus and a way to AWS Signer, or to the "
        "certificate's CRL or OCSP address.",
    ),
    Reason.PLUGIN_MISSING: _world(
        "plugin-missing",
        "could not be judged: the plugin that its signature asks for is not installed",
        "Install it: `buildsteps notation install --plugin ...`.",
    ),
    Reason.PLUGIN_FAILED: _world(
        "plugin-failed",
        "could not be judged: the verification plugin failed",
        "Read the plugin's own words above.",
    ),
    Reason.REGISTRY_UNREACHABLE: _world(
        "registry-unreachable",
        "could not be judged: the registry did not answer",
        "Check the address, the network and the proxy; --insecure-registry for http.",
    ),
    Reason.REGISTRY_REFUSED: _world(
        "registry-refused",
        "could not be judged: the registry refused us",
        "Log in: the role needs to pull from this repository.",
    ),
    Reason.REGISTRY_BUSY: _world(
        "registry-busy",
        "could not be judged: the registry kept throttling or failing",
        "Try again later, or with fewer --jobs.",
    ),
    Reason.REGISTRY_MALFORMED: _world(
        "registry-malformed",
        "could not be judged: what answered speaks no registry's protocol",
        "Check the address; is a proxy or a login page in between?",
    ),
    Reason.SIGNATURE_UNREADABLE: _world(
        "signature-unreadable",
        "could not be judged: a signature could not be fetched",
        "The registry lists a signature that it does not give: sign again.",
    ),
    Reason.UNKNOWN: _world(
        "unknown", "could not be judged", "notation's own words are above; please report them."
    ),
    Reason.TOO_MANY_SIGNATURES: _subject(
        "too-many-signatures",
        "carries more signatures than are looked at",
        "Delete foreign ones: `buildsteps signatures list` and `delete`.",
    ),
    Reason.NO_TRUST_POLICY: _subject(
        "no-trust-policy", "has no trust policy that speaks for it", _TRUST
    ),
    Reason.WRONG_TRUST_POLICY: _subject(
        "wrong-trust-policy", "could not be judged: the trust policy is wrong", _TRUST
    ),
    Reason.WRONG_TRUST_STORE: _subject(
        "wrong-trust-store",
        "could not be judged: the trust policy's stores hold no certificate for its signature",
        "A signature of AWS Signer needs a store of type `signingAuthority`, others `ca`.",
    ),
    Reason.NO_SUCH_IMAGE: _subject(
        "no-such-image",
        "is not in the registry, or not for us to see",
        "Check repository and tag; some registries answer so where rights are missing.",
    ),
    Reason.BAD_REFERENCE: _subject(
        "bad-reference", "is no reference that notation takes", "Check how it is written."
    ),
    Reason.REVOKED: _failed(
        "revoked",
        "is signed, but the signature, its key or its profile was revoked",
        "Find out why it was revoked before you sign again.",
    ),
    Reason.EXPIRED: _failed(
        "expired", "is signed, but the signature has expired", "Build and sign again."
    ),
    Reason.CERTIFICATE_EXPIRED: _failed(
        "expired",
        "is signed, but the signer's certificate has expired",
        "Sign again with a new certificate, or with time stamps.",
    ),
    Reason.TIMESTAMP: _failed(
        "timestamp",
        "is signed, but the time stamp of its signature does not verify",
        "The trust needs a store of type `tsa` with the authority's root certificate.",
    ),
    Reason.TAMPERED: _failed("tampered", "carries a signature that is not valid", _INVALID),
    Reason.MALFORMED: _failed("tampered", "carries a signature that is malformed", _INVALID),
    Reason.COPIED: _failed("tampered", "carries the signature of another image", _INVALID),
    Reason.METADATA: _failed(
        "metadata",
        "is signed, but without the metadata that is required",
        "Compare --require-metadata with what was signed.",
    ),
    Reason.WRONG_SIGNER: _failed(
        "wrong-signer",
        "is signed, but by somebody else",
        "Sign it with a trusted identity, or trust this one.",
    ),
    Reason.UNSIGNED: _failed("unsigned", "is not signed", "Sign it: `buildsteps sign`."),
}

TOO_MANY_PLATFORMS = _subject(
    "too-many-platforms",
    "lists more platforms than are looked at",
    "Verify the platforms that are used by digest, one by one.",
)
