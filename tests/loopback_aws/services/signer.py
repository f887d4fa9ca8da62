"""AWS Signer, as far as container images go: signing profiles of one platform, jobs, revocations.

Sources: botocore's model of ``signer``; the signature that the service makes is the Notary
Project's (scheme ``notary.x509.signingAuthority``) with Signer's two critical attributes.
"""

import datetime
import hashlib
import itertools
import secrets
import string
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from msgspec import Struct

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.paging import page
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope
from tests.real_parts.certificates import Chain, chain, now
from tests.real_parts.jws import PAYLOAD_TYPE, jws, timestamp

PLATFORM = "Notation-OCI-SHA384-ECDSA"
PLUGIN = "com.amazonaws.signer.notation.plugin"
ACCOUNT = "123456789012"

Result = Mapping[str, Any]


class Profile(Struct):
    """A signing profile; ``validity`` is how long its signatures are valid from their signing."""

    name: str
    region: str
    account: str
    version: str
    validity: datetime.timedelta = datetime.timedelta(days=135 * 30)
    status: str = "Active"
    revoked_from: datetime.datetime | None = None

    @property
    def arn(self) -> str:
        """The profile's ARN: a trusted identity, and the id of notation's key."""
        return f"arn:aws:signer:{self.region}:{self.account}:/signing-profiles/{self.name}"

    @property
    def version_arn(self) -> str:
        """The ARN of this version of the profile."""
        return f"{self.arn}/{self.version}"


class Signer:
    """The service and its state. ``chain`` signs; its root belongs into the trust store.

    ``signed_at`` is the signing time of the next signatures; None is the present.
    """

    def __init__(self, signing_chain: Chain | None = None) -> None:
        self.chain = signing_chain or chain("AWS Signer")
        self.signed_at: datetime.datetime | None = None
        self.revoked: set[str] = set()
        self._profiles: dict[tuple[str, str, str], Profile] = {}
        self._jobs: dict[str, str] = {}
        self.service = Service(
            "signer",
            {
                "SignPayload": self._sign_payload,
                "GetRevocationStatus": self._get_revocation_status,
                "GetSigningProfile": self._get_signing_profile,
                "ListSigningProfiles": self._list_signing_profiles,
                "RevokeSignature": self._revoke_signature,
                "RevokeSigningProfile": self._revoke_signing_profile,
                "CancelSigningProfile": self._cancel_signing_profile,
            },
        )

    @property
    def jobs(self) -> list[str]:
        """The ARNs of the signing jobs so far."""
        return list(self._jobs.values())

    def profile(
        self, name: str, *, region: str = "eu-central-1", account: str = ACCOUNT
    ) -> Profile:
        """Make a signing profile."""
        letters = string.ascii_letters + string.digits
        version = "".join(secrets.choice(letters) for _ in range(10))
        made = Profile(name, region, account, version)
        self._profiles[region, account, name] = made
        return made

    def revoke_certificates(self) -> None:
        """Let every certificate of the chain be revoked."""
        self.revoked.update(certificate_hashes(self.chain))

    def _sign_payload(self, given: Mapping[str, Any], scope: Scope) -> Result:
        if given["payloadFormat"] != PAYLOAD_TYPE:
            raise ServiceError("ValidationException", "The payload format is not supported.")
        owner = given.get("profileOwner", ACCOUNT)
        profile = self._active(scope.region, owner, given["profileName"])
        job = str(uuid.uuid4())
        job_arn = f"arn:aws:signer:{profile.region}:{profile.account}:/signing-jobs/{job}"
        self._jobs[job] = job_arn
        headers = _headers(profile, job_arn, self.signed_at or now())
        signature = jws(self.chain, given["payload"], headers)
        return {"jobId": job, "jobOwner": ACCOUNT, "metadata": {}, "signature": signature}

    def _get_revocation_status(self, given: Mapping[str, Any], scope: Scope) -> Result:
        if given["platformId"] != PLATFORM:
            raise ServiceError("ValidationException", "The platform is not supported.")
        named = [given["profileVersionArn"], given["jobArn"], *given["certificateHashes"]]
        signed_at = given["signatureTimestamp"]
        revoked = {
            profile.version_arn
            for profile in self._profiles.values()
            if profile.revoked_from and profile.revoked_from <= signed_at
        }
        return {"revokedEntities": [one for one in named if one in self.revoked | revoked]}

    def _get_signing_profile(self, given: Mapping[str, Any], scope: Scope) -> Result:
        owner = given.get("profileOwner", ACCOUNT)
        profile = self._named(scope.region, owner, given["profileName"])
        record = {
            "revocationEffectiveFrom": profile.revoked_from,
            "revokedAt": profile.revoked_from,
            "revokedBy": ACCOUNT,
        }
        return _described(profile) | ({"revocationRecord": record} if profile.revoked_from else {})

    def _list_signing_profiles(self, given: Mapping[str, Any], scope: Scope) -> Result:
        statuses = given.get("statuses") or ["Active"]
        found = [
            _described(profile)
            for profile in self._profiles.values()
            if profile.region == scope.region
            and (profile.status in statuses or given.get("includeCanceled"))
            and given.get("platformId", PLATFORM) == PLATFORM
        ]
        return page(found, "profiles", given, 25)

    def _revoke_signature(self, given: Mapping[str, Any], scope: Scope) -> Result:
        arn = self._jobs.get(given["jobId"])
        if arn is None or arn.split(":")[3] != scope.region:
            raise ServiceError("ResourceNotFoundException", "The signing job was not found.")
        self.revoked.add(arn)
        return {}

    def _revoke_signing_profile(self, given: Mapping[str, Any], scope: Scope) -> Result:
        profile = self._named(scope.region, ACCOUNT, given["profileName"])
        if profile.version != given["profileVersion"]:
            raise ServiceError("ResourceNotFoundException", "The profile version was not found.")
        profile.status, profile.revoked_from = "Revoked", given["effectiveTime"]
        return {}

    def _cancel_signing_profile(self, given: Mapping[str, Any], scope: Scope) -> Result:
        self._named(scope.region, ACCOUNT, given["profileName"]).status = "Canceled"
        return {}

    def _named(self, region: str, account: str, name: str) -> Profile:
        found = self._profiles.get((region, account, name))
        if found is None:
            raise ServiceError("ResourceNotFoundException", "Signing profile not found")
        return found

    def _active(self, region: str, account: str, name: str) -> Profile:
        found = self._named(region, account, name)
        if found.status != "Active":
            raise ServiceError("ValidationException", "The signing profile is not active.")
        return found


