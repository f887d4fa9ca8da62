"""Amazon CodeGuru Security, as it was: uploads by signed address, scans in revisions, findings.

Sources: botocore's model of ``codeguru-security``; what the user guide said of revisions: a scan of
the same name updates the findings of the one before and closes those that are fixed. Its detectors
are stand-ins that really read what was sent: :data:`DETECTORS`.
"""

import datetime
import io
import re
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.paging import page
from tests.loopback_aws.protocols.interface import Answer, Request
from tests.loopback_aws.server import LoopbackAws
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope

BUCKET = "codeguru-uploads.test"
"""The host that archives are sent to."""

START = datetime.datetime(2025, 6, 2, 9, tzinfo=datetime.UTC)
ACCOUNT = "123456789012"

Result = Mapping[str, Any]


class Detector(Struct, frozen=True):
    """A rule, and the code that it finds, line by line."""

    rule: str
    id: str
    name: str
    severity: str
    cwe: int
    code: str


DETECTORS = (
    Detector(
        "python-code-injection",
        "python/code-injection@v1.0",
        "Code injection",
        "Critical",
        94,
        r"\beval\(",
    ),
    Detector(
        "python-hardcoded-password",
        "python/hardcoded-credentials@v1.0",
        "Hardcoded credentials",
        "High",
        798,
        r"password\s*=\s*[\"']",
    ),
    Detector(
        "python-improper-error-handling",
        "python/improper-error-handling@v1.0",
        "Improper error handling",
        "Low",
        390,
        r"except:",
    ),
)


class Upload(Struct):
    """An address that was given, and what was sent to it."""

    artifact: str
    scan: str
    headers: Mapping[str, str]
    signature: str
    expired: bool = False
    body: bytes | None = None


class Scan(Struct):
    """All revisions of one name: its findings by id, and its runs."""

    name: str
    region: str
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, "Run"] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


class Run(Struct):
    """One revision; it ends when its state was asked for ``polls`` times more."""

    id: str
    artifact: str
    created: datetime.datetime
    polls: int
    ended: bool = False


