"""Calls that are not made faster than a service takes them."""

from buildsteps.world.clock import Clock


class Pace:
    """Waits before a call until enough time has passed since the last one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: float | None = None

    def wait(self, calls_a_second: float) -> None:
        """Let time pass; the first call need not wait."""
        now = self._clock.monotonic()
        if self._last is not None:
            left = self._last + 1 / calls_a_second - now
            if left > 0:
                self._clock.sleep(left)
                now += left
        self._last = now
