"""``--mutation-tests FILE``: a suite file of its own, never in place of another."""

import os
from pathlib import Path

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.names import is_suite
from buildsteps.world import World


def check_place(options: ValidateOptions, world: World) -> None:
    """Refuse, before anything is judged, a file that cannot become the suite.

    Raises:
        UsageError: it is there already, or no run would take it for a suite.
    """
    path = world.path(options.mutation_tests)
    if not is_suite(path.name) or path.suffix == ".json":
        raise UsageError(
            f"--mutation-tests {options.mutation_tests}: a suite is called `*.cedartests.yaml`"
        )
    if os.path.lexists(path):
        raise _there_already(path, world)


def written(path: Path, text: str, world: World) -> None:
    """Write the suite whole, or not at all.

    Raises:
        UsageError: somebody else wrote the file in the meantime.
        WorldError: it cannot be written.
    """
    if not world.files.create(path, [text]):
        raise _there_already(path, world)


def _there_already(path: Path, world: World) -> UsageError:
    shown = world.shown(path)
    return UsageError(f"{shown} is there already and is not overwritten; rename or remove it")
