"""The three shapes of a refusal are one error."""

import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.steps.loadtest.dlt.errors import refusal
from buildsteps.world.http import Response

SAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[4] / "data" / "dlt" / "api-samples.json").read_text()
)
REFUSED = [one for one in SAMPLES if one["status"] != 200]


@pytest.mark.parametrize("sample", REFUSED, ids=lambda one: one["note"])
def test_every_recorded_refusal_is_told_in_its_own_words(sample: dict[str, Any]) -> None:
    headers = {"x-amzn-errortype": sample["errortype"]} if sample["errortype"] else {}
    body = json.dumps(sample["response"]).encode()
    error = refusal(Response(status=sample["status"], headers=headers, body=body), "GET /x")
    answer = sample["response"]
    words = answer["message"] if isinstance(answer, dict) else answer.partition(": ")[2] or answer
    assert error.said.startswith(" ".join(words.split())[:400])
    assert (error.status, error.is_passing) == (sample["status"], False)


def test_there_are_36_of_them() -> None:
    assert len(REFUSED) == 36


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (
            404,
            b"\"TEST_NOT_FOUND: testId 'x' not found\"",
            "TEST_NOT_FOUND",
            "testId 'x' not found",
        ),
        (400, b"TEST_NOT_FOUND: testId 'x' not found", "TEST_NOT_FOUND", "testId 'x' not found"),
        (429, b'{"message":"Too Many Requests"}', "", "Too Many Requests"),
        (504, b'{"message": "Endpoint request timed out"}', "", "Endpoint request timed out"),
        (502, b"<html>\n <b>Bad</b></html>", "", "<html> <b>Bad</b></html>"),
        (500, b"", "", ""),
        (500, b"\xff\xfe", "", "\ufffd\ufffd"),
        (500, b"[" * 100_000, "", "[" * 500 + " ..."),
        (500, b"{}", "", ""),
    ],
)
def test_a_shape_is_read_for_what_it_is(status: int, body: bytes, code: str, said: str) -> None:
    error = refusal(Response(status=status, body=body), "GET /scenarios/x")
    assert (error.code, error.said) == (code, said)
    assert f"GET /scenarios/x ({status})" in error.message
    assert error.is_missing == (code == "TEST_NOT_FOUND")
    assert error.is_passing == (status in (429, 500, 502, 504))
    assert error.is_uncertain == (status >= 500)
