"""What tells a result apart that stands in no file of ours: a package of an image, a resource.

Fingerprints of other tools are none by default. Seen are one text for all results (``requires
login``), the author's name and the day. Only keys on a list count, and only where their value looks
like a hash and no second result of the run has it. None of them is ever written out.
"""

import re
from collections.abc import Iterable

from buildsteps.steps.scan.sarif.log import Fingerprints, Location, Result

_HASH = re.compile(r"[0-9A-Za-z_:/+=.-]{12,200}")

_NOTHING = Fingerprints()


def fingerprint(result: Result) -> str:
    """The first fingerprint of an allowed key that looks like one."""
    for bag in (result.fingerprints or _NOTHING, result.partial_fingerprints or _NOTHING):
        for value in (bag.primary, bag.context, bag.match):
            if isinstance(value, str) and _HASH.fullmatch(value):
                return value
    return ""


def name_of(locations: Iterable[Location]) -> str:
    """The name of the place in the tool's own words: of what is in it, or what it says of it."""
    for location in locations:
        for logical in location.logical_locations or ():
            name = logical.fully_qualified_name or logical.name
            if name:
                return name[:500]
        if location.message and location.message.text:
            return location.message.text[:500]
    return ""
