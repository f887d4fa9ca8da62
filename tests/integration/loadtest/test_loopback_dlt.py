"""The loopback DLT answers as the recorded one did: all 92 samples, in the order of recording."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.loopback_dlt.faults import Kind
from tests.loopback_dlt.moments import read
from tests.loopback_dlt.runs import Plan
from tests.loopback_dlt.server import ACCESS_KEY, SECRET, LoopbackDlt, loopback_dlt

SAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "dlt" / "api-samples.json").read_text()
)
ORDER = [*range(71, 92), *range(71)]
NEVER = 1e9
TEST_IDS = (
    "Pzqxe7mlJZ", "cjgGicMfdi", "xdfcw6aVIe", "Tsc2k15okz", "agHwpbaxHv", "ovMbfzlfzJ",
    "ijzUw2kyGM",
)  # fmt: skip
RUN_IDS = {6: "j3Z48QPCGO", 7: "HHHTodXHUa", 11: "chvUi9HuI1", 13: "QXlDUC2qIk"}

TIMES = {
    71: "09:34:39", 86: "09:34:41", 90: "09:34:44", 0: "09:35:20", 16: "09:35:21", 28: "09:35:22",
    40: "09:35:23", 53: "09:35:24", 65: "09:35:25",
}  # fmt: skip
"""When the clock moved on, by the number of the sample."""


def answer(
    dlt: LoopbackDlt, method: str, path: str, body: str = "", service: str = "execute-api"
) -> requests.Response:
    """Ask as the recorder did: signed by botocore as the address stands, or not at all."""
    url = dlt.endpoint.removesuffix("/prod") + path
    headers = {"Content-Type": "application/json"} if body else {}
    asked = AWSRequest(method, url, headers=headers, data=body)
    if service:
        SigV4Auth(Credentials(ACCESS_KEY, SECRET), service, "us-east-1").add_auth(asked)
    prepared = requests.Request(method, url, headers=dict(asked.headers), data=body).prepare()
    prepared.url = url
    with requests.Session() as session:
        return session.send(prepared, timeout=10)


def shape(value: Any, path: str = "") -> Any:
    """The value with the counts of tasks, which the recorder's ECS did not have, as types."""
    if isinstance(value, dict):
        return {key: shape(one, f"{path}/{key}") for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one, path) for one in value]
    return type(value).__name__ if "/tasksPerRegion/" in path and value != "region" else value


@pytest.fixture
def dlt() -> Iterator[LoopbackDlt]:
    with loopback_dlt() as found:
        yield found


def test_all_92_samples_are_answered_as_recorded(dlt: LoopbackDlt) -> None:
    test_ids, numbers = iter(TEST_IDS), iter(range(1, 100))
    dlt.scenarios.new_test_id = lambda: next(test_ids)

    def run_id() -> str:
        number = next(numbers)
        return RUN_IDS.get(number, f"other{number:05}")

    dlt.scenarios.new_run_id = run_id
    waiting = Plan(queued=NEVER, cancelling=1)
    results = SAMPLES[55]["response"]["results"]
    quick = Plan(
        queued=0.125, provisioning=0.25, running=0.25, parsing=0.25, cleaning=0.125, results=results
    )
    failing = Plan(
        queued=0.5, provisioning=0.2, running=0.3, parsing=0, cleaning=0, ends="failed",
        error_reason="Task failure threshold breached: 1/3 tasks failed (healthy threshold: 90%)",
    )  # fmt: skip
    plans: dict[int, Plan] = {
        71: waiting, 90: Plan(queued=0.5, provisioning=NEVER), 7: waiting, 48: quick, 60: failing,
    }  # fmt: skip
    before: dict[int, Callable[[], None]] = {
        91: lambda: dlt.clock.advance(0.6),
        49: lambda: dlt.clock.advance(0.2),
        51: lambda: dlt.clock.advance(0.25),
        85: lambda: dlt.clock.advance(1),
    }
    answered = 0
    for number in ORDER:
        sample = SAMPLES[number]
        if number in TIMES:
            dlt.clock.moment = read(f"2026-11-23T{TIMES[number]}Z")
        if number in plans:
            dlt.scenarios.plans = [plans[number]]
        before.get(number, lambda: None)()
        request = sample["request"]
        body = request if isinstance(request, str) else json.dumps(request) if request else ""
        body = "{}" if request == {} else body
        service = {"unsigned": "", "wrong service": "s3"}.get(sample["note"], "execute-api")
        said = answer(dlt, sample["method"], sample["path"], body, service)
        told = f"{number} ({sample['note']})"
        assert said.status_code == sample["status"], f"{told}: {said.text}"
        assert said.headers.get("x-amzn-errortype") == sample["errortype"], told
        assert shape(said.json()) == shape(sample["response"]), told
        answered += 1
    assert answered == len(SAMPLES) == 92


def test_version_3_begins_at_running_and_refuses_in_bare_text() -> None:
    with loopback_dlt("v3.4.1") as dlt:
        body = json.dumps(SAMPLES[71]["request"])
        assert answer(dlt, "GET", "/prod/stack-info").status_code == 403
        assert answer(dlt, "POST", "/prod/scenarios", body).json()["status"] == "running"
        missing = answer(dlt, "GET", "/prod/scenarios/none")
        assert (missing.status_code, missing.text[:15]) == (400, "TEST_NOT_FOUND:")
        row = answer(dlt, "GET", "/prod/scenarios/ci-orders-smoke").json()
        assert row["history"][0]["status"] == "running"


def test_a_run_goes_through_all_its_statuses_as_the_clock_moves(dlt: LoopbackDlt) -> None:
    answer(dlt, "POST", "/prod/scenarios", json.dumps(SAMPLES[71]["request"]))
    seen = []
    for _ in range(30):
        row = answer(dlt, "GET", "/prod/scenarios/ci-orders-smoke?history=false").json()
        seen.append(row["status"])
        dlt.clock.advance(5)
    assert list(dict.fromkeys(seen)) == [
        "queued", "provisioning", "running", "parsing results", "cleaning up", "complete",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "status"), [(Kind.THROTTLED, 429), (Kind.BROKEN, 502), (Kind.TIMED_OUT, 504)]
)
def test_faults_strike_as_often_as_asked(dlt: LoopbackDlt, kind: Kind, status: int) -> None:
    dlt.fail(kind, "GET", "/regions")
    assert answer(dlt, "GET", "/prod/regions").status_code == status
    assert answer(dlt, "GET", "/prod/regions").status_code == 200


def test_a_lost_answer_belongs_to_a_post_that_was_carried_out(dlt: LoopbackDlt) -> None:
    dlt.fail(Kind.LOST, "POST", "/scenarios")
    with pytest.raises(requests.ConnectionError):
        answer(dlt, "POST", "/prod/scenarios", json.dumps(SAMPLES[71]["request"]))
    assert "ci-orders-smoke" in dlt.scenarios.stored


def test_expired_and_unknown_credentials_are_refused(dlt: LoopbackDlt) -> None:
    dlt.expired.add(ACCESS_KEY)
    assert "is expired" in answer(dlt, "GET", "/prod/tasks").json()["message"]
    dlt.secrets.clear()
    assert "is invalid" in answer(dlt, "GET", "/prod/tasks").json()["message"]
    assert urlsplit(dlt.endpoint).path == "/prod"
