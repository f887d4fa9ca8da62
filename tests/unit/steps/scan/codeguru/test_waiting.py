from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import WorldError
from buildsteps.steps.scan.codeguru.service import Run, service
from buildsteps.steps.scan.codeguru.waiting import OUTAGE, wait_for_end
from buildsteps.world.aws import AwsError, NoAwsCredentialsError
from buildsteps.world.waiting import OutOfTimeError
from tests.world_double import ScriptedAws, fake_world

RUN = Run(name="shop", id="r", state="InProgress")


def state(word: str, **more: Any) -> dict[str, Any]:
    return {"scanState": word, **more}


def waited(
    folder: Path, *answers: Any, limit: float = 1800.0, lines: list[str] | None = None
) -> tuple[Run, float]:
    aws = ScriptedAws(answers={"codeguru-security:GetScan": list(answers)})
    world = fake_world(folder, aws=aws, progress=lines)
    return wait_for_end(service(world, "eu-central-1"), RUN, limit), world.clock.monotonic()


def test_the_state_is_asked_for_until_the_scan_is_over(tmp_path: Path) -> None:
    run, seconds = waited(tmp_path, *[state("InProgress")] * 5, state("Successful"))
    assert run.state == "Successful"
    assert 10 < seconds < 40


def test_a_scan_that_failed_is_an_error_with_the_services_words(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="could not scan shop: No supported files"):
        waited(tmp_path, state("Failed", errorMessage="No supported\nfiles\x1b[2J"))
    with pytest.raises(WorldError, match="could not scan shop: it does not say why"):
        waited(tmp_path, state("Failed"))


def test_a_state_that_the_api_does_not_have_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="is in a state that its API does not have: Done"):
        waited(tmp_path, state("Done"))


def test_the_limit_is_kept_and_told(tmp_path: Path) -> None:
    with pytest.raises(OutOfTimeError, match=r"the end of scan shop \(run r\) did not come within"):
        waited(tmp_path, state("InProgress"), limit=90)


def test_a_limit_that_is_over_still_asks_once(tmp_path: Path) -> None:
    assert waited(tmp_path, state("Successful"), limit=-5)[0].state == "Successful"


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException", ""])
def test_a_service_that_is_unwell_for_a_while_is_asked_again(tmp_path: Path, code: str) -> None:
    lines: list[str] = []
    unwell = AwsError("it is unwell", code)
    run, _ = waited(tmp_path, unwell, unwell, state("Successful"), lines=lines)
    assert run.state == "Successful"
    assert lines == ["codeguru: it is unwell; asking again"] * 2


def test_a_service_that_stays_unwell_is_given_up(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(AwsError, match="unwell"):
        waited(tmp_path, AwsError("unwell", "ThrottlingException"), lines=lines)
    assert OUTAGE / 20 < len(lines) < OUTAGE


@pytest.mark.parametrize(
    "error",
    [
        NoAwsCredentialsError("the credentials have run out", "ExpiredTokenException"),
        AwsError("no such scan", "ResourceNotFoundException"),
    ],
)
def test_what_asking_again_cannot_mend_is_told_at_once(tmp_path: Path, error: AwsError) -> None:
    lines: list[str] = []
    with pytest.raises(AwsError):
        waited(tmp_path, error, lines=lines)
    assert lines == []


def test_a_sign_of_life_is_given_once_a_minute(tmp_path: Path) -> None:
    lines: list[str] = []
    waited(tmp_path, *[state("InProgress")] * 20, state("Successful"), lines=lines)
    assert 2 <= len(lines) <= 7
    assert all(line.startswith("codeguru: scan shop is under way for ") for line in lines)
