"""Calls of one tool that share the time it may take."""

from collections.abc import Mapping, Sequence

from buildsteps.errors import OvertimeError
from buildsteps.world import World
from buildsteps.world.process import Completed


class TimedCalls:
    """Runs a tool in the working folder, as often as needed, until ``timeout`` seconds are over."""

    def __init__(
        self, tool: str, timeout: float, world: World, environ: Mapping[str, str] | None = None
    ) -> None:
        self._tool = tool
        self._timeout = timeout
        self._world = world
        self._environ = environ
        self._until = world.clock.monotonic() + timeout

    def run(self, arguments: Sequence[str], stdin: bytes = b"") -> Completed:
        """Run ``arguments`` to its end.

        Raises:
            OvertimeError: the time is over.
            WorldError: see :meth:`~buildsteps.world.process.Processes.run`.
        """
        left = self._until - self._world.clock.monotonic()
        try:
            if left > 0:
                return self._world.processes.run(
                    arguments,
                    cwd=self._world.cwd,
                    stdin=stdin,
                    environ=self._environ,
                    timeout=left,
                )
        except OvertimeError:
            pass
        raise OvertimeError(f"{self._tool} did not end within {self._timeout:g} seconds")
