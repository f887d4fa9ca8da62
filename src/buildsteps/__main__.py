"""``python -m buildsteps`` and the console script."""

import gc
import sys

_GC_THRESHOLD = 50_000
"""Imports and reports make many objects that stay; looking for garbage among them is waste.
:mod:`buildsteps.world.workers` has the same for its processes."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(_GC_THRESHOLD)
    try:
        from buildsteps.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run())


if __name__ == "__main__":
    main()
