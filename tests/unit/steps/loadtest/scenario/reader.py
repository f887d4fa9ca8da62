"""Reads a scenario from a text, as the command would."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from buildsteps.effective import resolve_options
from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.command import LOADTEST
from buildsteps.steps.loadtest.scenario.reading import Reading, read
from buildsteps.world.aws import Aws
from tests.world_double import fake_world


def read_text(
    folder: Path,
    text: str,
    *,
    name: str = "load.yaml",
    environ: Mapping[str, str] | None = None,
    aws: Aws | None = None,
    **flags: Any,
) -> Reading:
    (folder / name).write_text(text, encoding="utf-8")
    world = fake_world(folder, environ=environ, aws=aws)
    flags.setdefault("scenario", name)
    return read(resolve_options(LOADTEST, flags, world).options, world)


def mistakes(folder: Path, text: str, **others: Any) -> str:
    """What is told of a scenario that is refused: every mistake, a line each."""
    with pytest.raises(UsageError) as error:
        read_text(folder, text, **others)
    return f"{error.value}\n{error.value.detail}"
