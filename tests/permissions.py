"""Root reads every file; what a test wants unreadable is so for root only without this power.

CI runs the tests as root, so ``chmod 0`` alone would show nothing there. Linux splits root's
powers into capabilities (``man 7 capabilities``); two of them pass by the permissions of files.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_PR_CAPBSET_DROP = 24
_VERSION_3 = 0x20080522
_POWERS = 1 << _CAP_DAC_OVERRIDE | 1 << _CAP_DAC_READ_SEARCH


@contextmanager
def permissions_respected() -> Iterator[None]:
    """Let this thread meet the permissions of files, as any other user would."""
    if os.geteuid() != 0:
        yield
        return
    before = _capabilities()
    _set_capabilities([before[0] & ~_POWERS, *before[1:]])
    try:
        yield
    finally:
        _set_capabilities(before)


def respect_permissions() -> None:
    """Let a process that is about to start meet them for good: a ``preexec_fn``."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            _check(libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0))


def _capabilities() -> list[int]:
    """Effective, permitted and inheritable sets, each as two words of 32 bits, interleaved."""
    data = (ctypes.c_uint32 * 6)()
    _check(ctypes.CDLL(None, use_errno=True).capget(_header(), data))
    return list(data)


def _set_capabilities(words: list[int]) -> None:
    _check(ctypes.CDLL(None, use_errno=True).capset(_header(), (ctypes.c_uint32 * 6)(*words)))


def _header() -> ctypes.Array[ctypes.c_uint32]:
    return (ctypes.c_uint32 * 2)(_VERSION_3, 0)


def _check(status: int) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
