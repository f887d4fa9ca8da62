"""A line now and then while AWS works, so that no log looks dead."""

from buildsteps.reporting.text import printable
from buildsteps.world import World

SECONDS = 60.0


class SignOfLife:
    """Says what is waited for when the waiting begins, and once a minute from then on."""

    def __init__(self, world: World, what: str) -> None:
        """``what`` names it in each line."""
        self._world = world
        self._what = what
        self._began = world.clock.monotonic()
        self._told: float | None = None

    def tell(self, text: str) -> None:
        """Say it, unless something was said less than a minute ago."""
        now = self._world.clock.monotonic()
        if self._told is not None and now - self._told < SECONDS:
            return
        after = f" ({now - self._began:.0f} s)" if self._told is not None else ""
        self._told = now
        self._world.progress(printable(f"{self._what}: {text}{after}"))
