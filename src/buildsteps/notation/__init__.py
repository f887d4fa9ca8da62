"""notation, the Notary Project's command line, as a library: typed results, typed errors.

What is named here is public and keeps to semantic versioning; the modules below are not. The guide
is ``docs/notation-library.md``.
"""

from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.notation.client import Notation
from buildsteps.notation.configuration import (
    Configuration,
    SigningKey,
    TrustStoreFiles,
    private_configuration,
)
from buildsteps.notation.credentials import Credentials
from buildsteps.notation.errors import (
    NotationError,
    NotationFailedError,
    NotationMissingError,
    SigningError,
    SigningReason,
)
from buildsteps.notation.finding import FoundNotation, find_notation
from buildsteps.notation.keys import SIGNER_PLUGIN, LocalKey, PluginKey
from buildsteps.notation.results import (
    Certificate,
    Inspection,
    Reason,
    Signature,
    SignatureFailure,
    Signed,
    Verification,
    Warned,
)
from buildsteps.notation.trust_policy import (
    SignatureVerification,
    TrustPolicy,
    TrustPolicyDocument,
)
from buildsteps.notation.version import Version

__all__ = [
    "SIGNER_PLUGIN",
    "Certificate",
    "Configuration",
    "Credentials",
    "FoundNotation",
    "ImageReference",
    "Inspection",
    "LocalKey",
    "Notation",
    "NotationError",
    "NotationFailedError",
    "NotationMissingError",
    "PluginKey",
    "Reason",
    "Signature",
    "SignatureFailure",
    "SignatureVerification",
    "Signed",
    "SigningError",
    "SigningKey",
    "SigningReason",
    "TrustPolicy",
    "TrustPolicyDocument",
    "TrustStoreFiles",
    "Verification",
    "Version",
    "Warned",
    "find_notation",
    "parse_reference",
    "private_configuration",
]
