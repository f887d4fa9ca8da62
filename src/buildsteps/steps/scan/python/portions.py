"""Many files in few processes: as many as there are cores, each with a list that it can take."""

import heapq
import os
from collections.abc import Sequence

from buildsteps.steps.scan.python.files import argument

_ARGUMENT_BYTES = 24_000 if os.name == "nt" else 120_000
"""What the names of a portion take at most: Windows allows 32,767 characters of command line,
POSIX systems a few hundred thousand bytes together with the environment."""


def portions(
    files: Sequence[str], sizes: Sequence[int], processes: int, enough: int
) -> list[tuple[str, ...]]:
    """Split ``files`` evenly by their ``sizes`` in bytes, keeping their order in each portion.

    A further process is worth starting for every ``enough`` bytes, up to ``processes``.
    """
    wanted = min(processes, len(files), max(sum(sizes) // max(enough, 1), 1))
    shares: list[list[int]] = [[] for _ in range(wanted)]
    lightest = [(0, number) for number in range(wanted)]
    for index in sorted(range(len(files)), key=lambda index: -sizes[index]):
        weight, number = heapq.heappop(lightest)
        shares[number].append(index)
        heapq.heappush(lightest, (weight + sizes[index], number))
    return [
        portion
        for share in shares
        for portion in fitting([files[index] for index in sorted(share)])
    ]


def fitting(files: Sequence[str]) -> list[tuple[str, ...]]:
    """Split ``files`` into lists that fit into the arguments of a process."""
    found: list[tuple[str, ...]] = []
    current: list[str] = []
    taken = 0
    for path in files:
        needs = len(os.fsencode(argument(path))) + 1
        if current and taken + needs > _ARGUMENT_BYTES:
            found.append(tuple(current))
            current, taken = [], 0
        current.append(path)
        taken += needs
    return [*found, tuple(current)] if current else found
