"""Where the API is."""

from pathlib import Path

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.loadtest.dlt.endpoint import (
    bucket_in,
    endpoint_in,
    endpoint_of,
    outputs_of_stack,
)
from tests.world_double import ScriptedAws, fake_world

API = "https://abc123.execute-api.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    "ending", ["/prod", "/prod/", "/prod/scenarios", "/prod/scenarios/", "", "/"]
)
def test_an_address_is_taken_in_every_form_that_people_copy(ending: str) -> None:
    found = endpoint_of(f" {API}{ending}\n")
    assert (found.url, found.region) == (f"{API}/prod", "eu-west-1")


@pytest.mark.parametrize(
    "text",
    ["", "abc", "http://abc.example/prod", "https://", "https://a/x?y=1", "https://u:p@a/x",
     "https://[::1", "file:///etc/passwd", "https://a:99999/x"],
)  # fmt: skip
def test_what_is_no_address_or_not_safe_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="must be an https:// address such as"):
        endpoint_of(text)


def test_plain_http_is_spoken_with_this_machine_only() -> None:
    assert endpoint_of("http://127.0.0.1:8080/prod").region == ""


def test_an_output_of_the_stack_is_known_by_its_form(tmp_path: Path) -> None:
    listed = [
        {"OutputKey": "DLTApiEndpointD98B09AC", "OutputValue": f"{API}/prod/"},
        {"OutputKey": "Console", "OutputValue": "https://d111.cloudfront.net"},
        {"OutputKey": "ScenariosBucket", "OutputValue": "dlt-bucket"},
    ]
    answers = {"cloudformation:DescribeStacks": {"Stacks": [{"Outputs": listed}]}}
    outputs = outputs_of_stack("dlt", fake_world(tmp_path, aws=ScriptedAws(answers)))
    assert endpoint_in(outputs, "dlt").url == f"{API}/prod"
    assert bucket_in(outputs) == "dlt-bucket"


@pytest.mark.parametrize("count", [0, 2])
def test_a_stack_without_the_api_or_with_several_is_told(count: int) -> None:
    outputs = {
        str(n): f"https://a{n}.execute-api.eu-west-1.amazonaws.com/prod" for n in range(count)
    }
    with pytest.raises(WorldError, match="is it the one of Distributed Load Testing"):
        endpoint_in(outputs, "other")
