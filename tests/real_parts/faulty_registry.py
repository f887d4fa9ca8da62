"""A registry that misbehaves on demand: a reverse proxy in front of a real one, on loopback.

It throttles, fails, resets, answers late, asks for credentials, lies about a manifest, or speaks
HTML. Whatever it does not spoil is the real registry's answer; every request is recorded.
"""

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from msgspec import Struct, field

from tests.real_parts.registry_login import Login

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "authorization", "host"}


class Fault(Struct, kw_only=True):
    """What goes wrong with the next ``times`` requests that ``match`` (a pattern of METHOD PATH).

    ``seconds`` wait first. Then the connection is reset, or ``status`` is answered with these
    headers and this body; with neither, the request takes its usual way.
    """

    match: str = ""
    times: int = 1_000_000
    seconds: float = 0.0
    reset: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Seen(Struct, frozen=True):
    """A request that came, and the status it was answered with; 0 for a reset connection."""

    method: str
    path: str
    status: int
    authorization: str


class FaultyRegistry:
    """The proxy; ``address`` is its ``127.0.0.1:PORT``, ``seen`` what it was asked."""

    def __init__(self, upstream: str, port: int, *, tls: bool = False) -> None:
        self.upstream = upstream
        self.address = f"127.0.0.1:{port}"
        self.scheme = "https" if tls else "http"
        self.seen: list[Seen] = []
        self.login: Login | None = None
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def fail(
        self, status: int, *, times: int = 1_000_000, match: str = "", body: bytes = b""
    ) -> None:
        """Answer with a status and, unless told otherwise, the error document of the protocol."""
        document = b'{"errors":[{"code":"UNKNOWN","message":"on demand"}]}'
        kind = {"Content-Type": "application/json"}
        self.add(
            Fault(match=match, times=times, status=status, headers=kind, body=body or document)
        )

    def throttle(
        self, *, times: int = 1_000_000, retry_after: str | None = "1", match: str = ""
    ) -> None:
        """Answer 429, with Retry-After (seconds or an HTTP date) unless None."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Retry-After": retry_after} if retry_after is not None else {}
        body = b'{"errors":[{"code":"TOOMANYREQUESTS","message":"Rate exceeded"}]}'
        self.add(Fault(match=match, times=times, status=429, headers=headers, body=body))

    def reset(self, *, times: int = 1_000_000, match: str = "") -> None:
        """Reset the connection instead of answering."""
        self.add(Fault(match=match, times=times, reset=True))

    def slow(self, seconds: float, *, times: int = 1_000_000, match: str = "") -> None:
        """Wait before each answer."""
        self.add(Fault(match=match, times=times, seconds=seconds))

    def html(self, *, times: int = 1_000_000, match: str = "", status: int = 200) -> None:
        """Answer with a web page, as a proxy or a captive portal does."""
        body = b"<!DOCTYPE html><html><title>Sign in</title><body>Sign in first</body></html>"
        kind = {"Content-Type": "text/html; charset=utf-8"}
        self.add(Fault(match=match, times=times, status=status, headers=kind, body=body))

    def swap(self, digest: str, content: bytes, media_type: str) -> None:
        """Give other content under a digest, and claim the digest all the same."""
        headers = {"Content-Type": media_type, "Docker-Content-Digest": digest}
        match = rf"(GET|HEAD) .*/manifests/{re.escape(digest)}$"
        self.add(Fault(match=match, status=200, headers=headers, body=content))

    def add(self, fault: Fault) -> None:
        """Let something go wrong; of several that match, the first added that is not used up."""
        with self._lock:
            self._faults.append(fault)

    def heal(self) -> None:
        """Forget all faults, the login and what was seen."""
        with self._lock:
            self._faults.clear()
            self.seen.clear()
            self.login = None

    def require_basic(self, user: str, password: str) -> None:
        """Ask for these credentials in every request (``WWW-Authenticate: Basic``)."""
        self.login = Login.basic(user, password)

    def require_token(self, user: str = "", password: str = "") -> None:
        """Ask for a token of this server's own ``/token``, which wants these credentials.

        Without a user the token is anybody's, as public registries do it.
        """
        realm = f"{self.scheme}://{self.address}/token"
        self.login = Login.token(realm, user, password)

    def take(self, line: str) -> Fault | None:
        """Give the fault of a request, which is then used up by one."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and re.search(fault.match, line):
                    fault.times -= 1
                    return fault
        return None


@contextmanager
def faulty_registry(
    upstream: str, *, tls: ssl.SSLContext | None = None
) -> Iterator[FaultyRegistry]:
    """Run a proxy in front of the registry at ``upstream``; ``tls`` makes it speak https."""

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    Handler.proxy = FaultyRegistry(upstream, server.server_address[1], tls=tls is not None)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Handler.proxy
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request: a fault, the login, or the real registry's answer."""

    proxy: ClassVar[FaultyRegistry]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.take(f"{self.command} {self.path}")
        if fault:
            time.sleep(fault.seconds)
        if fault and fault.reset:
            self._reset()
        elif fault and fault.status:
            self._answer(fault.status, fault.headers, fault.body)
        elif refused := self._refused():
            self._answer(*refused)
        else:
            self._answer(*self._ask_upstream(body))

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = handle_request  # noqa: N815

    def _refused(self) -> tuple[int, Mapping[str, str], bytes] | None:
        login = self.proxy.login
        authorization = self.headers.get("Authorization", "")
        return login.answer(self.command, self.path, authorization) if login else None

    def _ask_upstream(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        connection = HTTPConnection(self.proxy.upstream, timeout=60)
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._record(status)
        self.send_response(status)
        given = {k: v for k, v in headers.items() if k.lower() not in HOP_BY_HOP}
        if self.command != "HEAD" or "content-length" not in {name.lower() for name in given}:
            given = {k: v for k, v in given.items() if k.lower() != "content-length"}
            given["Content-Length"] = str(len(body))
        for name, value in given.items():
            if name.lower() not in {"date", "server"}:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and status not in {204, 304}:
            self.wfile.write(body)

    def _reset(self) -> None:
        """Close with nothing lingering, which sends RST instead of an orderly end."""
        self._record(0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _record(self, status: int) -> None:
        authorization = self.headers.get("Authorization", "")
        self.proxy.seen.append(Seen(self.command, self.path, status, authorization))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the tests' output free of requests."""
