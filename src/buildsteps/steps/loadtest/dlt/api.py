"""DLT's API: requests signed for IAM (``execute-api``), answers as data, refusals as one error."""

import json
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from buildsteps.steps.loadtest.dlt.endpoint import Endpoint
from buildsteps.steps.loadtest.dlt.errors import DltError, refusal
from buildsteps.world import World
from buildsteps.world.aws import AccessDeniedError, NoAwsCredentialsError
from buildsteps.world.http import MEBIBYTE, HttpError, Response
from buildsteps.world.waiting import pauses

Answer = TypeVar("Answer")

LARGEST = 64 * MEBIBYTE
TRIES_WHEN_THROTTLED = 6
_EXPIRED = ("ExpiredTokenException", "ExpiredToken")
_WRONG = (
    "InvalidSignatureException",
    "UnrecognizedClientException",
    "IncompleteSignatureException",
)


class Api:
    """The API behind one endpoint."""

    def __init__(self, endpoint: Endpoint, world: World) -> None:
        self.endpoint = endpoint
        self._world = world

    def get(self, path: str, kind: type[Answer], **query: str) -> Answer:
        """GET, tried again while it is throttled or unwell; the answer is read as ``kind``.

        Raises:
            DltError: refused, or no answer, or none that can be read.
            NoAwsCredentialsError, AccessDeniedError: see there.
        """
        # Unencoded, a comma or a colon gives another signature than the one API Gateway makes.
        values = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return self._asked("GET", path + (f"?{values}" if values else ""), kind)

    def put(self, path: str, body: Any, kind: type[Answer]) -> Answer:
        """PUT, tried again as GET is; errors as with :meth:`get`."""
        return self._asked("PUT", path, kind, body)

    def post(self, path: str, kind: type[Answer], body: Any = None) -> Answer:
        """POST, once: only what was throttled, and so not carried out, is sent again.

        Raises:
            DltError: as with :meth:`get`; ``is_uncertain`` where it may have been carried out.
        """
        for tried, pause in enumerate(pauses(first=1.0), 1):
            try:
                return self._asked("POST", path, kind, body)
            except DltError as error:
                if not error.is_throttled or tried == TRIES_WHEN_THROTTLED:
                    raise
            self._world.clock.sleep(pause)
        raise AssertionError("the pauses have no end")

    def _asked(self, method: str, path: str, kind: type[Answer], body: Any = None) -> Answer:
        told = f"{method} {path.partition('?')[0]}"
        data = b"" if body is None else json.dumps(body).encode()
        answer = self._sent(method, path, data, told)
        if _is_expired(answer):
            answer = self._sent(method, path, data, told, renew=True)
        if answer.status != 200:
            raise self._refused(answer, told)
        try:
            return msgspec.convert(msgspec.json.decode(answer.body), kind, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            said = f"{told}: the answer is none that Distributed Load Testing gives ({error})"
            raise DltError(said, answer.status) from None

    def _sent(
        self, method: str, path: str, data: bytes, told: str, *, renew: bool = False
    ) -> Response:
        url = self.endpoint.url + path
        headers = {"content-type": "application/json"} if data else {}
        signed = self._world.aws.sign(
            "execute-api", method, url, data, headers, region=self.endpoint.region, renew=renew
        )
        try:
            return self._world.http.request(
                method, url, headers=signed, body=data, limit=LARGEST, follow=False
            )
        except HttpError as error:
            said = f"Distributed Load Testing did not answer {told}: {error.message}"
            raise DltError(said) from None

    def _refused(self, answer: Response, told: str) -> Exception:
        """Give the error that fits: credentials, rights, or what the API itself says."""
        found = refusal(answer, told)
        if _is_expired(answer):
            said = f"{told}: the AWS credentials have run out; get new ones"
            return NoAwsCredentialsError(said, found.code, found.said)
        if answer.status == 403 and found.code in _WRONG:
            said = f"{told}: the AWS credentials are not valid: {found.said}"
            return NoAwsCredentialsError(said, found.code, found.said)
        if answer.status == 403 and not found.is_unknown_path:
            api = urlsplit(self.endpoint.url).hostname or ""
            right = f"execute-api:Invoke on arn:aws:execute-api:*:*:{api.partition('.')[0]}/*"
            said = f"{told} is not allowed with these AWS credentials ({right}): {found.said}"
            return AccessDeniedError(said, found.code, found.said)
        return found


def _is_expired(answer: Response) -> bool:
    if answer.status != 403:
        return False
    code = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    return code in _EXPIRED or b"token included in the request is expired" in answer.body


def scenario_path(test_id: str, *more: str) -> str:
    """The path of a test, or of something below it."""
    return "/".join(("/scenarios", quote(test_id, safe=""), *(quote(one, safe="") for one in more)))
