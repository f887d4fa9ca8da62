"""``python -m buildsteps`` and the console script."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from buildsteps.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run())


if __name__ == "__main__":
    main()
