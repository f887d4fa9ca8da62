import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.json import render, schema
from buildsteps.results import RunResult
from tests.unit.reporting.any_results import results
from tests.unit.reporting.golden_files import assert_golden
from tests.unit.reporting.samples import SAMPLES, STOPPED

VALIDATOR = Draft202012Validator(schema())


def text_of(result: RunResult, limit: int | None = None) -> str:
    return "".join(render(result, Rendering(case_limit=limit)))


def parsed(result: RunResult, limit: int | None = None) -> dict[str, Any]:
    text = text_of(result, limit)
    text.encode()  # raises if a lone surrogate is left
    document = json.loads(text)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_of_a_run_is_the_golden_one_and_matches_the_schema(name: str) -> None:
    assert_golden(text_of(SAMPLES[name]), f"{name}.json")
    VALIDATOR.validate(parsed(SAMPLES[name]))


@given(results)
def test_any_text_gives_json_that_parses_back_and_matches_the_schema(result: RunResult) -> None:
    document = parsed(result)
    VALIDATOR.validate(document)
    assert len(document["cases"]) == len(result.report.cases)
    assert len(document["findings"]) == len(result.report.findings)


def test_the_keys_stand_in_the_order_of_the_contract() -> None:
    assert list(parsed(STOPPED)) == [
        "schema_version",
        "tool",
        "command",
        "name",
        "verdict",
        "counts",
        "facts",
        "cases",
        "findings",
        "notes",
        "tables",
    ]


def test_every_case_and_finding_has_all_its_keys() -> None:
    document = parsed(STOPPED)
    for case in document["cases"]:
        assert set(case) >= {"cause", "message", "detail", "seconds", "locations"}
    for finding in document["findings"]:
        assert set(finding) >= {"help", "fix", "fingerprint", "accepted", "locations"}


def test_nothing_is_folded() -> None:
    assert len(parsed(STOPPED, limit=1)["cases"]) == 4


def test_the_schema_is_a_valid_one_and_demands_every_key_of_a_case() -> None:
    Draft202012Validator.check_schema(schema())
    assert "cause" in schema()["$defs"]["Case"]["required"]
    assert schema()["$defs"]["Location"]["required"] == ["path"]
    document = parsed(STOPPED)
    del document["cases"][0]["cause"]
    assert not VALIDATOR.is_valid(document)
