"""What the world does to a long wait: interruptions, outages, credentials that run out."""

from collections.abc import Callable

import pytest

from buildsteps.errors import Interrupted, WorldError
from buildsteps.world.aws import NoAwsCredentialsError
from buildsteps.world.waiting import OutOfTimeError
from tests.loopback_dlt.faults import Kind
from tests.loopback_dlt.runs import Plan
from tests.loopback_dlt.server import ACCESS_KEY, LoopbackDlt
from tests.loopback_dlt.stage import ORDERS, Stage

TEST = "/scenarios/E8wMTTEKHo"
"""The id that comes of the name of the scenario."""


def after(stage: Stage, sleeps: int, what: Callable[[], None]) -> None:
    """Do something once, after so many sleeps."""

    def then() -> None:
        if len(stage.clock.slept) == sleeps:
            what()

    stage.clock.then = then


def raising(error: BaseException) -> Callable[[], None]:
    def now() -> None:
        raise error

    return now


def cancels(dlt: LoopbackDlt) -> int:
    return len(dlt.requests("POST", TEST))


def status(stage: Stage) -> str:
    return str(stage.dlt.scenarios.get("E8wMTTEKHo")["status"])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Interrupted()])
@pytest.mark.parametrize("sleeps", [1, 4, 7])
def test_an_interruption_cancels_the_test_and_waits_for_that(
    stage: Stage, error: BaseException, sleeps: int
) -> None:
    after(stage, sleeps, raising(error))
    with pytest.raises(type(error)):
        stage.session().run(stage.folder)
    assert cancels(stage.dlt) == 1
    assert status(stage) == "cancelled"
    assert "cancelling test E8wMTTEKHo\ntest E8wMTTEKHo is cancelled" in stage.told


def test_the_limit_cancels_the_test(stage: Stage) -> None:
    with pytest.raises(OutOfTimeError, match=r"did not end within 30 seconds \(it is provision"):
        stage.session(limit=30.0).run(stage.folder)
    assert (cancels(stage.dlt), status(stage)) == (1, "cancelled")


def test_a_test_that_ends_by_itself_is_not_cancelled(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(parsing=400)]
    with pytest.raises(OutOfTimeError, match="parsing results"):
        stage.session(limit=200.0).run(stage.folder)
    assert cancels(stage.dlt) == 0
    assert "ends by itself (parsing results)" in stage.told


def test_a_finished_test_is_never_cancelled(stage: Stage) -> None:
    stage.dlt.fail(Kind.NO_JSON, "GET", "/testruns", times=100)
    with pytest.raises(WorldError, match="the answer is none that Distributed Load Testing gives"):
        stage.session().run(stage.folder)
    assert cancels(stage.dlt) == 0
    assert "test E8wMTTEKHo is complete" in stage.told


def test_an_interruption_while_the_start_is_sent_cancels_what_it_began(stage: Stage) -> None:
    stage.dlt.fail(Kind.LOST, "POST", "/scenarios")
    stage.dlt.fail(Kind.BROKEN, "GET", TEST, times=5, after=1)
    after(stage, 5, raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        stage.session().run(stage.folder)
    assert (cancels(stage.dlt), status(stage)) == (1, "cancelled")


def test_a_cancellation_that_was_throttled_or_lost_is_made_all_the_same(stage: Stage) -> None:
    stage.dlt.fail(Kind.THROTTLED, "POST", TEST)
    stage.dlt.fail(Kind.TIMED_OUT, "POST", TEST, after=1)
    after(stage, 4, raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        stage.session().run(stage.folder)
    assert status(stage) == "cancelled"


def test_a_cancellation_that_cannot_be_made_is_told(stage: Stage) -> None:
    def expire() -> None:
        stage.dlt.expired.add(ACCESS_KEY)
        raise KeyboardInterrupt

    after(stage, 4, expire)
    with pytest.raises(KeyboardInterrupt):
        stage.session().run(stage.folder)
    assert "could not be cancelled and may go on: cancel it in DLT's console" in stage.told


def test_a_test_that_others_started_is_not_cancelled(stage: Stage) -> None:
    ours = stage.session().start()
    after(stage, 2, raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        stage.session().attach(ours.test_id, stage.folder)
    assert cancels(stage.dlt) == 0


@pytest.mark.parametrize(
    "kind", [Kind.THROTTLED, Kind.BROKEN, Kind.TIMED_OUT, Kind.INTERNAL, Kind.RESET]
)
def test_outages_of_some_minutes_are_survived(stage: Stage, kind: Kind) -> None:
    stage.dlt.fail(kind, "GET", TEST, times=25, after=3)
    run = stage.session().run(stage.folder)
    assert run.doubts == ()
    assert "asking again" in stage.told


def test_an_outage_without_end_is_told(stage: Stage) -> None:
    stage.dlt.fail(Kind.BROKEN, "GET", TEST, times=10_000, after=3)
    with pytest.raises(WorldError, match=rf"refused GET {TEST} \(502\): Internal"):
        stage.session().run(stage.folder)
    assert "could not be cancelled and may go on" in stage.told


def test_credentials_that_run_out_in_the_middle_are_named(stage: Stage) -> None:
    after(stage, 4, lambda: stage.dlt.expired.add(ACCESS_KEY))
    with pytest.raises(NoAwsCredentialsError, match="the AWS credentials have run out; get new"):
        stage.session().run(stage.folder)
    assert "test E8wMTTEKHo could not be cancelled and may go on" in stage.told


def test_credentials_that_were_renewed_meanwhile_are_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.dlt.secrets["AKIDRENEWED"] = "another"

    def renew() -> None:
        stage.dlt.expired.add(ACCESS_KEY)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDRENEWED")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")

    after(stage, 4, renew)
    assert stage.session().run(stage.folder).doubts == ()


def test_wrong_credentials_are_named(stage: Stage) -> None:
    stage.dlt.secrets.clear()
    with pytest.raises(NoAwsCredentialsError, match="the AWS credentials are not valid: The sec"):
        stage.session()


def test_no_credentials_are_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoAwsCredentialsError, match="execute-api:Invoke needs AWS credentials"):
        stage.session()


def test_an_address_without_dlt_is_told(stage: Stage) -> None:
    stage.dlt.stage = "/v1"
    with pytest.raises(WorldError, match="is not the API of Distributed Load Testing"):
        stage.session(ORDERS)
