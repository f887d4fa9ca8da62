"""The work of ``cedar-lint``."""

from buildsteps.results import Report
from buildsteps.steps.cedar.linting.settings import LintOptions
from buildsteps.world import World


def collect(options: LintOptions, world: World) -> Report:
    """Apply the rules to every store."""
    raise NotImplementedError
