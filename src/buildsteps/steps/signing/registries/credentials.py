"""Where the credentials of one registry come from.

Those of the environment have no host in them, so they are only used where all images of a run are
in one registry: another one must not get to see them.
"""

from collections.abc import Iterable

from buildsteps.image_reference import ImageReference
from buildsteps.steps.signing.registries.docker_config import docker_credentials
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world import World

USERNAME = "NOTATION_USERNAME"
PASSWORD = "NOTATION_PASSWORD"  # noqa: S105 - the variable's name


def sole_registry(references: Iterable[ImageReference]) -> str:
    """Give the one registry that all of these are in; empty where there are several."""
    hosts = {reference.registry for reference in references}
    return hosts.pop() if len(hosts) == 1 else ""


def credentials_for(host: str, world: World, sole: str = "") -> Credentials | None:
    """Give the credentials of ``host``: of the environment, else of Docker's configuration.

    Raises:
        UsageError: Docker's configuration is wrong.
        WorldError: a credential helper failed.
    """
    username, password = world.environ.get(USERNAME, ""), world.environ.get(PASSWORD, "")
    if password and host == sole:
        return Credentials(username, password)
    return docker_credentials(host, world)
