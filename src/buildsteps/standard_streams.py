"""Standard output and error when nobody reads them; light, because ``--help`` imports it."""

import os
import sys
from contextlib import suppress
from typing import IO


def abandon(stream: IO[str]) -> None:
    """Give what Python flushes once more at exit somewhere to go, else it changes the exit code."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(line: str) -> None:
    """Write a line to standard error; that nobody can read it changes no verdict."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except (OSError, ValueError):
        abandon(stream)
