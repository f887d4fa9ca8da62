"""Findings that somebody accepted: by rule and place, with a reason, for as long as it holds.

They stand in ``buildsteps.yaml`` (``accept:``) or in a comment beside what they accept:
``buildsteps: accept[rule] reason``. One without a reason accepts nothing and stops, wherever it
stands.
"""

import datetime
import posixpath
import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from buildsteps.nearest import did_you_mean, suggestion
from buildsteps.results import Case, Finding, Location, Outcome, Severity

UNUSED = "unused-acceptance"
MALFORMED = "malformed-acceptance"

_TAG_OR_DIGEST = re.compile(r"[:@][^/]*$")
_REGISTRY = re.compile(r"[.:]|\Alocalhost\Z")
_IN_TEXT = re.compile(r"buildsteps:\s*accept\[([^\]\r\n]+)\][ \t]*([^\r\n]*)")
_MEANT = re.compile(r"buildsteps:\s*(?:accept\b|\w+\[)")


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One acceptance. ``rule`` and ``path`` are globs; ``until`` is its last day.

    With ``image``, a glob of image names, it speaks of images and not of places in files.
    A missing ``reason`` is read, so that it is told as a case with its place, as in a comment.
    """

    rule: str
    reason: Annotated[str, Meta(extra_json_schema={"pattern": "\\S"})] = ""
    path: str = "*"
    image: str = ""
    owner: str = ""
    until: datetime.date | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether this is about ``finding``: its rule, and the place it names first."""
        if not _names_rule(self.rule, finding):
            return False
        place = finding.locations[0].path if finding.locations else ""
        return self._covers_image(place) if self.image else self._covers_path(place)

    def _covers_path(self, path: str) -> bool:
        return _ends_so(path, self.path)

    def _covers_image(self, image: str) -> bool:
        """A glob that begins with a registry speaks of that one, wherever its `*` stand.

        Else `registry.test/*` would accept `elsewhere.test/registry.test/anything`.
        """
        if not _TAG_OR_DIGEST.search(self.image):
            image = _TAG_OR_DIGEST.sub("", image)
        host, slash, wanted = self.image.partition("/")
        if not slash or not _REGISTRY.search(host):
            return _ends_so(image, self.image)
        registry, _, name = image.partition("/")
        return fnmatchcase(registry, host.lower()) and fnmatchcase(name, wanted)

    def placed_at(self, location: Location, prefix: str = "") -> "PlacedAcceptance":
        """The same, knowing the place in the configuration file where it stands."""
        values = {name: getattr(self, name) for name in Acceptance.__struct_fields__}
        return PlacedAcceptance(**values, location=location, prefix=prefix)


def _names_rule(wanted: str, finding: Finding) -> bool:
    """Whether ``wanted``, a glob, is the finding's rule by one of its names."""
    return any(fnmatchcase(name, wanted) for name in (finding.rule, *finding.aliases))


def _ends_so(place: str, wanted: str) -> bool:
    return fnmatchcase(place, wanted) or fnmatchcase(place, f"*/{wanted}")


class PlacedAcceptance(Acceptance, frozen=True, kw_only=True):
    """An acceptance of ``buildsteps.yaml``, with the place where it stands.

    ``prefix`` makes a path that we show relative to the file, as its own ``path`` is.
    """

    location: Location
    prefix: str = ""

    def _covers_path(self, path: str) -> bool:
        if super()._covers_path(path):
            return True
        own = posixpath.normpath(self.prefix + path)
        return bool(self.prefix) and _ends_so(own, self.path)


class InlineAcceptance(Struct, frozen=True):
    """An acceptance in a comment: it covers findings from its own line to ``last_line``.

    A finding of several lines is covered where one of them is among these. ``reached`` are lines of
    findings elsewhere that are known to be about these lines, too.
    """

    rule: str
    reason: str
    location: Location
    last_line: int
    reached: frozenset[int] = frozenset()

    def covers(self, finding: Finding) -> bool:
        """Whether ``finding`` stands in the lines that the comment speaks for."""
        return any(map(self._reaches, finding.locations)) and _names_rule(self.rule, finding)

    def _reaches(self, place: Location) -> bool:
        first = place.line or 0
        last = max(first, place.end_line or 0)
        return place.path == self.location.path and (
            first in self.reached or self.overlaps(first, last)
        )

    def overlaps(self, first: int, last: int) -> bool:
        """Whether one of these lines is among those that the comment stands for."""
        return first <= self.last_line and last >= (self.location.line or 0)


AnyAcceptance = Acceptance | InlineAcceptance


class Settled(Struct, frozen=True):
    """Findings with their acceptances, and the cases of acceptances that stop the build."""

    findings: tuple[Finding, ...]
    cases: tuple[Case, ...]


def inline_acceptances(
    comment: str, location: Location, last_line: int
) -> tuple[InlineAcceptance, ...]:
    """The acceptances that a comment makes, one for each rule; they speak up to ``last_line``."""
    found = _IN_TEXT.search(comment)
    if found is None:
        return ()
    rules = dict.fromkeys(rule.strip() for rule in found[1].split(","))
    reason = found[2].strip()
    return tuple(InlineAcceptance(rule, reason, location, last_line) for rule in rules if rule)


