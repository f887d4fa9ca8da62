"""The work of ``cedar-diff``."""

from buildsteps.results import Report
from buildsteps.steps.cedar.difference.settings import DiffOptions
from buildsteps.world import World


def collect(options: DiffOptions, world: World) -> Report:
    """Ask both versions everything that can be asked, and report what changed."""
    raise NotImplementedError
