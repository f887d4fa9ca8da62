"""Durations as Distributed Load Testing takes them: whole seconds or minutes."""

import re

from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.remarks import Remarks

_FORM = re.compile(r"([0-9]{1,9})([sm])")
_LONGEST = {"s": 3600, "m": 1440}
_SECONDS = {"s": 1, "m": 60}
_ASKED = "write whole seconds up to 3600s, or minutes up to 1440m, such as `90s` or `5m`"


def duration(text: str, what: str, place: Location | None, remarks: Remarks) -> float:
    """The seconds that ``text`` means; 0, and a mistake noted, where it is none.

    Other units, fractions and sums are refused somewhere in DLT 3 or 4: ``1h`` by the API,
    ``500ms`` and ``1m30s`` by its schema, a bare number by an exception.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        remarks.wrong(f"`{text}` is no {what}: {_ASKED}", place)
        return 0.0
    number, unit = int(found[1]), found[2]
    if number > _LONGEST[unit]:
        remarks.wrong(f"`{text}` is too long for the {what}: {_ASKED}", place)
        return 0.0
    return float(number * _SECONDS[unit])


def written(seconds: float) -> str:
    """The duration in the form that :func:`duration` reads."""
    whole = round(seconds)
    return f"{whole // 60}m" if whole > _LONGEST["s"] else f"{whole}s"
