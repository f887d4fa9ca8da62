"""Asking a program what it is, before it is put in its place, and when it is checked."""

from pathlib import Path

import msgspec
from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.notation.client import Notation
from buildsteps.notation.errors import NotationError
from buildsteps.world import World

_SECONDS = 30.0
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "LANG")


class NotTheProgramError(Exception):
    """It does not do what the program would; the message says what it does."""


class _Metadata(Struct):
    name: str
    version: str


def notation_version(program: Path, world: World) -> str:
    """The version of a notation, such as ``1.3.2``.

    Raises:
        NotTheProgramError: it is no notation of 1.3 or a later 1.x.
    """
    notation = Notation(
        program, environ=_environment(world), processes=world.processes, timeout=_SECONDS
    )
    try:
        version = notation.version()
    except NotationError as error:
        raise NotTheProgramError(error.message) from None
    if not version.is_known:
        raise NotTheProgramError(f"it is notation {version}; 1.3 or a later 1.x is needed")
    return version.numbers


def plugin_version(program: Path, name: str, world: World) -> str:
    """The version of a plugin (notation's plugin specification, ``get-plugin-metadata``).

    Raises:
        NotTheProgramError: it does not answer as that plugin.
    """
    try:
        done = world.processes.run(
            [str(program), "get-plugin-metadata"],
            stdin=b"{}",
            environ=_environment(world),
            timeout=_SECONDS,
        )
        answer = msgspec.json.decode(done.stdout, type=_Metadata)
    except WorldError as error:
        raise NotTheProgramError(error.message) from None
    except (msgspec.DecodeError, RecursionError):
        raise NotTheProgramError("it does not answer as a plugin of notation") from None
    if done.status != 0 or answer.name != name:
        raise NotTheProgramError(f"it does not answer as the plugin {name}")
    return answer.version


def _environment(world: World) -> dict[str, str]:
    """Nothing secret: what is new here need not know it."""
    return {name: world.environ[name] for name in _PASSED_ON if name in world.environ}