def certificate_hashes(signing_chain: Chain) -> list[str]:
    """Name certificates as GetRevocationStatus does: own hash and issuer's (the root its own)."""
    own = [
        hashlib.sha384(certificate.tbs_certificate_bytes).hexdigest()
        for certificate in _certificates(signing_chain)
    ]
    return [first + second for first, second in itertools.pairwise([*own, own[-1]])]


def _certificates(signing_chain: Chain) -> list[x509.Certificate]:
    return [signing_chain.leaf.certificate, signing_chain.root.certificate]


def _headers(profile: Profile, job: str, signed_at: datetime.datetime) -> dict[str, Any]:
    """The protected header; every attribute that is not the standard's own is critical."""
    attributes = {
        "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
        "io.cncf.notary.authenticSigningTime": timestamp(signed_at),
        "io.cncf.notary.expiry": timestamp(signed_at + profile.validity),
        "io.cncf.notary.verificationPlugin": PLUGIN,
        "com.amazonaws.signer.signingProfileVersion": profile.version_arn,
        "com.amazonaws.signer.signingJob": job,
    }
    minimum = {"io.cncf.notary.verificationPluginMinVersion": "1.0.0"}
    return {"cty": PAYLOAD_TYPE, "crit": [*attributes, *minimum], **attributes, **minimum}


def _described(profile: Profile) -> dict[str, Any]:
    return {
        "profileName": profile.name,
        "profileVersion": profile.version,
        "profileVersionArn": profile.version_arn,
        "signatureValidityPeriod": {"value": 135, "type": "MONTHS"},
        "platformId": PLATFORM,
        "platformDisplayName": "Notation for Container Registries",
        "status": profile.status,
        "arn": profile.arn,
    }
