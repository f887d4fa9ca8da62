"""Loaded by Locust beside a locustfile: writes samples, watches the generator, guards others.

It runs inside Locust, in a process that is not ours, so it imports nothing of buildsteps; what it
needs to know stands in the JSON file that BUILDSTEPS_LOCAL_RUN names. Each process that has users
writes its own files into that run's folder:

    samples-<pid>.jtl      a row a request, as soon as it ends
    generator-<pid>.json   when it ran, with how many users, and how busy the process was
    refused-<pid>.txt      an address that is not this machine, and was not asked

A file ``abort`` in that folder ends the test early.
"""

import ipaddress
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from gevent import socket as gevent_socket
from locust import events
from locust.runners import MasterRunner, WorkerRunner

RUN = json.loads(Path(os.environ["BUILDSTEPS_LOCAL_RUN"]).read_text(encoding="utf-8"))
FOLDER = Path(RUN["folder"])
HEADER = ",".join(RUN["columns"]) + "\n"

FLUSH_SECONDS = 0.5
TICK_SECONDS = 0.05
LEAD_SECONDS = 0.5
MOST_REASONS = 50
LONGEST_REASON = 200


class RemoteTargetError(ConnectionError):
    """The address is not this machine, and nobody allowed to load another one."""


class Recorder:
    """The samples of one process.

    A row is made when its request ends, and written some times a second: making thousands at once
    would hold up the requests that are under way, and so change what is measured.
    """

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.users = 0
        self.longest = 0.0
        self.labels: dict[str, str] = {}
        self.failures: dict[tuple[str, str], int] = {}
        self.path = FOLDER / f"samples-{os.getpid()}.jtl"
        self.path.write_text(HEADER, encoding="utf-8")

    def record(
        self,
        request_type: str,  # noqa: ARG002 - Locust names the arguments
        name: str,
        response_time: float | None,
        response_length: int | None,
        response: Any = None,
        exception: Any = None,
        start_time: float = 0.0,
        **_others: Any,
    ) -> None:
        """Take what Locust's event ``request`` tells."""
        label = self.labels.get(name)
        if label is None:
            label = self.labels[name] = quoted(name)
        elapsed = response_time or 0.0
        if elapsed > self.longest:
            self.longest = elapsed
        began = start_time or time.time() - elapsed / 1000
        code = getattr(response, "status_code", 0) or (
            type(exception).__name__ if exception is not None else ""
        )
        success = "true" if exception is None else "false"
        if exception is not None:
            self.count_failure(str(name), reason(code, exception))
        self.rows.append(
            f"{int(began * 1000)},{elapsed:.1f},{label},{code},{success},"
            f"{response_length or 0},,,{self.users}\n"
        )

    def count_failure(self, name: str, why: str) -> None:
        """Count a failed request by its reason; of a script that makes up too many, together."""
        known = (name, why)
        if known not in self.failures and len(self.failures) >= MOST_REASONS:
            known = (name, "other reasons")
        self.failures[known] = self.failures.get(known, 0) + 1

    def unanswered(self, name: str, began: float) -> None:
        """Take a request that had no answer when the run ended, as failed, if that was no chance.

        A server that hangs would otherwise look fast: only what it answers would count. ``began``
        is by ``time.perf_counter``.
        """
        waited = (time.perf_counter() - began) * 1000
        if waited > max(1000.0, 2 * self.longest):
            longest = self.longest
            self.record(
                "", name, waited, 0, None, TimeoutError(), start_time=time.time() - waited / 1000
            )
            self.longest = longest

    def flush(self) -> None:
        """Write what there is."""
        rows, self.rows = self.rows, []
        if rows:
            with self.path.open("a", encoding="utf-8", errors="replace", newline="") as stream:
                stream.write("".join(rows))


def reason(code: Any, exception: Any) -> str:
    """Why a request failed, in words that are the same for the same reason, without addresses."""
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(str(exception).split()))
    if type(exception).__name__ == "CatchResponseError" and text:
        return text[:LONGEST_REASON]
    if isinstance(code, int):
        return f"status {code}"
    if found := re.search(r"\[Errno -?\d+\] ([\w ]+)", text):
        return found[1].lower()
    if isinstance(exception, TimeoutError) and not text:
        return "no answer"
    return (f"{type(exception).__name__}: {text}" if text else str(code))[:LONGEST_REASON]


def quoted(name: str) -> str:
    """A cell of CSV, on one line."""
    text = " ".join(str(name).splitlines())
    if any(character in text for character in ',"'):
        return '"' + text.replace('"', '""') + '"'
    return text


