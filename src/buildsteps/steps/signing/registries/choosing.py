"""From a reference to its registry: one object a host, made when it is first asked for."""

import re
import threading
from collections.abc import Callable, Iterable

from buildsteps.ecr_hosts import PUBLIC_HOST, ecr_host
from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference
from buildsteps.steps.signing.registries.credentials import credentials_for
from buildsteps.steps.signing.registries.distribution import DistributionRegistry
from buildsteps.steps.signing.registries.ecr import EcrRegistry
from buildsteps.steps.signing.registries.ecr_login import public_login
from buildsteps.steps.signing.registries.interface import Credentials, Registry
from buildsteps.world import World
from buildsteps.world.aws import AwsError

_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[a-f0-9:]+\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE
)


class Registries:
    """The registries of one run; may be used by many threads at once.

    ``insecure`` names the hosts that are reached over http, loopback ones not excepted: what is
    not named is reached by https. ``sole`` is the one registry that the credentials of the
    environment are meant for, see :func:`sole_registry`.

    Raises:
        UsageError: an insecure host is not written as ``HOST`` or ``HOST:PORT``.
    """

    def __init__(self, world: World, insecure: Iterable[str] = (), sole: str = "") -> None:
        self._world = world
        self._insecure = frozenset(_checked(host) for host in insecure)
        self._sole = sole.lower()
        self._made: dict[str, Registry] = {}
        self._making = threading.Lock()

    def of(self, reference: ImageReference) -> Registry:
        """Give the registry that holds ``reference``."""
        host = reference.registry.lower()
        with self._making:
            if host not in self._made:
                self._made[host] = self._make(host)
            return self._made[host]

    def is_insecure(self, reference: ImageReference) -> bool:
        """Whether its registry is reached over http."""
        return reference.registry.lower() in self._insecure

    def _make(self, host: str) -> Registry:
        world = self._world
        private = ecr_host(host)
        if private is not None:
            return EcrRegistry(world.aws, world.http, private)
        return DistributionRegistry(
            world.http, host, self._credentials(host), insecure=host in self._insecure
        )

    def _credentials(self, host: str) -> Callable[[], Credentials | None]:
        """Give a function that looks for the credentials once, when a registry wants some."""
        found: list[Credentials | None] = []
        looking = threading.Lock()

        def look() -> Credentials | None:
            with looking:
                if not found:
                    found.append(self._looked_for(host))
                return found[0]

        return look

    def _looked_for(self, host: str) -> Credentials | None:
        credentials = credentials_for(host, self._world, self._sole)
        if credentials is None and host == PUBLIC_HOST:
            try:
                return public_login(self._world.aws)
            except AwsError:
                return None  # anybody may pull there
        return credentials


def _checked(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise UsageError(
            f"--insecure-registry: `{host}` is no HOST or HOST:PORT, such as localhost:5000"
        )
    return host.lower()
