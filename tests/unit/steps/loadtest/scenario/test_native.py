"""A scenario in our own form."""

from pathlib import Path
from textwrap import dedent

import pytest

from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.model import Baseline, Region
from buildsteps.world.aws import AwsError
from tests.unit.steps.loadtest.scenario.reader import mistakes, read_text
from tests.world_double import ScriptedAws

SMALL = """
name: orders
requests:
  - url: http://localhost:1/orders
"""

WHOLE = """
name: orders
description: what the shop must hold
requests:
  - url: ${API}/orders
    method: POST
    name: order
    headers: {X-Trace: "${TRACE}"}
    body: '{"item": "${ITEM}"}'
    checks: {status: [200, 201], body_contains: id}
  - url: ${stack:shop.Url}/health
concurrency: 20
tasks: 2
regions:
  eu-west-1:
  us-east-1: {tasks: 4, concurrency: 50}
ramp_up: 30s
hold_for: 5m
warm_up: 10s
tags: [ci, shop]
thresholds:
  - p95 < 800ms
  - warn: p95 < 600ms
    fail: p95 < 900ms
baseline: {last: 3, tolerance: 12.5%, mads: 2, metrics: [p99]}
local: {users: 3, ramp_up: 0s, hold_for: 10s, thresholds: [p95 < 2s]}
"""


def test_a_scenario_needs_little(tmp_path: Path) -> None:
    scenario = read_text(tmp_path, SMALL).scenario
    assert (scenario.name, scenario.concurrency, scenario.hold_for) == ("orders", 1, 60.0)
    assert [one.label for one in scenario.requests] == ["GET /orders"]
    assert scenario.place == Location("load.yaml", 2, 1)


def test_all_that_a_scenario_can_say_is_read(tmp_path: Path) -> None:
    stacks = {"Stacks": [{"Outputs": [{"OutputKey": "Url", "OutputValue": "https://shop.test"}]}]}
    aws = ScriptedAws({"cloudformation:DescribeStacks": stacks})
    environ = {"API": "https://api.test", "TRACE": "t1", "ITEM": "tea"}
    scenario = read_text(tmp_path, WHOLE, environ=environ, aws=aws).scenario
    order, health = scenario.requests
    assert (order.url, order.label, order.body) == (
        "https://api.test/orders",
        "order",
        '{"item": "tea"}',
    )
    assert order.headers == {"X-Trace": "t1"}
    assert (order.checks.status, order.checks.body_contains) == ((200, 201), "id")
    assert health.url == "https://shop.test/health"
    assert scenario.regions == (
        Region(region="eu-west-1", tasks=2, concurrency=20),
        Region(region="us-east-1", tasks=4, concurrency=50),
    )
    assert (scenario.ramp_up, scenario.hold_for, scenario.warm_up) == (30.0, 300.0, 10.0)
    assert scenario.thresholds == ("p95 < 800ms", "warn: p95 < 600ms", "fail: p95 < 900ms")
    assert [place.line for place in scenario.threshold_places] == [22, 23, 24]
    assert scenario.baseline == Baseline(last=3, tolerance=0.125, mads=2.0, metrics=("p99",))
    assert (scenario.local.users, scenario.local.hold_for) == (3, 10.0)
    assert scenario.local.thresholds == ("p95 < 2s",)


def test_the_id_is_the_same_for_the_same_name_and_given_by_nobody(tmp_path: Path) -> None:
    first, second = (read_text(tmp_path, SMALL).scenario.test_id for _ in range(2))
    other = read_text(tmp_path, SMALL.replace("orders", "baskets", 1)).scenario.test_id
    assert first == second != other
    assert len(first) == 10
    assert first.isalnum()


def test_scenarios_in_the_configuration_have_their_names_and_places(tmp_path: Path) -> None:
    (tmp_path / "buildsteps.yaml").write_text(
        "loadtest:\n  scenarios:\n    checkout:\n      requests: [{url: 'http://localhost/'}]\n"
    )
    scenario = read_text(tmp_path, "", scenario="").scenario
    assert (scenario.name, scenario.place) == ("checkout", Location("buildsteps.yaml", 4, 7))


def test_with_several_scenarios_one_must_be_named(tmp_path: Path) -> None:
    request = "{requests: [{url: 'http://localhost/'}]}"
    (tmp_path / "buildsteps.yaml").write_text(
        f"loadtest:\n  scenarios:\n    one: {request}\n    two: {request}\n"
    )
    assert "which scenario is to run? Known are `one`, `two`." in mistakes(
        tmp_path, "", scenario=""
    )
    assert "no file and no scenario `tow`. Did you mean `two`?" in mistakes(
        tmp_path, "", scenario="tow"
    )
    assert read_text(tmp_path, "", scenario="two").scenario.name == "two"


