"""The exit-code contract of every command; light, because ``--help`` imports it.

============  ==========================================================================
exit code     meaning
============  ==========================================================================
0             the gate lets it pass
1             the gate stops it; comes from a verdict only, never from an exception
2             the call is wrong: flag, configuration, path, or nothing to judge
3             the world failed us: service, credentials, tool, time limit, or our own bug
130, 143      interrupted by SIGINT or SIGTERM, after cleaning up
============  ==========================================================================
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit code of a command means."""

    PASSED = 0
    STOPPED = 1
    WRONG_CALL = 2
    WORLD_FAILED = 3
    INTERRUPTED = 130
    TERMINATED = 143
