"""What an engine is: it takes a scenario, runs it somewhere, and says what was measured."""

from typing import Any, Protocol

from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.world import World


class Engine(Protocol):
    """A place where a scenario can run."""

    def run(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Run:
        """Run to the end and give what was measured, however the run ended.

        Raises:
            UsageError: this engine cannot run this scenario, or not with these options.
            WorldError: it could not run, or nobody can say how it ended.
        """
        ...

    def request(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Any:
        """What a run would ask for, as JSON-like data: what ``--dry-run`` prints."""
        ...

    def start(self, scenario: Scenario, options: LoadtestOptions, world: World) -> str:
        """Start a run and give its id without waiting: what ``--no-wait`` does.

        Raises:
            UsageError: a run of this engine ends with the command.
        """
        ...
