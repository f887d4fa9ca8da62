"""From the command's options to a scenario that both engines can run."""

from msgspec import Struct

from buildsteps.results import Finding
from buildsteps.steps.loadtest.scenario.choosing import choose
from buildsteps.steps.loadtest.scenario.dlt_json import is_dlt_json, read_dlt_json
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.scenario.native import read_native
from buildsteps.steps.loadtest.scenario.remarks import Remarks
from buildsteps.steps.loadtest.scenario.variables import Variables
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.world import World


class Reading(Struct, frozen=True):
    """A scenario, and what was mended, ignored or looks secret in it."""

    scenario: Scenario
    findings: tuple[Finding, ...]


def read(options: LoadtestOptions, world: World) -> Reading:
    """Find and read the scenario; all that Distributed Load Testing would refuse is told.

    Raises:
        UsageError: there is none, or mistakes are in it; tells all of them, with their places.
        AwsError: it needs a stack's output, and AWS cannot be asked.
    """
    chosen = choose(options, world)
    remarks = Remarks()
    foreign = is_dlt_json(chosen.node)
    variables = Variables(world.environ, world.aws, remarks, forgiving=foreign)
    if foreign:
        scenario = read_dlt_json(chosen.node, chosen.folder, variables, remarks)
    else:
        scenario = read_native(chosen.node, chosen.name, chosen.folder, variables, remarks)
    remarks.raise_mistakes()
    return Reading(scenario, tuple(remarks.findings))
