"""notation, the Notary Project's command line, as a library: typed results, typed errors.

What is named here is public and keeps to semantic versioning; the modules below are not. The guide
is ``docs/notation-library.md``. Each name is imported when it is first asked for (PEP 562): the
help of our commands needs some of the modules below, and none of their weight.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "Certificate": "buildsteps.notation.results",
    "Configuration": "buildsteps.notation.configuration",
    "Credentials": "buildsteps.notation.credentials",
    "FoundNotation": "buildsteps.notation.finding",
    "ImageReference": "buildsteps.image_reference",
    "Inspection": "buildsteps.notation.results",
    "LocalKey": "buildsteps.notation.keys",
    "Notation": "buildsteps.notation.client",
    "NotationError": "buildsteps.notation.errors",
    "NotationFailedError": "buildsteps.notation.errors",
    "NotationMissingError": "buildsteps.notation.errors",
    "PluginKey": "buildsteps.notation.keys",
    "Reason": "buildsteps.notation.results",
    "SIGNER_PLUGIN": "buildsteps.notation.keys",
    "Signature": "buildsteps.notation.results",
    "SignatureFailure": "buildsteps.notation.results",
    "SignatureVerification": "buildsteps.notation.trust_policy",
    "Signed": "buildsteps.notation.results",
    "SigningError": "buildsteps.notation.errors",
    "SigningKey": "buildsteps.notation.configuration",
    "SigningReason": "buildsteps.notation.errors",
    "TrustPolicy": "buildsteps.notation.trust_policy",
    "TrustPolicyDocument": "buildsteps.notation.trust_policy",
    "TrustStoreFiles": "buildsteps.notation.configuration",
    "Verification": "buildsteps.notation.results",
    "Version": "buildsteps.notation.version",
    "Warned": "buildsteps.notation.results",
    "find_notation": "buildsteps.notation.finding",
    "parse_reference": "buildsteps.image_reference",
    "private_configuration": "buildsteps.notation.configuration",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__
