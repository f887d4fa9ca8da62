"""Findings that somebody accepted: by rule and place, with a reason, for as long as it holds.

They stand in ``buildsteps.yaml`` (``accept:``) or in a comment beside what they accept:
``buildsteps: accept[rule] reason``. One without a reason accepts nothing and stops, wherever it
stands.
"""

import datetime
import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from buildsteps.nearest import did_you_mean, suggestion
from buildsteps.results import Case, Finding, Location, Outcome, Severity

UNUSED = "unused-acceptance"

_TAG_OR_DIGEST = re.compile(r"[:@][^/]*$")
_REGISTRY = re.compile(r"[.:]|\Alocalhost\Z")
_IN_TEXT = re.compile(r"buildsteps:\s*accept\[([^\]\r\n]+)\][ \t]*([^\r\n]*)")


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
        return self._covers_image(place) if self.image else _ends_so(place, self.path)

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

    def placed_at(self, location: Location) -> "PlacedAcceptance":
        """The same, knowing the place in the configuration file where it stands."""
        values = {name: getattr(self, name) for name in Acceptance.__struct_fields__}
        return PlacedAcceptance(**values, location=location)


def _names_rule(wanted: str, finding: Finding) -> bool:
    """Whether ``wanted``, a glob, is the finding's rule by one of its names."""
    return any(fnmatchcase(name, wanted) for name in (finding.rule, *finding.aliases))


def _ends_so(place: str, wanted: str) -> bool:
    return fnmatchcase(place, wanted) or fnmatchcase(place, f"*/{wanted}")


class PlacedAcceptance(Acceptance, frozen=True, kw_only=True):
    """An acceptance of ``buildsteps.yaml``, with the place where it stands."""

    location: Location


class InlineAcceptance(Struct, frozen=True):
    """An acceptance in a comment: it covers findings from its own line to ``last_line``."""

    rule: str
    reason: str
    location: Location
    last_line: int

    def covers(self, finding: Finding) -> bool:
        """Whether ``finding`` stands in the lines that the comment speaks for."""
        first = self.location.line or 0
        return _names_rule(self.rule, finding) and any(
            place.path == self.location.path and first <= (place.line or 0) <= self.last_line
            for place in finding.locations
        )


AnyAcceptance = Acceptance | InlineAcceptance


class Settled(Struct, frozen=True):
    """Findings with their acceptances, and the cases of acceptances that stop the build."""

    findings: tuple[Finding, ...]
    cases: tuple[Case, ...]


def inline_acceptance(comment: str, location: Location, last_line: int) -> InlineAcceptance | None:
    """The acceptance that a comment makes, if it makes one; it speaks up to ``last_line``."""
    found = _IN_TEXT.search(comment)
    if found is None:
        return None
    return InlineAcceptance(found[1].strip(), found[2].strip(), location, last_line)


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
    every: list[AnyAcceptance] = [*inline, *(one for one in accepted if bool(one.image) == images)]
    used: set[int] = set()
    settled = [_settled(finding, every, used, today) for finding in findings]
    cases = [case for one in every if (case := _stopping(one, used, today))]
    if whole_run:
        left = [one for one in every if one.reason.strip() and id(one) not in used]
        settled += [_unused(one, rules) for one in left if _is_ours(one, rules)]
    return Settled(tuple(settled), tuple(cases))


def _settled(
    finding: Finding, acceptances: Sequence[AnyAcceptance], used: set[int], today: datetime.date
) -> Finding:
    for one in acceptances:
        if one.covers(finding):
            used.add(id(one))
            if one.reason.strip() and not _run_out(one, today):
                return replace(finding, accepted=_told(one))
    return finding


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
    if rules is None or isinstance(one, InlineAcceptance):
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
