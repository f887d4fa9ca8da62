"""The HTTP client of this machine, over requests: its proxies and certificate authorities.

Every command makes one and few use it, so what it needs is imported when it asks.
"""

import os
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from buildsteps.world.clock import Clock
from buildsteps.world.http import (
    MEBIBYTE,
    HttpError,
    Response,
    Sendable,
    Timeouts,
    same_server,
    without_query,
)

if TYPE_CHECKING:
    import requests

REDIRECTS = 5
_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_PIECE = 64 * 1024
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})


class SystemHttp:
    """Requests of this machine; may be used by many threads at once."""

    def __init__(self, user_agent: str, clock: Clock) -> None:
        self._user_agent = user_agent
        self._clock = clock
        self._making = threading.Lock()
        self._around: dict[tuple[str, str], dict[str, Any]] = {}

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
        """See :meth:`Http.request`."""
        from buildsteps.world.http_retries import TRIES, is_retried

        waits = timeouts or Timeouts()
        sent: Mapping[str, str] = {k.lower(): v for k, v in (headers or {}).items()}
        tries = TRIES if is_retried(method, retried) else 1
        for _redirect in range(REDIRECTS + 1):
            answer = self._tried(method, url, sent, body, limit, waits, tries)
            target = answer.headers.get("location", "")
            if not (follow and method in ("GET", "HEAD")):
                return answer
            if answer.status not in _REDIRECTED or not target:
                return answer
            url, sent = _redirected(url, target, sent)
        raise HttpError(f"{without_query(url)}: redirected more than {REDIRECTS} times", url)

    def _tried(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Sendable,
        limit: int,
        waits: Timeouts,
        tries: int,
    ) -> Response:
        from buildsteps.world.http_reasons import is_lasting, told
        from buildsteps.world.http_retries import (
            FOR_A_WHILE,
            TRIES_WITHOUT_ANSWER,
            pause_before_next,
        )
        from buildsteps.world.waiting import pauses

        planned, unanswered = pauses(), 0
        for left in range(tries - 1, -1, -1):
            try:
                answer = self._sent(method, url, headers, body, limit, waits)
            except (OSError, ValueError) as error:  # all that requests raises is one of these
                unanswered += 1
                if not left or unanswered == TRIES_WITHOUT_ANSWER or is_lasting(error):
                    raise told(error, url) from None
                self._clock.sleep(next(planned))
                continue
            if answer.status not in FOR_A_WHILE or not left:
                return answer
            self._clock.sleep(pause_before_next(answer, planned, self._clock.now()))
        raise AssertionError("the last try returns or raises")

    def _sent(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Sendable,
        limit: int,
        waits: Timeouts,
    ) -> Response:
        session = self._locked_session()
        around = self._surroundings(url)
        with session.request(
            method,
            url,
            headers={"user-agent": self._user_agent, **headers},
            data=_sendable(body),
            timeout=(waits.connect, waits.read),
            allow_redirects=False,
            stream=True,
            proxies=around["proxies"],
            verify=around["verify"],
        ) as answer:
            received = {name.lower(): value for name, value in answer.headers.items()}
            found = Response(status=answer.status_code, headers=received, url=url)
            return replace(found, body=self._body(answer, url, limit, waits))

    def _body(self, answer: "requests.Response", url: str, limit: int, waits: Timeouts) -> bytes:
        deadline = self._clock.monotonic() + waits.whole
        body = bytearray()
        for piece in answer.iter_content(_PIECE):
            body += piece
            if len(body) > limit:
                size = f"{limit / MEBIBYTE:g} MiB" if limit >= MEBIBYTE else f"{limit:,} bytes"
                raise HttpError(f"{without_query(url)}: the answer is larger than {size}", url)
            if self._clock.monotonic() > deadline:
                raise HttpError(
                    f"{without_query(url)}: no whole answer within {waits.whole:g} seconds",
                    url,
                )
        return bytes(body)

    def _surroundings(self, url: str) -> dict[str, Any]:
        """The proxies and certificate authorities that the environment names for a server.

        requests would read the whole environment anew for each request.
        """
        import requests

        parts = urlsplit(url)
        server = (parts.scheme, parts.netloc)
        if server not in self._around:
            self._around[server] = dict(
                requests.Session().merge_environment_settings(url, {}, None, True, None)
            )
        return self._around[server]

    def _locked_session(self) -> "requests.Session":
        with self._making:
            return self._session

    @cached_property
    def _session(self) -> "requests.Session":
        from http.cookiejar import DefaultCookiePolicy

        import requests
        from requests.adapters import HTTPAdapter

        session = requests.Session()
        session.trust_env = False  # no credentials of ~/.netrc; the rest is in _surroundings
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_connections=16, pool_maxsize=16))
        return session


def _sendable(body: bytes | Sendable) -> bytes | Sendable | None:
    """The body as requests takes it: a file at its beginning, and none where there is nothing.

    Of an empty file requests would make a body of unknown length, which S3 refuses.
    """
    if isinstance(body, bytes):
        return body or None
    empty = body.seek(0, os.SEEK_END) == 0
    body.seek(0)
    return None if empty else body


def _redirected(url: str, target: str, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Where a redirect leads, and what may be sent there.

    Raises:
        HttpError: it leads from https to http, or to something else.
    """
    try:
        there = urljoin(url, target)
        scheme = urlsplit(there).scheme
        stays = same_server(url, there)
    except ValueError:
        there, scheme, stays = "", "", False
    if scheme not in ("https", "http") or (scheme == "http" and url.startswith("https:")):
        raise HttpError(f"{without_query(url)}: redirected to what is not https", url)
    kept = headers if stays else {k: v for k, v in headers.items() if k not in _CREDENTIALS}
    return there, kept