def malformed_acceptance(comment: str, location: Location) -> Finding | None:
    """What is to be said of a comment that means to accept something and does not."""
    if not _MEANT.search(comment) or inline_acceptances(comment, location, 0):
        return None
    return Finding(
        rule=MALFORMED,
        severity=Severity.INFO,
        message="this comment accepts nothing: it must read `buildsteps: accept[RULE] REASON`",
        locations=(location,),
        fingerprint=f"{MALFORMED}:{location.path}:{comment.strip()}",
    )


def settle(
    findings: Iterable[Finding],
    accepted: Sequence[Acceptance],
    inline: Sequence[InlineAcceptance],
    today: datetime.date,
    *,
    whole_run: bool = True,
    images: bool = False,
    rules: Collection[str] | None = None,
) -> Settled:
    """Mark what is accepted; one that has run out, or gives no reason, is a failed case.

    An acceptance that covers nothing is itself told, if the run looked at everything; with
    ``rules``, all that the run could have found, only where it names one of them or nearly: else it
    is another command's. Those that name an image count with ``images`` alone, where the place of a
    finding is an image's name.
    """
    general = [one for one in accepted if bool(one.image) == images]
    every: list[AnyAcceptance] = [*inline, *general]
    speaking = _Speaking(inline, general)
    used: set[int] = set()
    settled = [_settled(finding, speaking.of(finding), used, today) for finding in findings]
    cases = [case for one in every if (case := _stopping(one, used, today))]
    if whole_run:
        left = [one for one in every if one.reason.strip() and id(one) not in used]
        settled += [_unused(one, rules) for one in left if _is_ours(one, rules)]
    return Settled(tuple(settled), tuple(cases))


class _Speaking:
    """Which acceptances come into question for a finding: findings are many, rules are few."""

    def __init__(self, inline: Iterable[InlineAcceptance], general: Sequence[Acceptance]) -> None:
        self._general = general
        self._by_path: dict[str, list[InlineAcceptance]] = {}
        for one in inline:
            self._by_path.setdefault(one.location.path, []).append(one)
        self._by_names: dict[tuple[str, ...], list[Acceptance]] = {}

    def of(self, finding: Finding) -> list[AnyAcceptance]:
        """Those of the files that it names, then those of the file that name its rule."""
        paths = dict.fromkeys(place.path for place in finding.locations if self._by_path)
        beside = [one for path in paths for one in self._by_path.get(path, ())]
        names = (finding.rule, *finding.aliases)
        known = self._by_names.get(names)
        if known is None:
            known = [one for one in self._general if _names_rule(one.rule, finding)]
            self._by_names[names] = known
        return [*beside, *known]


def _settled(
    finding: Finding, acceptances: Sequence[AnyAcceptance], used: set[int], today: datetime.date
) -> Finding:
    accepted = ""
    for one in acceptances:
        if accepted and not isinstance(one, InlineAcceptance):
            break
        if one.covers(finding):
            used.add(id(one))  # of a comment that names a rule by two names, both
            if not accepted and one.reason.strip() and not _run_out(one, today):
                accepted = _told(one)
    return replace(finding, accepted=accepted) if accepted else finding


def _told(one: AnyAcceptance) -> str:
    if isinstance(one, InlineAcceptance):
        return one.reason
    owner = f" ({one.owner})" if one.owner else ""
    until = f", until {one.until.isoformat()}" if one.until else ""
    return f"{one.reason}{owner}{until}"


def _run_out(one: AnyAcceptance, today: datetime.date) -> bool:
    return isinstance(one, Acceptance) and one.until is not None and one.until < today


def _stopping(one: AnyAcceptance, used: set[int], today: datetime.date) -> Case | None:
    if _run_out(one, today) and id(one) in used and isinstance(one, Acceptance):
        message = f"the acceptance of {one.rule} ran out on {one.until}: {one.reason}"
    elif not one.reason.strip():
        return _reasonless(one)
    else:
        return None
    return _case(one, message)


def without_reason(accepted: Iterable[AnyAcceptance]) -> list[Case]:
    """The failed cases of acceptances that give no reason."""
    return [_reasonless(one) for one in accepted if not one.reason.strip()]


def _reasonless(one: AnyAcceptance) -> Case:
    return _case(one, f"the acceptance of {one.rule} gives no reason")


def _case(one: AnyAcceptance, message: str) -> Case:
    return Case(
        name=f"accept {one.rule}",
        group="acceptances",
        outcome=Outcome.FAILED,
        kind="acceptance",
        message=message,
        locations=_places(one),
    )


def _is_ours(one: AnyAcceptance, rules: Collection[str] | None) -> bool:
    """Whether an acceptance speaks of this run's rules, or means to."""
    if rules is None:
        return True
    return any(fnmatchcase(name, one.rule) for name in rules) or bool(did_you_mean(one.rule, rules))


def _unused(one: AnyAcceptance, rules: Collection[str] | None) -> Finding:
    named = any(fnmatchcase(name, one.rule) for name in rules or ())
    meant = "" if named else suggestion(one.rule, rules or ())
    return Finding(
        rule=UNUSED,
        severity=Severity.INFO,
        message=f"the acceptance of {one.rule} covers nothing: {one.reason}"
        + (f".{meant}" if meant else ""),
        locations=_places(one),
        fingerprint=f"{UNUSED}:{one.rule}:{one.reason}",
    )


def _places(one: AnyAcceptance) -> tuple[Location, ...]:
    return (one.location,) if isinstance(one, InlineAcceptance | PlacedAcceptance) else ()
