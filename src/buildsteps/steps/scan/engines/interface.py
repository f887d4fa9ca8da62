"""What an engine is, and the table of them."""

from importlib import import_module
from typing import Protocol

from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World

TARGETS = {
    "bandit": "buildsteps.steps.scan.engines.bandit:scan",
    "ruff": "buildsteps.steps.scan.engines.ruff:scan",
    "sarif": "buildsteps.steps.scan.engines.sarif_files:scan",
    "scanners": "buildsteps.steps.scan.engines.scanners:scan",
    "inspector": "buildsteps.steps.scan.engines.inspector.engine:scan",
    "inspector-code": "buildsteps.steps.scan.engines.inspector_code.engine:scan",
    "ecr": "buildsteps.steps.scan.engines.ecr.engine:scan",
    "codeguru": "buildsteps.steps.scan.engines.codeguru:scan",
}
"""Each engine's ``module:function``; imported when it is asked for."""


class Engine(Protocol):
    """Scans the files, or what else the options name."""

    def __call__(
        self, subjects: Subjects, options: ScanOptions, world: World
    ) -> tuple[Scanned, ...]:
        """Scan, and give one :class:`Scanned` for each tool that spoke.

        Raises:
            UsageError: what it needs is not given, or wrong.
            WorldError: the tool or service is missing, failed, or took too long.
        """
        ...


def engine(name: str) -> Engine:
    """The engine called ``name``, imported now."""
    module, function = TARGETS[name].split(":")
    found: Engine = getattr(import_module(module), function)
    return found
