"""Lengths of time as people write them: ``90m``, ``12h``, ``30d``."""

import datetime
import re

from buildsteps.errors import UsageError
from buildsteps.reporting.text import counted

_AGE = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_SECONDS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_age(text: str, flag: str) -> datetime.timedelta | None:
    """Read a length of time; None for an empty text.

    Raises:
        UsageError: it is no whole number with a unit.
    """
    if not text:
        return None
    found = _AGE.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise UsageError(f"{flag} takes a number and a unit, such as 30d, 12h or 90m, not {text!r}")
    return datetime.timedelta(**{_UNITS[found[2]]: int(found[1])})


def told_age(age: datetime.timedelta) -> str:
    """A length of time in words: its two largest units, so that 30 days and an hour are no 30."""
    rest, parts = max(int(age.total_seconds()), 0), []
    for unit, seconds in _SECONDS.items():
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(counted(number, unit))
    return " and ".join(parts[:2]) or "0 seconds"
