"""Handing findings over, page by page; a 200 can hold failures, and they are told."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct, field

from buildsteps.steps.scan.security_hub.asff import Asff
from buildsteps.steps.scan.security_hub.batches import batches
from buildsteps.steps.scan.security_hub.hub import NOT_ENABLED, SERVICE, explained
from buildsteps.steps.scan.security_hub.pace import Pace
from buildsteps.world.aws import Aws, AwsError
from buildsteps.world.clock import Clock
from buildsteps.world.waiting import pauses

CALLS_A_SECOND = 10
"""Of BatchImportFindings in an account and Region (API reference, throttling)."""

TRIES = 3
"""How often a finding is handed over that failed for what may pass."""

_MAY_PASS = re.compile(r"Internal|Throttl|LimitExceeded|Unavailable|Timeout", re.IGNORECASE)
_SHOWN = 20


class Refused(Struct, frozen=True):
    """A finding that the service did not take."""

    id: str
    code: str
    message: str


class Handed(Struct):
    """What came of it: the ids taken, the findings refused, and why it ended early, if it did."""

    taken: set[str] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    broke_off: str = ""
    detail: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether all were taken."""
        return not (self.refused or self.broke_off)


def hand_over(findings: Sequence[Asff], aws: Aws, region: str, clock: Clock) -> Handed:
    """Import findings; what goes wrong is in the result, because some may have been taken."""
    done, pace = Handed(), Pace(clock)
    try:
        for page in batches(findings):
            _hand_over_page(page, done, aws, region, clock, pace)
    except AwsError as error:
        known = explained(error)
        done.broke_off, done.detail = known.message, known.detail
    return done


def _hand_over_page(
    page: list[Asff], done: Handed, aws: Aws, region: str, clock: Clock, pace: Pace
) -> None:
    for pause in (*islice(pauses(), TRIES - 1), None):
        pace.wait(CALLS_A_SECOND)
        answer = aws.call(SERVICE, "BatchImportFindings", {"Findings": page}, region=region)
        refused = _refused(answer, page)
        again = {one.id for one in refused.values() if pause and _MAY_PASS.search(one.code)}
        done.taken |= {one["Id"] for one in page} - refused.keys()
        done.refused += [one for one in refused.values() if one.id not in again]
        page = [one for one in page if one["Id"] in again]
        if not page or pause is None:
            return
        clock.sleep(pause)


def _refused(answer: Asff, page: Sequence[Asff]) -> dict[str, Refused]:
    """The failures of an answer by id; one that counts more than it names has failed whole."""
    found = {
        one["Id"]: Refused(one["Id"], one["ErrorCode"], one["ErrorMessage"])
        for one in answer.get("FailedFindings", ())
    }
    if answer.get("FailedCount", 0) > len(found):
        for one in page:
            found.setdefault(one["Id"], Refused(one["Id"], "Unknown", "it was not said why"))
    return found


def sentence(done: Handed, number: int) -> str:
    """What to say of an import that is not complete; ``number`` were to be handed over."""
    if done.broke_off:
        taken = f" ({len(done.taken):,} of {number:,} findings were taken)" if done.taken else ""
        return f"{done.broke_off}{taken}"
    codes = Counter(one.code for one in done.refused)
    if set(codes) == {"InvalidAccess"}:
        return NOT_ENABLED
    said = ", ".join(f"{code} ({count:,})" for code, count in sorted(codes.items()))
    return f"Security Hub CSPM did not take {len(done.refused):,} of {number:,} findings: {said}"


def refusals(done: Handed, titles: dict[str, str]) -> str:
    """A line for each refused finding, the first twenty."""
    lines = [
        f"{titles.get(one.id, one.id)}: {one.code}: {one.message}" for one in done.refused[:_SHOWN]
    ]
    more = len(done.refused) - _SHOWN
    return "\n".join([*lines, *([f"and {more:,} more"] if more > 0 else [])]) or done.detail
