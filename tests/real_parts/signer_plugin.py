"""The AWS Signer plugin: a stand-in, or the real one where somebody has it.

AWS publishes the plugin as a download only, and Go's module proxy does not give it, so a test run
cannot get it everywhere. ``BUILDSTEPS_TEST_SIGNER_PLUGIN`` names the real executable.
"""

import os
import shutil
from pathlib import Path

from tests.real_parts.notation import NotationHome
from tests.real_parts.toolchain import UnavailableError, built

NAME = "com.amazonaws.signer.notation.plugin"

VARIABLE = "BUILDSTEPS_TEST_SIGNER_PLUGIN"


def signer_plugin_program() -> Path:
    """Build the stand-in once, or take the real one; gives the executable.

    Raises:
        UnavailableError: Go is missing, the build failed, or the variable names no file.
    """
    real = os.environ.get(VARIABLE)
    if not real:
        return built("signer_plugin", f"notation-{NAME}", flags=("-ldflags=-s -w",))
    if not Path(real).is_file():
        raise UnavailableError(f"{VARIABLE} names {real}, which is not there")
    return Path(real)


def install_signer_plugin(home: NotationHome, program: Path) -> None:
    """Put the plugin where this set-up of notation looks for it."""
    folder = home.libexec / "plugins" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(program, folder / f"notation-{NAME}")
