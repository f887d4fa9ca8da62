"""CodeGuru Security asked: an address for the archive, a scan, its end, its findings.

Source: botocore's model of ``codeguru-security``, 2018-05-10.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.steps.scan.codeguru.answers import Answer, live_answer
from buildsteps.steps.scan.codeguru.ended import EndedError, is_awss_own, shows_the_end
from buildsteps.steps.scan.codeguru.upload import Door
from buildsteps.world import World
from buildsteps.world.aws import AwsError

SERVICE = "codeguru-security"
OVERRIDES = ("AWS_ENDPOINT_URL_CODEGURU_SECURITY", "AWS_ENDPOINT_URL")
MOST = 1000


class Run(Struct, frozen=True, kw_only=True):
    """One run of a scan. ``state`` is the service's word; ``created`` is in seconds since 1970."""

    name: str
    id: str
    state: str
    why: str = ""
    created: float = 0.0
    revisions: int | None = None


class CodeGuru(Struct, frozen=True, kw_only=True):
    """The service at its ``endpoint``, which is AWS's own or that of a stand-in."""

    world: World
    region: str
    endpoint: str

    @property
    def is_plain(self) -> bool:
        """Whether it is reached by http, so that an archive may go the same way."""
        return urlsplit(self.endpoint).scheme == "http"

    def door(self, name: str) -> Door:
        """An address to send the archive of a scan to: the first request, so it meets the end.

        Raises:
            EndedError: AWS's own service is asked, and it is gone.
            AwsError: the service refuses, or there is no way to the stand-in.
        """
        request = {"scanName": name}
        if is_awss_own(self.endpoint):
            try:
                return _door(self._call("CreateUploadUrl", request, once=True))
            except AwsError as error:
                if shows_the_end(error):
                    raise EndedError(error) from None
        return _door(self._call("CreateUploadUrl", request))

    def start(self, name: str, artifact: str) -> Run:
        """Begin the scan of what was sent; asked twice, it begins once.

        Raises:
            AwsError: the service refuses.
        """
        try:
            answer = self._call(
                "CreateScan",
                {
                    "scanName": name,
                    "resourceId": {"codeArtifactId": artifact},
                    # Each archive is scanned once, so its name says which request is meant.
                    "clientToken": artifact,
                },
            )
        except AwsError as error:
            if error.code != "ConflictException":
                raise
            raise AwsError(
                f"another scan called {name} is under way ({error.said or error.code}): let it "
                "end, or give this one another --scan-name",
                error.code,
            ) from None
        return Run(name=name, id=_text(answer, "runId"), state=_text(answer, "scanState"))

    def state(self, run: Run) -> Run:
        """The run as it is now.

        Raises:
            AwsError: the service refuses.
        """
        answer = self._call("GetScan", {"scanName": run.name, "runId": run.id})
        created = answer.get("createdAt")
        return Run(
            name=run.name,
            id=run.id,
            state=_text(answer, "scanState"),
            why=str(answer.get("errorMessage") or ""),
            created=created.timestamp() if isinstance(created, datetime) else 0.0,
            revisions=answer.get("numberOfRevisions"),
        )

    def findings(self, name: str) -> list[Answer]:
        """All findings of a scan, also those that were closed, page by page.

        Raises:
            AwsError: the service refuses, or gives what its API does not have.
        """
        request = {"scanName": name, "status": "All", "maxResults": MOST}
        pages = self.world.aws.pages(SERVICE, "GetFindings", request, region=self.region)
        return [live_answer(page) for page in pages]

    def _call(
        self, operation: str, request: Mapping[str, Any], *, once: bool = False
    ) -> dict[str, Any]:
        call = self.world.aws.call_once if once else self.world.aws.call
        return call(SERVICE, operation, request, region=self.region)


def service(world: World, region: str) -> CodeGuru:
    """The service as it is reached from here.

    Raises:
        EndedError: no region is known, and nobody stands in for the service.
        AwsError: no region is known, which the stand-in needs as well.
    """
    try:
        endpoint = world.aws.endpoint(SERVICE, region=region)
    except AwsError:
        if any(world.environ.get(name) for name in OVERRIDES):
            raise
        raise EndedError from None
    return CodeGuru(world=world, region=region, endpoint=endpoint)


def _door(answer: Mapping[str, Any]) -> Door:
    headers = answer.get("requestHeaders")
    if not isinstance(headers, Mapping):
        raise _incomplete("requestHeaders")
    return Door(
        url=_text(answer, "s3Url"),
        headers={str(name): str(value) for name, value in headers.items()},
        artifact=_text(answer, "codeArtifactId"),
    )


def _text(answer: Mapping[str, Any], name: str) -> str:
    """A member that the model requires.

    Raises:
        WorldError: it is missing.
    """
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise _incomplete(name)
    return value


def _incomplete(name: str) -> WorldError:
    return WorldError(f"CodeGuru Security answered without `{name}`, which its API always gives")
