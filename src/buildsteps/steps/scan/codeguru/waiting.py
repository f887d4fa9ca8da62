"""Waiting for the end of a scan: with a sign of life, a limit, and patience with outages."""

from buildsteps.errors import WorldError
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.scan.codeguru.service import CodeGuru, Run
from buildsteps.world import World
from buildsteps.world.aws import AccessDeniedError, AwsError, NoAwsCredentialsError
from buildsteps.world.heartbeat import SECONDS_IN_A_LOG
from buildsteps.world.waiting import wait_for

OUTAGE = 300.0
"""Seconds that the service may be unwell before we give up."""

FIRST_PAUSE = 1.0
_LASTING = ("ResourceNotFoundException", "ValidationException", "ConflictException")


def wait_for_end(codeguru: CodeGuru, run: Run, limit: float) -> Run:
    """Ask until the run is over, for at most ``limit`` seconds, and give it as it then is.

    Raises:
        OutOfTimeError: the limit is over.
        WorldError: the scan failed, or the service is out for long.
    """
    ended = wait_for(
        _Asking(codeguru, run).once,
        f"the end of scan {run.name} (run {run.id})",
        clock=codeguru.world.clock,
        limit=max(limit, 0.0),
        first=FIRST_PAUSE,
    )
    if ended.state == "Successful":
        return ended
    if ended.state == "Failed":
        why = clipped(printable(ended.why), 500)
        raise WorldError(
            f"CodeGuru Security could not scan {run.name}: {why or 'it does not say why'}",
            detail=f"run {run.id}",
        )
    state = clipped(printable(ended.state), 60)
    raise WorldError(f"scan {run.name} is in a state that its API does not have: {state}")


class _Asking:
    """Asks for the state of one run, and forgives a service that is unwell for a while."""

    def __init__(self, codeguru: CodeGuru, run: Run) -> None:
        self._codeguru = codeguru
        self._run = run
        self._world: World = codeguru.world
        self._unwell: float | None = None
        self._told = self._started = self._world.clock.monotonic()

    def once(self) -> Run | None:
        """The run where it is over, else None."""
        now = self._world.clock.monotonic()
        try:
            run = self._codeguru.state(self._run)
        except AwsError as error:
            self._unwell = now if self._unwell is None else self._unwell
            if _is_lasting(error) or now - self._unwell >= OUTAGE:
                raise
            self._world.progress(f"codeguru: {printable(error.message)}; asking again")
            return None
        self._unwell = None
        if run.state != "InProgress":
            return run
        if now - self._told >= SECONDS_IN_A_LOG:
            self._told = now
            self._world.progress(
                f"codeguru: scan {run.name} is under way for {now - self._started:.0f} seconds"
            )
        return None


def _is_lasting(error: AwsError) -> bool:
    """Whether to ask again cannot help."""
    return isinstance(error, NoAwsCredentialsError | AccessDeniedError) or error.code in _LASTING
