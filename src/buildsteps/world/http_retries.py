"""Which answers are worth another try, and when."""

import email.utils
from collections.abc import Iterator

from buildsteps.world.http import Response

TRIES = 5
TRIES_WITHOUT_ANSWER = 3
"""Who does not answer at all is more often a wrong name or a closed way than busy."""

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
FOR_A_WHILE = frozenset({429, 500, 502, 503, 504})
LONGEST_RETRY_AFTER = 60.0
"""We wait no longer than this, in seconds, whatever ``Retry-After`` asks for."""


def is_retried(method: str, asked: bool | None) -> bool:
    """Whether a request may be sent again: what the caller says, else by its method."""
    return method in IDEMPOTENT if asked is None else asked


def pause_before_next(response: Response, planned: Iterator[float], now: float) -> float:
    """Give the seconds to wait: what ``Retry-After`` asks for, but never less than ``planned``."""
    asked = retry_after(response.headers.get("retry-after", ""), now)
    return min(max(asked, next(planned)), LONGEST_RETRY_AFTER)


def retry_after(value: str, now: float) -> float:
    """Read the header (RFC 9110, section 10.2.3): seconds or a date; 0 where it is neither.

    ``now`` is in seconds since 1970.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = email.utils.parsedate_to_datetime(value)
        return max(moment.timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return 0.0
