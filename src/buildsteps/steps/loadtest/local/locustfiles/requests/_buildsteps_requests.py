"""Asks the requests of a scenario, in order, again and again: a user as DLT's engine has them.

The scenario is data, read here from the JSON file that BUILDSTEPS_LOCAL_RUN names; no code is made
from it. Users do not pause between requests, as those of a simple test of DLT.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gevent import GreenletExit
from locust import FastHttpUser, constant, task

RUN = json.loads(Path(os.environ["BUILDSTEPS_LOCAL_RUN"]).read_text(encoding="utf-8"))
LONGEST_SHOWN = 60
RECORDING = sys.modules.get("_buildsteps_recording")
"""Absent only where a benchmark runs these users on a plain Locust."""


class Requester(FastHttpUser):
    """One user."""

    host = "http://127.0.0.1"  # Locust wants one; every request has an address of its own
    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """Ask each request once."""
        for name, ask in STEPS:
            began = time.perf_counter()
            try:
                ask(self.client)
            except GreenletExit:
                if RECORDING is not None and RECORDING.recorder is not None:
                    RECORDING.recorder.unanswered(name, began)
                raise


def step(request: dict[str, Any]) -> Callable[[Any], None]:
    """How to ask one request."""
    method, url = request["method"], request["url"]
    known = {"name": request["name"], "headers": request["headers"]}
    if request["body"]:
        known["data"] = request["body"].encode()
    statuses, text = frozenset(request["status"]), request["body_contains"].encode()
    if not statuses and not text:
        return lambda client: client.request(method, url, **known)

    def checked(client: Any) -> None:
        with client.request(method, url, catch_response=True, **known) as response:
            judge(response, statuses, text)

    return checked


def judge(response: Any, statuses: frozenset[int], text: bytes) -> None:
    """Say whether an answer is a success; no answer is none, whatever was asked."""
    status = response.status_code
    if not status:
        return
    if statuses and status not in statuses:
        wanted = " or ".join(map(str, sorted(statuses)))
        response.failure(f"status {status} instead of {wanted}")
    elif text and text not in (response.content or b""):
        response.failure(f"the body does not hold `{shortened(text)}`")
    elif statuses:
        response.success()


def shortened(text: bytes) -> str:
    """Enough of a text to know it by."""
    shown = text.decode("utf-8", errors="replace")
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


STEPS = [(one["name"], step(one)) for one in RUN["requests"]]
