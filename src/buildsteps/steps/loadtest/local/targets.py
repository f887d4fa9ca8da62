"""Whom the local engine would load: this machine only, unless somebody allows more."""

from collections.abc import Callable
from urllib.parse import urlsplit

from buildsteps.errors import UsageError, raise_together
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.world.addresses import is_loopback


def check_targets(scenario: Scenario, resolve: Callable[[str], tuple[str, ...]]) -> None:
    """Refuse addresses that are not this machine; each host is resolved once.

    A redirect can still lead elsewhere, and a script names its own targets: a guard inside Locust
    refuses what this cannot see.

    Raises:
        UsageError: a request goes to another machine, or holds a variable that nobody fills in.
        WorldError: a name has no address.
    """
    mistakes = []
    hosts = dict.fromkeys(_host(request.url, scenario) for request in scenario.requests)
    for host in hosts:
        strange = [address for address in resolve(host) if not is_loopback(address)]
        if strange:
            where = "" if strange[0] == host else f" ({strange[0]})"
            mistakes.append(
                UsageError(
                    f"{host}{where} is not this machine: to load it from here, give --allow-remote",
                    scenario.place,
                )
            )
    raise_together(mistakes)


def check_filled(scenario: Scenario) -> None:
    """Refuse variables that only DLT's engine could fill in.

    Raises:
        UsageError: a request holds one.
    """
    for request in scenario.requests:
        for text in (request.url, request.body, *request.headers.values()):
            if "${" in text:
                name = text[text.index("${") :].partition("}")[0] + "}"
                raise UsageError(
                    f"{name} is left for the engine of Distributed Load Testing, and nothing "
                    "fills it in here: set it in the environment",
                    scenario.place,
                )


def _host(url: str, scenario: Scenario) -> str:
    host = urlsplit(url).hostname
    if not host:
        raise UsageError(f"{url} names no host", scenario.place)
    return host