class CodeGuruSecurity:
    """The service and its state.

    ``polls`` is how often the next scans are in progress, ``fails`` why they fail, ``expired`` how
    many of the next addresses have run out, ``refuses`` the status of every upload, and ``page``
    how many findings a page has. ``uploads`` and ``scans`` are what came of it so far.
    """

    def __init__(self) -> None:
        self.polls = 1
        self.fails = ""
        self.expired = 0
        self.refuses = 0
        self.page = 1000
        self.now = START
        self.uploads: dict[str, Upload] = {}
        self.scans: dict[str, Scan] = {}
        self.service = Service(
            "codeguru-security",
            {
                "CreateUploadUrl": self._create_upload_url,
                "CreateScan": self._create_scan,
                "GetScan": self._get_scan,
                "GetFindings": self._get_findings,
            },
        )

    def stand_behind(self, aws: LoopbackAws) -> None:
        """Take uploads at the host of the addresses."""
        aws.fronts[BUCKET] = self.receive

    def receive(self, request: Request) -> Answer:
        """Store an archive, by the rules of S3 for an address that is signed."""
        upload = self.uploads.get(request.path.removeprefix("/"))
        if upload is None or request.query.get("X-Amz-Signature") != [upload.signature]:
            return _refusal(403, "SignatureDoesNotMatch", "The signature does not match.")
        if self.refuses:
            return _refusal(self.refuses, "AccessDenied", "Access Denied")
        if upload.expired:
            return _refusal(403, "AccessDenied", "Request has expired")
        if request.method != "PUT":
            return _refusal(405, "MethodNotAllowed", "The method is not allowed.")
        if "transfer-encoding" in request.headers or "content-length" not in request.headers:
            return _refusal(501, "NotImplemented", "A header implies what is not implemented.")
        amazons = {k: v for k, v in request.headers.items() if k.startswith("x-amz-")}
        if amazons != {k: v for k, v in upload.headers.items() if k.startswith("x-amz-")}:
            return _refusal(403, "AccessDenied", "There were headers that were not signed.")
        if any(request.headers.get(name) != value for name, value in upload.headers.items()):
            return _refusal(403, "SignatureDoesNotMatch", "The signature does not match.")
        upload.body = request.body
        return Answer(200, {}, b"")

    def _create_upload_url(self, given: Mapping[str, Any], scope: Scope) -> Result:
        artifact, signature = str(uuid.uuid4()), uuid.uuid4().hex
        headers = {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-context": f"sha-{signature[:6]}=",
            "content-type": "application/zip",
        }
        upload = Upload(artifact, given["scanName"], headers, signature, self.expired > 0)
        self.expired = max(self.expired - 1, 0)
        self.uploads[artifact] = upload
        url = f"http://{BUCKET}/{artifact}?X-Amz-Expires=900&X-Amz-Signature={signature}"
        return {"s3Url": url, "requestHeaders": headers, "codeArtifactId": artifact}

    def _create_scan(self, given: Mapping[str, Any], scope: Scope) -> Result:
        name, artifact = given["scanName"], given["resourceId"]["codeArtifactId"]
        upload = self.uploads.get(artifact)
        if upload is None or upload.body is None or upload.scan != name:
            raise ServiceError("ResourceNotFoundException", "The code artifact was not found.")
        scan = self.scans.setdefault(name, Scan(name, scope.region))
        known = scan.tokens.get(given.get("clientToken", ""))
        if known is None and any(not run.ended for run in scan.runs.values()):
            raise ServiceError("ConflictException", "A scan with this name is in progress.")
        if known is None:
            self.now += datetime.timedelta(hours=1)
            run = Run(str(uuid.uuid4()), artifact, self.now, self.polls)
            scan.runs[run.id] = run
            scan.tokens[given.get("clientToken", "")] = known = run.id
        return {
            "scanName": name,
            "runId": known,
            "resourceId": {"codeArtifactId": artifact},
            "scanState": "InProgress",
            "scanNameArn": self._arn(scan),
        }

    def _get_scan(self, given: Mapping[str, Any], scope: Scope) -> Result:
        scan = self._named(given["scanName"])
        run = scan.runs.get(given.get("runId") or list(scan.runs)[-1])
        if run is None:
            raise ServiceError("ResourceNotFoundException", "The run was not found.")
        if not run.ended and run.polls <= 0:
            run.ended = True
            if not self.fails:
                self._detect(scan, run)
        run.polls -= 1
        state = ("Failed" if self.fails else "Successful") if run.ended else "InProgress"
        return {
            "scanName": scan.name,
            "runId": run.id,
            "scanState": state,
            "createdAt": run.created,
            "analysisType": "Security",
            "numberOfRevisions": len(scan.runs) - 1,
            "scanNameArn": self._arn(scan),
        } | ({"errorMessage": self.fails} if state == "Failed" else {})

    def _get_findings(self, given: Mapping[str, Any], scope: Scope) -> Result:
        scan = self._named(given["scanName"])
        status = given.get("status", "Open")
        found = [one for one in scan.findings.values() if status in ("All", one["status"])]
        return page(found, "findings", {**given, "maxResults": self.page}, self.page)

    def _named(self, name: str) -> Scan:
        if name not in self.scans:
            raise ServiceError("ResourceNotFoundException", "The scan was not found.")
        return self.scans[name]

    def _detect(self, scan: Scan, run: Run) -> None:
        """Look through the archive: what is new is opened, what is gone is closed."""
        body = self.uploads[run.artifact].body or b""
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            files = {info.filename: archive.read(info) for info in archive.infolist()}
        seen = {one["id"]: one for path in files for one in _findings(path, files[path], scan.name)}
        for key, one in scan.findings.items():
            if key not in seen and one["status"] == "Open":
                one |= {"status": "Closed", "updatedAt": run.created}
        for key, one in seen.items():
            created = scan.findings.get(key, {}).get("createdAt", run.created)
            scan.findings[key] = one | {"createdAt": created, "updatedAt": run.created}

    def _arn(self, scan: Scan) -> str:
        return f"arn:aws:codeguru-security:{scan.region}:{ACCOUNT}:scans/{scan.name}"


def _findings(path: str, data: bytes, scan: str) -> Iterator[dict[str, Any]]:
    lines = data.decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        for detector in DETECTORS:
            if re.search(detector.code, line):
                yield _finding(detector, path, number, line, scan)


def _finding(detector: Detector, path: str, number: int, line: str, scan: str) -> dict[str, Any]:
    """A finding, known again by its rule, file and line's text."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{scan}:{detector.rule}:{path}:{line.strip()}")
    library = "https://docs.aws.amazon.com/amazonq/detector-library"
    return {
        "id": str(identity),
        "title": f"CWE-{detector.cwe} - {detector.name}",
        "description": f"{detector.name} was found.\nIt should be mended.",
        "generatorId": detector.rule,
        "type": detector.name.title().replace(" ", ""),
        "status": "Open",
        "severity": detector.severity,
        "ruleId": detector.rule,
        "detectorId": detector.id,
        "detectorName": detector.name,
        "detectorTags": ["python", "security", f"cwe-{detector.cwe}"],
        "resource": {"id": scan},
        "vulnerability": {
            "id": detector.id,
            "referenceUrls": [f"https://cwe.mitre.org/data/definitions/{detector.cwe}.html"],
            "relatedVulnerabilities": [f"CWE-{detector.cwe}"],
            "filePath": {
                "name": path.rpartition("/")[2],
                "path": path,
                "startLine": number,
                "endLine": number,
                "codeSnippet": [{"number": number, "content": line}],
            },
        },
        "remediation": {
            "recommendation": {"text": "Mend it.", "url": f"{library}/{detector.id}/"},
            "suggestedFixes": [{"description": "Take it out.", "code": f"-{line}"}],
        },
    }


def _refusal(status: int, code: str, message: str) -> Answer:
    """An error as S3 writes it."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Answer(status, {"content-type": "application/xml"}, text.encode())
