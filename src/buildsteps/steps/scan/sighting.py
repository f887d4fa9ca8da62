"""What engines give: what they saw, and what they looked at."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from buildsteps.results import Case, Location, Severity


class Sighting(Struct, frozen=True, kw_only=True, gc=False):
    """What one engine saw at one place, on the common scale of severities.

    ``rule`` is the id that the engine writes, ``title`` the rule's name in words, ``help`` an
    address or a text. The first of ``locations`` is the place, the others belong to it; their paths
    are those that we show. Something that is in no file, such as a package of an image, is told
    apart by ``identity``: what stays the same from scan to scan.
    ``snippet`` is what the engine shows of the place; the source itself is shown where it can be
    read. With ``secret`` the place holds one, so neither is shown or kept.
    ``extent`` are the first and last line of what the rule looked at, where the engine says so: two
    engines may name different lines of one call that goes over several.
    ``suppressed`` is the reason where the engine itself was told to let it pass (``nosec``,
    ``noqa``, SARIF's suppressions); never empty where it was.
    """

    engine: str
    rule: str
    severity: Severity
    message: str
    title: str = ""
    locations: tuple[Location, ...] = ()
    identity: str = ""
    cwes: tuple[int, ...] = ()
    help: str = ""
    fix: str = ""
    snippet: str = ""
    secret: bool = False
    suppressed: str = ""
    extent: tuple[int, int] | None = None


class Scanned(Struct, frozen=True, kw_only=True):
    """One engine's scan.

    ``subject`` says what it looked at, as an image's name or ``12 files``. ``read`` are the files
    that it is known to have read, as we show paths; None where it does not say. ``rules`` are those
    that it says it applied. ``cases`` are what it could not judge: files that do not parse
    (cause ``subject``), what it failed at itself (cause ``world``).
    With ``partial`` it looked at a part only, so what it did not see again is not fixed.
    """

    engine: str
    subject: str
    version: str = ""
    sightings: Sequence[Sighting] = ()
    read: frozenset[str] | None = None
    rules: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False
