"""A Distributed Load Testing on AWS of one's own, on loopback, whose clock a test moves."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.loopback_aws.protocols.interface import Answer, Request
from tests.loopback_dlt import signature
from tests.loopback_dlt.errors import ApiError, GatewayError
from tests.loopback_dlt.faults import GATEWAY, Fault, Kind
from tests.loopback_dlt.moments import MovableClock
from tests.loopback_dlt.routes import route
from tests.loopback_dlt.scenarios import Scenarios

MORNING = 1_795_426_478.0
"""2026-11-23T09:34:38Z, when the samples were recorded."""

ACCESS_KEY, SECRET = "AKIDLOOPBACK", "loopback"
BUCKET = "dlt-scenarios-bucket"
VERSIONS = {"us-east-1": "v4.2.3", "eu-west-1": "v4.2.0"}


class LoopbackDlt:
    """The solution behind its API: what it holds, what it was asked, what goes wrong on demand.

    ``missing`` are regions whose capacity cannot be told; ``secrets`` who may sign.
    """

    stage = "/prod"

    def __init__(self, port: int, version: str = "v4.2.3") -> None:
        self.endpoint = f"http://127.0.0.1:{port}{self.stage}"
        self.version = version
        self.clock = MovableClock(MORNING)
        self.regions = {name: _region(name, one) for name, one in sorted(VERSIONS.items())}
        self.scenarios = Scenarios(self.clock, self.regions, early=version.startswith("v4"))
        self.secrets = {ACCESS_KEY: SECRET}
        self.expired: set[str] = set()
        self.vcpu_limit = dict.fromkeys(self.regions, 4000)
        self.vcpus_in_use = dict.fromkeys(self.regions, 0)
        self.missing: set[str] = set()
        self.faults: list[Fault] = []
        self.asked: list[Request] = []
        self._lock = threading.RLock()

    def environment(self, region: str = "us-east-1") -> dict[str, str]:
        """The variables with which a client finds it, and may use it."""
        return {
            "LOAD_TEST_API_ENDPOINT": self.endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def fail(self, kind: Kind, method: str = "", ending: str = "", **more: Any) -> None:
        """Let requests go wrong: see :class:`Fault`."""
        self.faults.append(Fault(kind, method, ending, **more))

    def requests(self, method: str, ending: str = "") -> list[Request]:
        """What was asked so far."""
        return [one for one in self.asked if one.method == method and one.path.endswith(ending)]

    def handle(self, request: Request) -> Answer | None:
        """Answer a request; None resets the connection."""
        with self._lock:
            self.asked.append(request)
            self.clock.advance(self.clock.step)
            fault = next((f for f in self.faults if f.strikes(request.method, request.path)), None)
        if fault and fault.kind is Kind.SLOW:
            time.sleep(fault.seconds)
        elif fault and fault.kind is not Kind.LOST:
            return _spoiled(fault.kind)
        with self._lock:
            answer = self._answer(request)
        return None if fault and fault.kind is Kind.LOST else answer

    def _answer(self, request: Request) -> Answer:
        try:
            self._check_signature(request)
            return _json(200, route(self, request))
        except GatewayError as error:
            return _json(error.status, {"message": error.message}, error.kind)
        except ApiError as error:
            if self.version.startswith("v3"):
                return Answer(400, {"Content-Type": "application/json"}, error.said.encode())
            return _json(error.status, error.said)

    def _check_signature(self, request: Request) -> None:
        access_key = signature.check(request, self.secrets)
        if access_key in self.expired:
            said = "The security token included in the request is expired"
            raise GatewayError(403, said, "ExpiredTokenException")

    def regions_answer(self) -> dict[str, Any]:
        """GET /regions."""
        url = f"https://{BUCKET}.s3.us-east-1.amazonaws.com/regional-template"
        file = "distributed-load-testing-on-aws-regional.template"
        return {"regions": list(self.regions.values()), "url": f"{url}/{file}"}

    def tasks_answer(self) -> list[dict[str, Any]]:
        """GET /tasks: the tasks that are running in each region."""
        arn = "arn:aws:ecs:{0}:123456789012:task/dlt-cluster/{1:032x}"
        return [
            {
                "region": name,
                "taskArns": [
                    arn.format(name, number) for number in range(self.scenarios.tasks_running(name))
                ],
            }
            for name in self.regions
        ]

    def capacity_answer(self) -> dict[str, Any]:
        """GET /vCPUDetails; a region whose own call failed is missing."""
        return {
            name: {
                "vCPULimit": self.vcpu_limit[name],
                "vCPUsInUse": self.vcpus_in_use[name],
                "vCPUsPerTask": 2,
            }
            for name in self.regions
            if name not in self.missing
        }

    def stack_answer(self) -> dict[str, Any]:
        """GET /stack-info, new in 4.0."""
        stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/dlt"
        return {
            "created_time": "2026-11-23T09:34:38.218Z",
            "region": "us-east-1",
            "version": self.version,
            "mcp_endpoint": "https://mcp.invalid/mcp",
            "deployment_id": "00000000-0000-4000-8000-000000000000",
            "account_id": "123456789012",
            "deployment_method": "cloudformation",
            "stack_id": f"{stack}/635232b3-ae37-4dc3-ad24-379dbf405bc1",
            "solution_template": "distributed-load-testing-on-aws",
            "is_update_available": False,
        }


def _region(name: str, version: str) -> dict[str, Any]:
    return {
        "testId": f"region-{name}",
        "ecsCloudWatchLogGroup": "dlt-logs",
        "region": name,
        "subnetA": "subnet-a",
        "subnetB": "subnet-b",
        "taskSecurityGroup": "sg-1",
        "taskCluster": "dlt-cluster",
        "taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/dlt:1",
        "version": version,
        "stackId": f"arn:aws:cloudformation:{name}:123456789012:stack/dlt/1",
        "taskRoleArn": "arn:aws:iam::123456789012:role/dlt",
        "executionRoleArn": "arn:aws:iam::123456789012:role/dlt",
        "deploymentDate": "2026-11-23T00:00:00.000Z",
        "compatible": True,
    }


def _json(status: int, body: Any, kind: str = "") -> Answer:
    headers = {"Content-Type": "application/json"}
    return Answer(
        status, headers | ({"x-amzn-ErrorType": kind} if kind else {}), json.dumps(body).encode()
    )


def _spoiled(kind: Kind) -> Answer | None:
    if kind is Kind.RESET:
        return None
    if kind is Kind.NO_JSON:
        return Answer(200, {"Content-Type": "text/html"}, b"<html>a proxy's page</html>")
    if kind is Kind.INTERNAL:
        return _json(500, "InternalServerError: DynamoDB did not answer")
    status, message, name = GATEWAY[kind]
    return _json(status, {"message": message}, name)


@contextmanager
def loopback_dlt(version: str = "v4.2.3") -> Iterator[LoopbackDlt]:
    """Run the solution on a port of loopback."""

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.dlt = LoopbackDlt(server.server_address[1], version)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Handler.dlt
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """HTTP on one side, requests and answers on the other."""

    dlt: ClassVar[LoopbackDlt]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        place = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=place.path or "/",
            query=parse_qs(place.query, keep_blank_values=True),
            headers=headers,
            body=self.rfile.read(int(headers.get("content-length") or 0)),
            target=self.path,
        )
        answer = self.dlt.handle(request)
        if answer is None:
            self._reset()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

    def _reset(self) -> None:
        """Close without an answer, so that the client sees its connection reset."""
        now = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is logged."""
