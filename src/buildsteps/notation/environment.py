"""The environment of one run of notation: private folders, this registry's credentials, no more.

notation 1.3.2 reads ``NOTATION_CONFIG``, ``NOTATION_LIBEXEC``, ``NOTATION_CACHE`` (cmd/notation,
main.go), ``NOTATION_USERNAME`` and ``NOTATION_PASSWORD``, which it takes away from its plugins.
"""

from collections.abc import Mapping

from buildsteps.notation.configuration import Configuration
from buildsteps.notation.credentials import UserAndPassword

_NEVER_INHERITED = (
    # Of whichever registry they are, they would go to every other, too.
    "NOTATION_USERNAME",
    "NOTATION_PASSWORD",
    # Writes requests with their bodies to a file in the user's folder.
    "AWS_SIGNER_NOTATION_PLUGIN_DEBUG",
)


def child_environment(
    environ: Mapping[str, str],
    configuration: Configuration | None,
    credentials: UserAndPassword | None,
) -> dict[str, str]:
    """Give the whole environment of notation's process."""
    given = {name: value for name, value in environ.items() if name not in _NEVER_INHERITED}
    if configuration is not None:
        given["NOTATION_CONFIG"] = str(configuration.folder)
        if configuration.libexec is not None:
            given["NOTATION_LIBEXEC"] = str(configuration.libexec)
        if configuration.cache is not None:
            given["NOTATION_CACHE"] = str(configuration.cache)
    if credentials is not None:
        given["NOTATION_USERNAME"] = credentials.username
        given["NOTATION_PASSWORD"] = credentials.password
    return given
