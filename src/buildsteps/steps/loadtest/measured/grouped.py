"""From the groups of samples in the database to what was measured."""

import math
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from buildsteps.steps.loadtest.measured.duck import Duck
from buildsteps.steps.loadtest.measured.histogram import TENTHS, Histogram
from buildsteps.steps.loadtest.measured.model import Measured
from buildsteps.steps.loadtest.measured.steps import MOST_STEPS, Step

MOST_LABELS = 1000
"""Labels that are told one by one, the most frequent; the others count in the total only."""

MOST_CODES = 50

ALL = "left(label, 0)"
"""A key that is the same, empty, for all requests; DuckDB does not sort by a constant."""

NOTHING = Measured(
    count=0,
    errors=0,
    mean=0.0,
    minimum=0.0,
    maximum=0.0,
    duration=0.0,
    times=Histogram.of(()),
)
"""No request at all."""

_FREQUENT = """SELECT {key} FROM groups WHERE by_step = 0
    GROUP BY {key} ORDER BY sum(n) DESC, {key} LIMIT {most}"""
_TIMES = """SELECT {key} AS key, tenths, CAST(sum(n) AS BIGINT) FROM groups
    WHERE by_step = 0 AND {key} IN ({frequent}) GROUP BY key, tenths ORDER BY key, tenths"""
_CODES = """SELECT {key} AS key, code, CAST(sum(n) AS BIGINT) AS number,
    CAST(sum(errors) AS BIGINT), CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM groups
    WHERE by_step = 0 AND {key} IN ({frequent}) GROUP BY key, code
    ORDER BY key, number DESC, code"""
_STEPS = """SELECT greatest(step // {factor}, 0) AS place, tenths, CAST(sum(n) AS BIGINT),
    CAST(sum(errors) AS BIGINT) FROM groups WHERE by_step = 1 GROUP BY place, tenths
    ORDER BY place, tenths"""
_USERS = """SELECT place, CAST(sum(most) AS BIGINT) FROM (
    SELECT greatest(step // {factor}, 0) AS place, file, coalesce(max(users), 0) AS most
    FROM groups WHERE by_step = 1 GROUP BY place, file) GROUP BY place"""


def measured_by(
    duck: Duck, key: str, duration: float, most: int = MOST_LABELS
) -> dict[str, Measured]:
    """What was measured for each value of ``key``, an SQL expression; the most frequent first."""
    frequent = _FREQUENT.format(key=key, most=most)
    codes = {
        name: list(rows)
        for name, rows in groupby(
            duck.rows(_CODES.format(key=key, frequent=frequent)), itemgetter(0)
        )
    }
    found = {}
    for name, rows in groupby(duck.rows(_TIMES.format(key=key, frequent=frequent)), itemgetter(0)):
        times = Histogram.of((tenths, count) for _, tenths, count in rows)
        found[name] = _measured(times, codes[name], duration)
    return dict(sorted(found.items(), key=lambda one: (-one[1].count, one[0])))


def _measured(
    times: Histogram, codes: list[tuple[str, str, int, int, int]], duration: float
) -> Measured:
    total, before = 0, 0
    for tenths, upto in zip(times.tenths, times.upto, strict=True):
        total += tenths * (upto - before)
        before = upto
    return Measured(
        count=times.count,
        errors=sum(row[3] for row in codes),
        mean=total / times.count / TENTHS,
        minimum=times.tenths[0] / TENTHS,
        maximum=times.tenths[-1] / TENTHS,
        duration=duration,
        times=times,
        bytes=sum(row[4] for row in codes),
        codes={row[1]: row[2] for row in codes[:MOST_CODES] if row[1]},
    )


def steps_of(duck: Duck, width: int) -> tuple[list[Step], float]:
    """The steps of a run, gaps as steps without requests, and their width in seconds.

    ``width`` is the width in milliseconds that the groups have; where the run was longer than
    guessed, so many of them are taken together that there are not too many.
    """
    last = duck.number("SELECT max(step) FROM groups WHERE by_step = 1")
    factor = max(math.ceil((last + 1) / (2 * MOST_STEPS)), 1)
    users = dict(duck.rows(_USERS.format(factor=factor)))
    wide = width * factor / 1000
    steps: list[Step] = []
    for at, rows in groupby(duck.rows(_STEPS.format(factor=factor)), itemgetter(0)):
        steps.extend(_gap(len(steps), at, wide))
        counts = [row[1:] for row in rows]
        steps.append(
            Step(
                at=at * wide,
                errors=sum(errors for *_, errors in counts),
                users=users.get(at, 0),
                times=[(tenths, number) for tenths, number, _ in counts],
            )
        )
    return steps, wide


def _gap(start: int, stop: int, wide: float) -> Iterator[Step]:
    return (Step(at=at * wide, errors=0, users=0, times=()) for at in range(start, stop))