def test_without_any_scenario_it_is_said_where_one_goes(tmp_path: Path) -> None:
    assert "`loadtest: scenarios:`" in mistakes(tmp_path, "", scenario="")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hold_for: 1h", "`1h` is no hold_for: write whole seconds up to 3600s"),
        ("hold_for: 500ms", "`500ms` is no hold_for"),
        ("hold_for: 1m30s", "`1m30s` is no hold_for"),
        ("hold_for: 30", "expected text, found the number `30`; put quotes around it"),
        ("hold_for: 0s", "hold_for must be longer than nothing"),
        ("hold_for: 3601s", "`3601s` is too long"),
        ("ramp_up: 2d", "`2d` is no ramp_up"),
        ("ramp-up: 2s", "unknown key `ramp-up`. Did you mean `ramp_up`?"),
        ("concurrency: 30000", "concurrency must be 1 to 25,000, not 30,000"),
        ("concurrency: 0", "concurrency must be 1 to 25,000, not 0"),
        ("tasks: 3000", "tasks must be 1 to 2,000"),
        ("tags: [a, b, c, d, e, f]", "at most 5 tags are allowed, not 6"),
        ("regions: {moon: {}}", "`moon` is no region"),
        ("test_id: us-region-check", "does not list a test whose id contains `region`"),
        ("test_id: a b", "a test id is 1 to 128 letters"),
        ("baseline: {tolerance: a lot}", "tolerance is a share, such as `10%`"),
        ("local: {users: 0}", "users must be 1 to 25,000"),
        ("description: ab", "the description must have 3 to 60,000 characters"),
        ("script: x.py", "both requests and a script"),
    ],
)
def test_what_cannot_be_is_refused_at_its_line(tmp_path: Path, line: str, said: str) -> None:
    told = mistakes(tmp_path, SMALL.lstrip() + line + "\n")
    assert said in told
    assert "load.yaml:" in told


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = SMALL.lstrip().replace("name: orders", "name: ab") + "hold_for: 1h\ntasks: 0\n"
    told = mistakes(tmp_path, text)
    assert told.count("load.yaml:") == 3


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("{url: 'ftp://x/y'}", "must be an http:// or https:// address"),
        ("{url: '//x/y'}", "must be an http:// or https:// address"),
        ("{url: 'http://x/a b'}", "without spaces"),
        ("{url: 'http://x:port/'}", "must be an http:// or https:// address"),
        ("{url: 'http://x/', method: FETCH}", "`FETCH` is no method of HTTP"),
        ('{url: "http://x/", headers: {"A": "b\\r\\nC: d"}}', "the header A must be one line"),
        ("{url: 'http://x/', headers: {'a b': c}}", "`a b` is no name of a header"),
        ("{url: 'http://x/', checks: {status: 999}}", "999 is no status of HTTP"),
        ("{url: 'http://x/', check: {}}", "unknown key `check`. Did you mean `checks`?"),
        ("{url: '${NOPE}/'}", "the environment variable NOPE is not set"),
        ("{url: '${EMPTY}/'}", "the environment variable EMPTY is empty"),
        ("{url: '${APY}/'}", "APY is not set. Did you mean `API`?"),
        ("{url: '${a.b}/'}", "`${a.b}` is no variable"),
    ],
)
def test_a_wrong_request_is_refused(tmp_path: Path, request_: str, said: str) -> None:
    text = f"name: orders\nrequests:\n  - {request_}\n"
    assert said in mistakes(tmp_path, text, environ={"EMPTY": "", "API": "x"})


def test_more_than_a_hundred_requests_are_refused(tmp_path: Path) -> None:
    text = "name: orders\nrequests:\n" + "  - {url: 'http://localhost/'}\n" * 101
    assert "load.yaml:3:3: a scenario has 1 to 100 requests, not 101" in mistakes(tmp_path, text)


def test_dollar_dollar_stands_for_a_dollar(tmp_path: Path) -> None:
    text = "name: orders\nrequests: [{url: 'http://localhost/', body: '$${NAME} $5'}]\n"
    assert read_text(tmp_path, text).scenario.requests[0].body == "${NAME} $5"


def test_a_body_that_is_no_text_is_sent_as_json_and_that_is_said(tmp_path: Path) -> None:
    text = "name: orders\nrequests: [{url: 'http://localhost/', body: {a: [1, é]}}]\n"
    reading = read_text(tmp_path, text)
    request = reading.scenario.requests[0]
    assert request.body == '{"a": [1, "é"]}'
    assert request.headers == {"Content-Type": "application/json"}
    assert [one.message for one in reading.findings] == [
        "a body that is no text is sent as its JSON text"
    ]


