"""The command about load; what it needs is imported when it runs."""

from typing import TYPE_CHECKING

from buildsteps.step import Step, Text
from buildsteps.steps.loadtest.settings import LoadtestOptions

if TYPE_CHECKING:
    from buildsteps.results import Report
    from buildsteps.world import World


def _loadtest(options: LoadtestOptions, world: "World") -> "Report | Text":
    from buildsteps.steps.loadtest.loadtest import collect

    return collect(options, world)


LOADTEST = Step(
    "loadtest",
    LoadtestOptions,
    _loadtest,
    gives_text=lambda options: bool(options.dry_run or not options.wait),
)
