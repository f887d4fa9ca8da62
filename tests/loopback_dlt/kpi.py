"""Raw samples as DLT's tasks write them: JMeter's JTL in CSV, with the columns of Taurus."""

import random
from collections.abc import Sequence

HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,"
    "allThreads,Latency,Hostname,Connect"
)
STARTED = 1_795_426_538_000
"""Milliseconds: a minute after the test was started, when the tasks are up."""


def times(count: int, median: float, seed: int) -> list[int]:
    """Response times in milliseconds, log-normal as those of services are."""
    chance = random.Random(seed)
    return [max(1, round(median * chance.lognormvariate(0.0, 0.4))) for _ in range(count)]


def kpi(
    elapsed: Sequence[int], *, url: str, seconds: float, failed: int = 0, users: int = 5
) -> bytes:
    """A file of samples, spread evenly over ``seconds``; the last ``failed`` have a status 500."""
    step = seconds * 1000 / len(elapsed)
    good = len(elapsed) - failed
    rows = [
        f"{STARTED + int(number * step)},{took},{url},{'200,OK' if number < good else '500,Error'},"
        f"orders 1-{number % users + 1},{'true' if number < good else 'false'},512,{users},{users},"
        f"{took},ip-10-0-0-1,1"
        for number, took in enumerate(elapsed)
    ]
    return "\n".join([HEADER, *rows, ""]).encode()


def kpi_name(number: int, region: str = "us-east-1") -> str:
    """The name that a task gives its file: a random uuid and the region."""
    return f"kpi-{number:08x}-0000-4000-8000-000000000000-{region}.jtl"
