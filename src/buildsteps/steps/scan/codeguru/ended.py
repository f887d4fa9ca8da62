"""AWS has ended the service: how that shows, and where its users go from there."""

from urllib.parse import urlsplit

from buildsteps.errors import WorldError
from buildsteps.world.aws import AwsError, NoAwsCredentialsError

SENTENCE = (
    "AWS ended CodeGuru Security on 20 November 2025, so it answers no more: `buildsteps scan` "
    "alone looks at Python code with bandit and ruff, `--engine inspector-code` asks Amazon "
    "Inspector, and `--sarif FILE` takes what any other scanner found"
)

_NAMES = ("codeguru-security", "codeguru-security-fips")
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")
_ALIVE = (
    "ConflictException",
    "InternalServerException",
    "ThrottlingException",
    "ValidationException",
)
"""What only this service says, by its model; all else may come from what is left in its place."""


class EndedError(WorldError):
    """The service is gone; the detail is what came of asking it.

    That credentials or a region are missing is not told: to get them would be in vain.
    """

    def __init__(self, error: AwsError | None = None) -> None:
        asked = error is not None and (error.code or not isinstance(error, NoAwsCredentialsError))
        super().__init__(SENTENCE, detail=f"It was asked: {error}" if asked else "")


def is_awss_own(endpoint: str) -> bool:
    """Whether an address is AWS's own of the service, and not a stand-in that somebody runs."""
    host = (urlsplit(endpoint).hostname or "").lower()
    return host.endswith(_AWS) and any(name in host.split(".") for name in _NAMES)


def shows_the_end(error: AwsError) -> bool:
    """Whether this can be the answer of AWS to the first request since the end.

    No connection, refused credentials or an unknown operation: with the service gone, none of them
    could be mended by whoever called.
    """
    return error.code not in _ALIVE
