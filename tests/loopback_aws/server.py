"""The loopback AWS: one HTTP server for all its services, told apart by the requests' signatures.

It also answers as a forward proxy for http (``HTTP_PROXY``), for clients that put a prefix before
the host of an endpoint, which no loopback address can have.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit, urlunsplit

from msgspec import Struct

from tests.loopback_aws.errors import ImpossibleAnswerError, ServiceError
from tests.loopback_aws.protocols.interface import Answer, Request
from tests.loopback_aws.service import Call, Service
from tests.loopback_aws.sigv4 import scope

FOREVER = 1_000_000

OWN = {"content-length", "connection", "transfer-encoding", "date", "server"}
"""Headers that the server writes itself."""


class Fault(Struct):
    """What the next ``times`` calls of an operation get (of any, if empty) after ``seconds``."""

    operation: str
    error: ServiceError | None
    seconds: float
    times: int


class LoopbackAws:
    """The services, what they were asked (``calls``), and what goes wrong on demand.

    ``fronts`` answer for other host names, such as that of ECR's registry; ``broken`` tells what
    real AWS could not have answered.
    """

    def __init__(self, services: Sequence[Service], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.services = {service.signing_name: service for service in services}
        self.fronts: dict[str, Callable[[Request], Answer]] = {}
        self.calls: list[Call] = []
        self.broken: list[str] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._answered = 0

    def environment(self, region: str = "eu-central-1") -> dict[str, str]:
        """The variables by which SDKs find it, with credentials; no file of the user's counts.

        They reach it by way of a proxy, as an endpoint of a name: Signer's operation for
        revocations puts a prefix before the host of its endpoint, also before ``127.0.0.1``.
        """
        return {
            "AWS_ENDPOINT_URL": "http://aws.test",
            "HTTP_PROXY": self.url,
            "http_proxy": self.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "AKIDLOOPBACK",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def fail(self, operation: str, code: str, message: str = "", *, times: int = FOREVER) -> None:
        """Let an operation (any, if empty) answer with an error that real AWS could give."""
        error = ServiceError(code, message or f"{code} on demand")
        self._add(Fault(operation, error, 0.0, times))

    def throttle(self, operation: str, *, times: int = FOREVER) -> None:
        """Answer with the service's own error for too many requests, where its model has one."""
        self.fail(operation, self._throttling(operation), "Rate exceeded", times=times)

    def break_down(self, operation: str, *, times: int = FOREVER) -> None:
        """Answer with a status 500 that says nothing."""
        self.fail(operation, "InternalFailure", "Internal failure", times=times)

    def deny(self, operation: str) -> None:
        """Refuse, as IAM does."""
        said = (
            f"User: arn:aws:iam::123456789012:user/test is not authorized to perform: {operation}"
        )
        self.fail(operation, "AccessDeniedException", said)

    def expire_credentials(self) -> None:
        """Refuse everything: the session's token is too old."""
        said = "The security token included in the request is expired"
        self.fail("", "ExpiredTokenException", said)

    def slow(self, operation: str, seconds: float, *, times: int = FOREVER) -> None:
        """Answer late."""
        self._add(Fault(operation, None, seconds, times))

    def heal(self) -> None:
        """Forget all faults and calls."""
        with self._lock:
            self._faults.clear()
            self.calls.clear()

    def asked(self, operation: str) -> list[Call]:
        """The calls of one operation."""
        return [call for call in self.calls if call.operation == operation]

    def handle(self, request: Request) -> Answer:
        """Answer one request; what the double itself did wrong ends in ``broken``."""
        with self._lock:
            self._answered += 1
            request_id = f"00000000-0000-0000-0000-{self._answered:012d}"
        try:
            front = self.fronts.get(request.host)
            return front(request) if front else self._handle(request, request_id)
        except ImpossibleAnswerError as error:
            self.broken.append(str(error))
            return Answer(500, {"Content-Type": "text/plain"}, str(error).encode())

    def _handle(self, request: Request, request_id: str) -> Answer:
        service: Service | None = None
        operation = ""
        try:
            signed = scope(request.headers)
            service = self.services.get(signed.service)
            if service is None:
                raise ImpossibleAnswerError(f"nothing stands behind the service {signed.service}")
            call = service.read(request, signed)
            operation = call.operation
            self.calls.append(call)
            self._spoil(operation)
            return service.perform(call)
        except ServiceError as error:
            spoken = service or next(iter(self.services.values()))
            return spoken.error(error, operation, request_id)

    def _spoil(self, operation: str) -> None:
        with self._lock:
            fault = next((one for one in self._faults if _applies(one, operation)), None)
            if fault:
                fault.times -= 1
        if fault:
            time.sleep(fault.seconds)
            if fault.error:
                raise fault.error

    def _throttling(self, operation: str) -> str:
        for service in self.services.values():
            if operation in service.model.operation_names:
                shapes = service.model.operation_model(operation).error_shapes
                if any(shape.name == "TooManyRequestsException" for shape in shapes):
                    return "TooManyRequestsException"
        return "ThrottlingException"

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)


def _applies(fault: Fault, operation: str) -> bool:
    return fault.times > 0 and fault.operation in {"", operation}


@contextmanager
def loopback_aws(*services: Service) -> Iterator[LoopbackAws]:
    """Run the services on one port of loopback.

    Raises:
        ImpossibleAnswerError: at the end, where a handler answered what real AWS could not, or
            something was asked that nothing stands behind.
    """

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.aws = LoopbackAws(services, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Handler.aws
    finally:
        server.shutdown()
        server.server_close()
    if Handler.aws.broken:
        raise ImpossibleAnswerError("\n".join(Handler.aws.broken))


class _Handler(BaseHTTPRequestHandler):
    """HTTP on one side, requests and answers on the other."""

    aws: ClassVar[LoopbackAws]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    """An answer leaves in one piece. Where the body came after the headers, Go's SDK has been seen,
    on a busy machine, to find its connection closed by itself before it read the body."""

    def handle_any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        place = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=place.path or "/",
            query=parse_qs(place.query, keep_blank_values=True),
            headers=headers,
            body=self.rfile.read(int(headers.get("content-length") or 0)),
            host=place.hostname or headers.get("host", "").partition(":")[0],
            target=urlunsplit(("", "", place.path or "/", place.query, "")),
        )
        answer = self.aws.handle(request)
        self._send(answer.status, answer.headers, answer.body)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = handle_any  # noqa: N815

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        told = {name.lower(): value for name, value in headers.items()}
        length = told.get("content-length") if self.command == "HEAD" else None
        for name, value in told.items():
            if name not in OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the tests' output free of requests."""
