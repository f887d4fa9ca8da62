"""A code security scan: started, or the one that runs already, and waited for.

Source: botocore's model ``inspector2``: ``StartCodeSecurityScan``, ``GetCodeSecurityScan``.
"""

import re
from collections.abc import Callable

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.world.aws import Aws, AwsError
from buildsteps.world.clock import Clock
from buildsteps.world.waiting import OutOfTimeError, wait_for

_SCAN_ID = re.compile(r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}", re.ASCII)


class CodeScan(Struct, frozen=True, rename="camel"):
    """A scan as ``GetCodeSecurityScan`` tells of it.

    ``last_commit_id`` is there when it was successful, or skipped because the commit had been
    scanned before.
    """

    scan_id: str = ""
    status: str = ""
    status_reason: str = ""
    last_commit_id: str = ""


class Scanning:
    """The scan of one project."""

    def __init__(
        self, project: str, aws: Aws, clock: Clock, region: str, note: Callable[[str], None]
    ) -> None:
        self._resource = {"projectId": project}
        self._aws = aws
        self._clock = clock
        self._region = region
        self._note = note
        self._id = ""

    def done(self, limit: float) -> CodeScan:
        """Scan, and wait for at most ``limit`` seconds.

        Raises:
            UsageError: there is no such project.
            WorldError: the scan failed, or did not end in time.
        """
        try:
            return wait_for(
                self._probe,
                "the end of the code security scan",
                clock=self._clock,
                limit=limit,
            )
        except OutOfTimeError as error:
            told = f": its id is {self._id}" if self._id else ": another one went on"
            raise OutOfTimeError(error.message + told) from None

    def _probe(self) -> CodeScan | None:
        if not self._id and not self._begun():
            return None
        request = {"resource": self._resource, "scanId": self._id}
        answer = self._aws.call("inspector2", "GetCodeSecurityScan", request, region=self._region)
        return judged(_scan_of(answer, "GetCodeSecurityScan"))

    def _begun(self) -> bool:
        """Start a scan; one that goes on already is the one to wait for, if it is named."""
        request = {"resource": self._resource}
        try:
            answer = self._aws.call(
                "inspector2", "StartCodeSecurityScan", request, region=self._region
            )
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                raise UsageError(f"Amazon Inspector knows no such project: {error.said}") from None
            if error.code != "ConflictException":
                raise
            self._note("note: a code security scan of this project goes on already; waiting for it")
            named = _SCAN_ID.search(error.said.replace(self._resource["projectId"], ""))
            self._id = named[0] if named else ""
            return bool(named)
        self._id = _scan_of(answer, "StartCodeSecurityScan").scan_id
        if not _SCAN_ID.fullmatch(self._id):
            raise AwsError("inspector2:StartCodeSecurityScan gave no id of a scan")
        self._note(f"note: Amazon Inspector scans the repository: {self._id}")
        return True


def judged(scan: CodeScan) -> CodeScan | None:
    """The scan if it came to its end, None while it goes on.

    Raises:
        WorldError: it came to no findings.
    """
    why = f": {' '.join(scan.status_reason.split())}" if scan.status_reason.strip() else ""
    if scan.status == "IN_PROGRESS":
        return None
    if scan.status == "SUCCESSFUL" or (scan.status == "SKIPPED" and scan.last_commit_id):
        return scan
    if scan.status == "SKIPPED":
        raise WorldError(f"Amazon Inspector skipped the scan{why}")
    if scan.status == "FAILED":
        raise WorldError(f"the code security scan failed{why}")
    raise WorldError(f"the code security scan has a status that is not known: `{scan.status}`{why}")


def _scan_of(answer: object, operation: str) -> CodeScan:
    try:
        return msgspec.convert(answer, CodeScan)
    except msgspec.ValidationError as error:
        what = f"inspector2:{operation}: the answer is none that the API gives"
        raise AwsError(f"{what}: {error}") from None
