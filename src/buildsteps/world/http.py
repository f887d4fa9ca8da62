"""The one HTTP client, for services that are not AWS: limits, retries, careful credentials."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from msgspec import Struct, field

from buildsteps.errors import WorldError

MEBIBYTE = 1024 * 1024


class HttpError(WorldError):
    """No answer came, or none that may be read; ``url`` has no query, which may be secret."""

    def __init__(self, message: str, url: str = "") -> None:
        super().__init__(message)
        self.url = without_query(url)


class NotTlsError(HttpError):
    """The server was asked by https and does not speak TLS."""


class Timeouts(Struct, frozen=True, kw_only=True):
    """Seconds: to connect, between two pieces of an answer, and for one whole answer."""

    connect: float = 10.0
    read: float = 30.0
    whole: float = 120.0


class Response(Struct, frozen=True, kw_only=True):
    """An answer. Names of headers are in lower case; ``url`` is where it came from in the end."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Sendable(Protocol):
    """An open binary file, or what reads like one."""

    def read(self, size: int = -1, /) -> bytes:
        """Give at most ``size`` bytes, none at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place and give it, in bytes from the beginning."""
        ...

    def tell(self) -> int:
        """Give the place in bytes from the beginning."""
        ...


class Http(Protocol):
    """What a step may ask of web services."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Sendable = b"",
        limit: int = MEBIBYTE,
        timeouts: Timeouts | None = None,
        retried: bool | None = None,
        follow: bool = True,
    ) -> Response:
        """Give the answer, whatever its status.

        ``limit`` is in bytes, for the answer's body. A ``body`` that is an open file is sent from
        its beginning with each try, in pieces, so that its size does not matter. What failed for a
        while (429, 500, 502, 503, 504, no connection) is tried again before it is told: by default
        where ``method`` is idempotent (RFC 9110, section 9.2.2); ``retried`` says otherwise.
        Redirects of GET and HEAD are followed, never from https to http, and to another server
        without credentials.

        Raises:
            HttpError: there was no answer, or it is too large, too slow or redirects too often.
            NotTlsError: the server does not speak TLS.
        """
        ...


def without_query(url: str) -> str:
    """Give the address without user, query and fragment: what may be shown and logged."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return f"{parts.scheme}://{host}{parts.path}"


def same_server(one: str, other: str) -> bool:
    """Whether two addresses have scheme, host and port in common."""
    return _server(one) == _server(other)


def _server(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port
