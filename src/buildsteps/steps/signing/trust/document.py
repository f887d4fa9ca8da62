"""The trust policy that notation gets: made of a configured trust, or read from a file."""

from collections.abc import Iterable

import msgspec

from buildsteps import yaml_document
from buildsteps.errors import UsageError
from buildsteps.notation.trust_policy import (
    SignatureVerification,
    TrustPolicy,
    TrustPolicyDocument,
)
from buildsteps.results import Location
from buildsteps.steps.signing.trust.settings import Trust
from buildsteps.typed import convert
from buildsteps.world import World

VERSION = "1.0"


def policy_of(trust: Trust, scopes: Iterable[str], stores: Iterable[str]) -> TrustPolicy:
    """The statement of notation for a trust; ``stores`` are ``TYPE:NAME``."""
    return TrustPolicy(
        name="images",
        registry_scopes=tuple(sorted(set(scopes))),
        signature_verification=SignatureVerification(
            level=trust.level,
            override=dict(trust.override),
            verify_timestamp=trust.timestamp,
        ),
        trust_stores=tuple(stores),
        trusted_identities=trust.identities,
    )


def document_of(policy: TrustPolicy) -> TrustPolicyDocument:
    """A document of one statement."""
    return TrustPolicyDocument(trust_policies=(policy,))


class ReadPolicy(msgspec.Struct, frozen=True):
    """A ``trustpolicy.json``, and where each of its statements stands."""

    document: TrustPolicyDocument
    places: tuple[Location, ...]


def read_document(text: str, world: World) -> ReadPolicy:
    """Read the file that ``--trust-policy`` names.

    Raises:
        UsageError: missing, no JSON, or not a trust policy; with line and column.
    """
    path = world.path(text)
    shown = world.shown(path)
    node = yaml_document.parse(world.files.read_text(path), shown)
    if node is None:
        raise UsageError("is empty", Location(path=shown))
    document: TrustPolicyDocument = convert(node, TrustPolicyDocument)
    if document.version != VERSION:
        raise UsageError(
            f"is a trust policy of version `{document.version}`; notation takes {VERSION}",
            node.value["version"].location,
        )
    if not document.trust_policies:
        raise UsageError("has no policy", node.location)
    return ReadPolicy(document, tuple(one.location for one in node.value["trustPolicies"].value))
