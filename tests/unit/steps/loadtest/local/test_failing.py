"""The reasons of failed requests, and a target that is not there."""

from msgspec.structs import replace

from buildsteps.steps.loadtest.local.failing import failures_of, mostly_lost, nobody_there
from buildsteps.steps.loadtest.local.generator import Generator
from buildsteps.steps.loadtest.measured.model import Failure, Results
from tests.unit.steps.loadtest.runs import measured, results

REFUSED = (Failure("GET /", "connection refused", 40),)


def generator(*failures: tuple[str, str, int]) -> Generator:
    return Generator(began=1.0, ended=2.0, users=1, failures=failures)


def failed(codes: dict[str, int], errors: int = 40) -> Results:
    total = replace(measured([0.001] * 40, errors), codes=codes)
    return replace(results([]), total=total)


def test_reasons_of_several_processes_are_added_the_most_frequent_first() -> None:
    one = generator(("GET /", "status 500", 3), ("GET /", "status 404", 4))
    other = generator(("GET /", "status 500", 2))
    assert failures_of([one, other]) == (
        Failure("GET /", "status 500", 5),
        Failure("GET /", "status 404", 4),
    )


def test_a_reason_reaches_no_terminal_as_a_command() -> None:
    (found,) = failures_of([generator(("GET /", "\x1b[2Jgone", 1))])
    assert "\x1b" not in found.reason


def test_a_target_that_refuses_every_connection_is_not_there() -> None:
    said = nobody_there(failed({"ConnectionRefusedError": 40}), REFUSED)
    assert said == "nobody answered: all 40 requests failed (connection refused)"


def test_a_server_that_answers_or_hangs_is_there() -> None:
    assert nobody_there(failed({"500": 40}), REFUSED) == ""
    assert nobody_there(failed({"500": 1, "ConnectionRefusedError": 39}), REFUSED) == ""
    assert nobody_there(failed({"TimeoutError": 40}), REFUSED) == ""
    assert nobody_there(failed({"ConnectTimeout": 40}), REFUSED) == ""
    assert nobody_there(failed({"RpcError": 40}), REFUSED) == ""
    assert nobody_there(failed({"200": 30, "ConnectionRefusedError": 10}, 10), REFUSED) == ""
    assert nobody_there(None, ()) == ""


def test_a_server_that_died_makes_the_generator_busy() -> None:
    assert mostly_lost(failed({"200": 10, "ConnectionRefusedError": 30}, 30))
    assert not mostly_lost(failed({"200": 30, "ConnectionRefusedError": 10}, 10))
    assert not mostly_lost(failed({"500": 40}))
    assert mostly_lost(failed({"HTTPConnectionClosed": 20, "gaierror": 20}))
    assert not mostly_lost(failed({"ConnectionError": 40}, 0))  # a script took it for a success
    assert not mostly_lost(None)