def test_a_method_in_small_letters_is_mended(tmp_path: Path) -> None:
    text = "name: orders\nrequests: [{url: 'http://localhost/', method: post}]\n"
    reading = read_text(tmp_path, text)
    assert reading.scenario.requests[0].method == "POST"
    assert "is sent as POST" in reading.findings[0].message


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Basic x",
        "Cookie: a=b",
        "X-Api-Key: x4711",
        "X-Auth-Token: x4711",
        "X-Other: Bearer abc",
        "X-Aws: AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_a_header_that_looks_secret_is_warned_about_without_its_value(
    tmp_path: Path, header: str
) -> None:
    name, value = header.split(": ")
    text = (
        f"name: orders\nrequests:\n  - url: http://localhost/\n    headers: {{{name}: {value}}}\n"
    )
    (finding,) = read_text(tmp_path, text).findings
    assert finding.rule == "secret-in-scenario"
    assert name in finding.message
    assert value not in finding.message
    assert finding.locations[0].line == 4


def test_ordinary_headers_are_not_warned_about(tmp_path: Path) -> None:
    text = "name: orders\nrequests: [{url: 'http://localhost/', headers: {Accept: text/html}}]\n"
    assert read_text(tmp_path, text).findings == ()


def test_a_script_is_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "load").mkdir()
    (tmp_path / "load" / "users.py").write_text("")
    script = read_text(
        tmp_path, "name: users\nscript: users.py\n", name="load/scenario.yaml"
    ).scenario.script
    assert script is not None
    assert (script.kind, script.path) == ("locust", str(tmp_path / "load" / "users.py"))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("gone.py", "the script gone.py is not there"),
        ("notes.txt", "a script is a .py (Locust), .jmx (JMeter), .js or .ts (k6)"),
        ("all.zip", "an archive needs its kind"),
        ("''", "neither requests nor a script"),
    ],
)
def test_a_script_that_cannot_run_is_refused(tmp_path: Path, script: str, said: str) -> None:
    for name in ("notes.txt", "all.zip"):
        (tmp_path / name).write_text("")
    assert said in mistakes(tmp_path, f"name: users\nscript: {script}\n")


def test_an_archive_may_say_its_kind(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_text("")
    text = "name: users\nscript: {path: all.zip, kind: k6}\n"
    script = read_text(tmp_path, text).scenario.script
    assert script is not None
    assert script.kind == "k6"


def test_a_ramp_up_that_k6_would_lose_is_refused(tmp_path: Path) -> None:
    (tmp_path / "users.js").write_text("")
    told = mistakes(tmp_path, "name: users\nscript: users.js\nramp_up: 5m\n")
    assert "load.yaml:3:10: Distributed Load Testing makes no ramp-up with k6" in told


def test_a_stack_that_is_not_there_is_a_mistake_of_the_scenario(tmp_path: Path) -> None:
    error = AwsError("no", "ValidationError", "Stack with id shop does not exist")
    text = "name: orders\nrequests: [{url: '${stack:shop.Url}/a'}, {url: '${stack:shop.Url}/b'}]\n"
    told = mistakes(tmp_path, text, aws=ScriptedAws({"cloudformation:DescribeStacks": error}))
    assert "there is no stack shop in this account and region" in told


def test_an_output_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    stacks = {"Stacks": [{"Outputs": [{"OutputKey": "ApiUrl", "OutputValue": "https://x"}]}]}
    told = mistakes(
        tmp_path,
        "name: orders\nrequests: [{url: '${stack:shop.ApiURL}'}]\n",
        aws=ScriptedAws({"cloudformation:DescribeStacks": stacks}),
    )
    assert "the stack shop has no output ApiURL. Did you mean `ApiUrl`?" in told


def test_aws_that_cannot_be_asked_is_the_worlds_failure(tmp_path: Path) -> None:
    with pytest.raises(AwsError):
        read_text(tmp_path, "name: orders\nrequests: [{url: '${stack:shop.Url}'}]\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no scenario: it is empty"),
        ("# nothing\n", "holds no scenario: it is empty"),
        ("- a\n", "expected a scenario, found a list"),
        ("just words\n", "expected a scenario, found text"),
        ("a: [\n", "not valid YAML"),
        ("name: a\nname: b\n", "duplicate key `name`"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in mistakes(tmp_path, text)


def test_a_file_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    assert "gone/load.yaml" in mistakes(tmp_path, "", scenario="gone/load.yaml")


def test_a_file_of_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_bytes(dedent(SMALL).encode("utf-16"))
    assert "is UTF-16, not UTF-8" in mistakes(tmp_path, "", scenario="other.yaml")
