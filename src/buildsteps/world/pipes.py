"""The pipes of a running program: its input written and its output read, at once, up to a time.

Where pipes can be waited for, one thread does it all: three threads a program cost as much
processor time as starting it. Windows cannot wait for pipes, so there each has a thread.
"""

import os
import selectors
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic
from typing import IO

_AT_ONCE = 64 * 1024
_WRITTEN_AT_ONCE = 512  # POSIX's least PIPE_BUF: what a pipe that is ready takes without waiting

Take = Callable[[bytes], bool]
"""Gets a piece of output, and says whether it wants more."""

Output = tuple[IO[bytes], Take]


def pass_on(stdin: IO[bytes], data: bytes, outputs: tuple[Output, ...], deadline: float) -> bool:
    """Write ``data`` and read all outputs to their ends; False where that took too long.

    ``deadline`` is by the monotonic clock. A program may end without reading its input.
    """
    if not data:
        stdin.close()
    if os.name == "posix":
        return _by_one_thread(stdin, data, outputs, deadline)
    return _by_threads(stdin, data, outputs, deadline)


def _by_one_thread(
    stdin: IO[bytes], data: bytes, outputs: tuple[Output, ...], deadline: float
) -> bool:
    try:
        with selectors.PollSelector() as ready:
            for stream, take in outputs:
                ready.register(stream, selectors.EVENT_READ, partial(_read, take=take))
            if data:
                ready.register(stdin, selectors.EVENT_WRITE, _Input(data).write)
            return _until_all_ended(ready, deadline)
    finally:
        for stream in (stdin, *(stream for stream, _ in outputs)):
            stream.close()


def _until_all_ended(ready: selectors.BaseSelector, deadline: float) -> bool:
    """Serve what is ready, and close each pipe at its end: a program may wait for that."""
    while ready.get_map():
        for key, _ in ready.select(max(deadline - monotonic(), 0)):
            if not key.data(key.fd):
                ready.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # a stream, see above
        if monotonic() >= deadline and ready.get_map():
            return False
    return True


class _Input:
    """What is still to be written."""

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def write(self, descriptor: int) -> bool:
        """Write some; False where that was all, or nobody reads any more."""
        try:
            written = os.write(descriptor, self._left[:_WRITTEN_AT_ONCE])
        except OSError:
            return False
        self._left = self._left[written:]
        return bool(self._left)


def _read(descriptor: int, take: Take) -> bool:
    piece = os.read(descriptor, _AT_ONCE)
    return bool(piece) and take(piece)


def _by_threads(
    stdin: IO[bytes], data: bytes, outputs: tuple[Output, ...], deadline: float
) -> bool:
    threads = [Thread(target=_read_all, args=output, daemon=True) for output in outputs]
    if data:
        threads.append(Thread(target=_write_all, args=(stdin, data), daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - monotonic(), 0))
        if thread.is_alive():
            return False
    return True


def _read_all(stream: IO[bytes], take: Take) -> None:
    with stream, suppress(OSError, ValueError):
        while _read(stream.fileno(), take):
            pass


def _write_all(stream: IO[bytes], data: bytes) -> None:
    with suppress(OSError, ValueError), stream:
        stream.write(data)
