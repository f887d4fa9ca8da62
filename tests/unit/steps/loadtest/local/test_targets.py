"""Whom the local engine would load."""

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.loadtest.local.targets import check_filled, check_targets
from buildsteps.steps.loadtest.scenario.model import Request, Scenario
from buildsteps.world.addresses import is_loopback, resolve

NAMES = {
    "localhost": ("127.0.0.1", "::1"),
    "127.0.0.1": ("127.0.0.1",),
    "shop.test": ("203.0.113.5",),
    "both.test": ("127.0.0.1", "203.0.113.5"),
}


def scenario(*urls: str) -> Scenario:
    return Scenario(name="orders", requests=tuple(Request(url=url) for url in urls))


def test_this_machine_may_be_loaded() -> None:
    check_targets(scenario("http://localhost:1/", "http://127.0.0.1/"), NAMES.__getitem__)


@pytest.mark.parametrize("host", ["shop.test", "both.test"])
def test_a_name_of_another_machine_is_refused_with_its_address(host: str) -> None:
    with pytest.raises(UsageError, match=r"203\.0\.113\.5\) is not this machine.*--allow-remote"):
        check_targets(scenario("http://localhost/", f"http://{host}/"), NAMES.__getitem__)


def test_each_host_is_asked_once_and_all_that_are_wrong_are_told() -> None:
    asked: list[str] = []

    def answer(host: str) -> tuple[str, ...]:
        asked.append(host)
        return ("203.0.113.5",)

    with pytest.raises(UsageError) as error:
        check_targets(scenario("http://a.test/1", "http://a.test/2", "http://b.test/"), answer)
    assert asked == ["a.test", "b.test"]
    assert "b.test" in error.value.detail


def test_a_variable_left_for_dlts_engine_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\$\{__UUID\(\)\} is left for the engine"):
        check_filled(scenario("http://localhost/${__UUID()}"))


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::1%lo", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:10.0.0.1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_what_is_this_machine(address: str, is_ours: bool) -> None:
    assert is_loopback(address) is is_ours


def test_a_name_that_is_none_is_the_worlds_failure() -> None:
    with pytest.raises(WorldError, match="cannot be resolved"):
        resolve("x" * 300)
