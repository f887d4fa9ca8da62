"""What DLT's API refuses, as one error, whichever of its three shapes it came in."""

import json
import re

from buildsteps.errors import WorldError
from buildsteps.world.http import Response

_CODED = re.compile(r"([A-Za-z][A-Za-z_]{2,60}): (.*)", re.DOTALL)
_LONGEST = 500


class DltError(WorldError):
    """DLT refused, or did not answer.

    ``status`` is that of HTTP, 0 where there was no answer. ``code`` is the API's or API Gateway's
    word, such as ``TEST_NOT_FOUND`` or ``MissingAuthenticationTokenException``, else empty.
    """

    def __init__(self, message: str, status: int = 0, code: str = "", said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.said = said

    @property
    def is_missing(self) -> bool:
        """Whether the test or the run is not there; version 3 says so with status 400."""
        return self.status == 404 or self.code.endswith("_NOT_FOUND")

    @property
    def is_unknown_path(self) -> bool:
        """Whether API Gateway does not know the path, to which it says so."""
        return self.status == 403 and "Missing Authentication Token" in self.said

    @property
    def is_throttled(self) -> bool:
        """Whether it was too much: nothing was carried out."""
        return self.status == 429

    @property
    def is_uncertain(self) -> bool:
        """Whether the request may have been carried out all the same."""
        return self.status == 0 or self.status >= 500

    @property
    def is_passing(self) -> bool:
        """Whether the same may succeed a little later."""
        return self.is_throttled or self.is_uncertain


def refusal(response: Response, asked: str) -> DltError:
    """Read an answer that is none of success; ``asked`` is what was asked, such as ``GET /tasks``.

    The shapes: a JSON string ``"CODE: message"`` (4.x), the same as bare text with status 400
    (3.x), and API Gateway's ``{"message": ...}``, whose code is a header.
    """
    text = response.body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = text
    code = response.headers.get("x-amzn-errortype", "").partition(":")[0]
    if isinstance(document, dict):
        said = str(document.get("message") or document.get("Message") or "")
    elif found := _CODED.fullmatch(str(document)):
        code, said = found[1], found[2]
    else:
        said = str(document)
    said = _line(said)
    what = {429: "throttles", 404: "does not know", 413: "finds too large"}.get(response.status)
    told = f"{code}: {said}" if code and said else said or code or "without a reason"
    sentence = f"Distributed Load Testing {what or 'refused'} {asked} ({response.status}): {told}"
    return DltError(sentence, response.status, code, said)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."