class Watch:
    """How busy this process was while the test ran.

    A busy generator measures itself: its requests wait for it, not for the server. ``lags`` are
    seconds by which a short sleep was too long; ``busy`` the share of time that the process
    computed, or would have if it had been given a processor (Linux tells the latter).
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.began = 0.0
        self.ended = 0.0
        self.most_users = 0
        self.lags: list[float] = []
        self.busy: list[float] = []
        self.path = FOLDER / f"generator-{os.getpid()}.json"

    def begin(self, **_about: Any) -> None:
        """The test begins; more users later are no second beginning."""
        self.began = self.began or time.time()

    def end(self, **_about: Any) -> None:
        """The test is over."""
        if self.began and not self.ended:
            self.ended = time.time()

    def watch(self, runner: Any) -> None:
        """Measure until the process ends."""
        mark, used = time.perf_counter(), needed()
        while True:
            before = time.perf_counter()
            gevent.sleep(TICK_SECONDS)
            now = time.perf_counter()
            if not self.began or self.ended:
                mark, used = now, needed()
                continue
            self.lags.append(max(now - before - TICK_SECONDS, 0.0))
            if now - mark >= 1.0:
                self.recorder.users = users = runner.user_count
                self.most_users = max(self.most_users, users)
                self.busy.append((needed() - used) / (now - mark))
                mark, used = now, needed()

    def write(self) -> None:
        """Write what was measured, whole."""
        self.end()
        known = {
            "began": self.began,
            "ended": self.ended,
            "users": self.most_users,
            "busy": self.busy,
            "lags": self.lags,
            "failures": [(*what, count) for what, count in self.recorder.failures.items()],
        }
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(json.dumps(known), encoding="utf-8")
        temporary.replace(self.path)


def needed() -> float:
    """Seconds of a processor that this process has used, or waited for."""
    try:
        waited = int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        waited = 0.0
    return time.process_time() + waited


class Guard:
    """Lets connections be made to this machine only.

    It stands where a connection is made, after names are resolved and redirects are followed, so
    nothing that a locustfile does in Python goes around it by accident.
    """

    def __init__(self) -> None:
        self.runner: Any = None
        self.refused = False

    def install(self) -> None:
        """Stand before every connection from now on."""
        plain = gevent_socket.socket.connect

        def connect(socket: Any, address: Any) -> Any:
            if socket.family in (gevent_socket.AF_INET, gevent_socket.AF_INET6):
                self.check(address)
            return plain(socket, address)

        gevent_socket.socket.connect = connect
        gevent_socket.socket.connect_ex = not_raising(connect)

    def check(self, address: Any) -> None:
        """Let an address pass, or raise and end the test."""
        host = str(address[0])
        numbers = [host] if is_number(host) else resolved(host)
        for number in numbers:
            if not is_loopback(number):
                self.refuse(f"{host}:{address[1]}")
                raise RemoteTargetError(f"{host} is not this machine")

    def refuse(self, target: str) -> None:
        """Say which address it was, once, and end the test."""
        if self.refused:
            return
        self.refused = True
        (FOLDER / f"refused-{os.getpid()}.txt").write_text(target, encoding="utf-8")
        if self.runner is not None:
            gevent.spawn(self.runner.quit)


def not_raising(connect: Callable[[Any, Any], Any]) -> Callable[[Any, Any], int]:
    """``connect_ex`` of a ``connect``: the number of the error instead of the error."""

    def connect_ex(socket: Any, address: Any) -> int:
        try:
            connect(socket, address)
        except OSError as error:
            return error.errno or 1
        return 0

    return connect_ex


def is_number(host: str) -> bool:
    """Whether this is an address, no name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def resolved(host: str) -> list[str]:
    """The addresses of a name."""
    return [str(entry[4][0]) for entry in gevent_socket.getaddrinfo(host, None)]


def is_loopback(address: str) -> bool:
    """Whether an address is this machine."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


GUARD = Guard()
if not RUN["allow_remote"]:
    GUARD.install()

recorder: Recorder | None = None
"""That of this process, once it has users; the scenario's locustfile asks for it."""


def begin(environment: Any, runner: Any = None, **_about: Any) -> None:
    """Start recording in each process that has users; the master of several has none."""
    global recorder
    if runner is None:
        return
    if not isinstance(runner, WorkerRunner):
        environment.events.test_start.add_listener(lambda **_about: end_in_time(runner))
    if isinstance(runner, MasterRunner):
        return
    GUARD.runner = runner
    recorder = Recorder()
    watch = Watch(recorder)
    environment.events.request.add_listener(recorder.record)
    environment.events.test_start.add_listener(watch.begin)
    environment.events.test_stop.add_listener(watch.end)
    gevent.spawn(watch.watch, runner)
    gevent.spawn(flush_for_ever, recorder)

    def finish(**_about: Any) -> None:
        assert recorder is not None  # noqa: S101 - for mypy
        recorder.flush()
        watch.write()

    environment.events.quitting.add_listener(finish)
    environment.events.quit.add_listener(finish)


events.init.add_listener(begin)  # type: ignore[no-untyped-call]


def end_in_time(runner: Any) -> None:
    """End the test when its time is over, counted from its real beginning.

    Locust's own ``--run-time`` counts from before users are made, which takes a while. Several
    processes begin a little after the one that leads them.
    """
    later = LEAD_SECONDS if isinstance(runner, MasterRunner) else 0.0
    gevent.spawn_later(RUN["seconds"] + later, runner.quit)
    gevent.spawn(end_when_asked, runner)


def end_when_asked(runner: Any) -> None:
    """End the test once the command that started it asks for that."""
    asked = FOLDER / "abort"
    while not asked.exists():
        gevent.sleep(FLUSH_SECONDS)
    runner.quit()


def flush_for_ever(one: Recorder) -> None:
    """Write rows some times a second."""
    while True:
        gevent.sleep(FLUSH_SECONDS)
        one.flush()
