"""Fetching a file: https only, up to a size, to its end or not at all.

Proxies, ``.netrc`` and certificate bundles are those of requests (``HTTPS_PROXY``, ``NO_PROXY``,
``REQUESTS_CA_BUNDLE``). Plain http is spoken with this machine only, for tests and local mirrors.
Whoever calls checks a digest: this says nothing about what was fetched.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin, urlsplit

from buildsteps.errors import UsageError, WorldError

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
WHOLE_SECONDS = 900.0
ATTEMPTS = 4
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
REDIRECTS = 10

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_MOVED = (301, 302, 303, 307, 308)
_LATER = (429, 500, 502, 503, 504)


class _TryLaterError(WorldError):
    """It may work the next time; ``seconds`` is what the server asked to wait, or 0."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds


def checked_address(url: str) -> str:
    """The address, if a file may be fetched from it.

    Raises:
        UsageError: it is no https address, nor an http one of this machine.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if not host or not url.isprintable() or " " in url:
        raise UsageError(f"`{shown_address(url)}` is no address")
    if parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE):
        return url
    raise UsageError(
        f"`{shown_address(url)}`: only https is fetched from, and http from this machine"
    )


def shown_address(url: str) -> str:
    """The address without what may be secret: user information and query."""
    from buildsteps.reporting.text import clipped, printable

    scheme, colon, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    bare = f"{scheme}{colon}{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
    return clipped(printable(bare), 300)


def download(
    url: str, into: Path, *, limit: int, pause: Callable[[float], None] = time.sleep
) -> None:
    """Fetch ``url`` into a new file of at most ``limit`` bytes; busy servers are asked again.

    Raises:
        UsageError: see :func:`checked_address`.
        WorldError: it could not be fetched, or not whole.
    """
    import requests

    checked_address(url)
    deadline = time.monotonic() + WHOLE_SECONDS
    with requests.Session() as session:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with into.open("wb") as file:
                    _fetch(session, url, file, limit, deadline)
            except _TryLaterError as error:
                if attempt == ATTEMPTS:
                    raise
                pause(min(max(error.seconds, FIRST_PAUSE * 2 ** (attempt - 1)), LONGEST_PAUSE))
            else:
                return


def _fetch(
    session: "requests.Session", url: str, file: BinaryIO, limit: int, deadline: float
) -> None:
    import requests

    try:
        with _answer(session, url) as answer:
            _check_status(answer, url)
            _save(answer, url, file, limit, deadline)
    except requests.exceptions.SSLError as error:
        raise WorldError(
            f"{shown_address(url)} shows a certificate that is not trusted", detail=str(error)
        ) from None
    except requests.RequestException as error:
        raise _TryLaterError(f"{shown_address(url)} cannot be fetched: {_reason(error)}") from None


def _answer(session: "requests.Session", url: str) -> "requests.Response":
    """Follow redirects, each to a place that would have been allowed at first."""
    for _ in range(REDIRECTS):
        answer = session.get(
            url,
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            headers={"Accept-Encoding": "identity"},
        )
        if answer.status_code not in _MOVED or "Location" not in answer.headers:
            return answer
        answer.close()
        target = urljoin(url, answer.headers["Location"])
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            raise WorldError(f"{shown_address(url)} leads away from https")
        try:
            url = checked_address(target)
        except UsageError as error:
            raise WorldError(f"{shown_address(url)} leads astray: {error.message}") from None
    raise WorldError(f"{shown_address(url)} leads from one place to the next without end")


def _check_status(answer: "requests.Response", url: str) -> None:
    status = answer.status_code
    if status in _LATER:
        asked = answer.headers.get("Retry-After", "")
        seconds = float(asked) if asked.isascii() and asked.isdigit() else 0.0
        raise _TryLaterError(f"{shown_address(url)} answered {status}", seconds)
    if status != 200:
        raise WorldError(f"{shown_address(url)} answered {status}")


def _save(
    answer: "requests.Response", url: str, file: BinaryIO, limit: int, deadline: float
) -> None:
    size = 0
    for piece in _pieces(answer):
        size += len(piece)
        if size > limit:
            raise WorldError(f"{shown_address(url)} is larger than {limit:,} bytes")
        if time.monotonic() > deadline:
            raise WorldError(f"{shown_address(url)} took more than {WHOLE_SECONDS:g} seconds")
        file.write(piece)


def _pieces(answer: "requests.Response") -> Iterator[bytes]:
    """The content as it comes; urllib3 tells an end that came too early."""
    pieces: Iterator[bytes] = answer.iter_content(64 * 1024)
    return pieces


def _reason(error: Exception) -> str:
    """The innermost words: requests wraps urllib3's, which wrap the system's."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return str(text).splitlines()[0].lower()[:200]
