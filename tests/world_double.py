"""A world for tests: real files below a folder, and all else held still and recorded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from buildsteps.errors import WorldError
from buildsteps.world import World
from buildsteps.world.aws import Aws, AwsError
from buildsteps.world.files import Files
from buildsteps.world.http import MEBIBYTE, Http, HttpError, Response, Sendable, Timeouts
from buildsteps.world.process import Completed

NOON = 1_772_366_400.0
"""2026-03-01T12:00:00Z, when the clock of every fake world stands."""


class StillClock:
    """A clock that moves only while somebody sleeps, which takes no time."""

    slept = 0.0

    def monotonic(self) -> float:
        """Give the seconds that were slept."""
        return self.slept

    def now(self) -> float:
        """Give noon of 1 March 2026, and what was slept since."""
        return NOON + self.slept

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept += max(seconds, 0.0)


class ScriptedProcesses(Struct):
    """Programs that answer what a test says; a program without an answer is not installed.

    ``answers`` are by the name of the program; ``calls`` and ``inputs`` record the arguments and
    standard input of each run.
    """

    answers: Mapping[str, Completed] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """Record the call and give the answer of the program."""
        self.calls.append(tuple(arguments))
        self.inputs.append(stdin)
        if arguments[0] not in self.answers:
            raise WorldError(f"{arguments[0]} cannot be run: no such file or directory")
        return self.answers[arguments[0]]

    def stop(self) -> None:
        """Nothing runs."""


class SentRequest(Struct, frozen=True):
    """What a step sent to a web service."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedHttp(Struct):
    """Web services that answer what a test says, by method and address; others are not there.

    A sequence is answered one by one, its last answer for ever; ``sent`` records each request.
    """

    answers: Mapping[tuple[str, str], Response | Sequence[Response]] = field(default_factory=dict)
    sent: list[SentRequest] = field(default_factory=list)

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
        """Record the request and give its answer."""
        before = sum((s.method, s.url) == (method, url) for s in self.sent)
        sent = body if isinstance(body, bytes) else _whole(body)
        self.sent.append(SentRequest(method, url, dict(headers or {}), sent))
        found = self.answers.get((method, url))
        if found is None:
            raise HttpError(f"{url} cannot be reached: connection refused", url)
        if isinstance(found, Response):
            return found
        return found[min(before, len(found) - 1)]


def _whole(file: Sendable) -> bytes:
    file.seek(0)
    return file.read()


class ScriptedAws(Struct):
    """AWS that answers what a test says, by ``service:Operation``; an error is raised.

    A sequence is the pages of a paged operation, or the answers of one call after the other.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)
    endpoints: Mapping[str, str] = field(default_factory=dict)

    def call(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Record the call and give its answer."""
        name = f"{service}:{operation}"
        before = sum(call[0] == name for call in self.calls)
        self.calls.append((name, request, region))
        answer = self.answers.get(name, AwsError(f"{service} cannot be reached: no connection"))
        if isinstance(answer, list):
            answer = answer[min(before, len(answer) - 1)]
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found

    def call_once(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Record the call and give its answer."""
        return self.call(service, operation, request, region=region)

    def endpoint(self, service: str, *, region: str = "") -> str:
        """Give what a test says, or where AWS would have it."""
        return self.endpoints.get(service, f"https://{service}.{region}.amazonaws.com")

    def pages(
        self, service: str, operation: str, request: Mapping[str, Any], *, region: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Record the call and give its pages."""
        answer = self.answers.get(f"{service}:{operation}")
        if isinstance(answer, list):
            self.calls.append((f"{service}:{operation}", request, region))
            yield from answer
            return
        yield self.call(service, operation, request, region=region)

    def sign(
        self,
        service: str,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        region: str = "",
        renew: bool = False,
    ) -> dict[str, str]:
        """Sign nothing, but say so."""
        return {**(headers or {}), "authorization": f"signed for {service}"}

    def pieces(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        member: str,
        *,
        region: str = "",
    ) -> Iterator[bytes]:
        """Record the call and give the member, whole."""
        yield self.call(service, operation, request, region=region)[member]


def fake_world(
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    progress: list[str] | None = None,
    processes: ScriptedProcesses | None = None,
    http: Http | None = None,
    aws: Aws | None = None,
    ask: Callable[[str], str] | None = None,
) -> World:
    """Build a world whose working folder is ``folder``; lines for people go to ``progress``."""
    lines = progress if progress is not None else []
    return World(
        cwd=folder,
        environ=environ or {},
        files=Files(folder),
        processes=processes or ScriptedProcesses(),
        clock=StillClock(),
        read_stdin=lambda: stdin,
        progress=lines.append,
        http=http or ScriptedHttp(),
        aws=aws or ScriptedAws(),
        ask=ask,
    )
