"""A sign of life while Locust runs: how far it is, now and then."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from buildsteps.world import World

SECONDS_IN_A_LOG = 60.0
SECONDS_ON_A_TERMINAL = 5.0


@contextmanager
def telling(what: str, planned: float, world: World) -> Iterator[None]:
    """Say how much time of ``planned`` seconds is over, until the block ends."""
    over = threading.Event()
    pause = SECONDS_ON_A_TERMINAL if world.terminal else SECONDS_IN_A_LOG
    began = world.clock.monotonic()

    def tell() -> None:
        while not over.wait(pause):
            seconds = world.clock.monotonic() - began
            world.progress(f"{what}: {seconds:.0f} s of {planned:.0f} s")

    thread = threading.Thread(target=tell, name="buildsteps-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(1.0)
