"""From the results of one run to sightings, with all that the run says of rules and places."""

import re
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.results import Location
from buildsteps.steps.scan.python_rules import ruff_cwes
from buildsteps.steps.scan.sarif import identities, log, weaknesses
from buildsteps.steps.scan.sarif.messages import one_line, text_of
from buildsteps.steps.scan.sarif.regions import place
from buildsteps.steps.scan.sarif.rules import Applied, Rules
from buildsteps.steps.scan.sarif.secrets import is_about_secrets, masked
from buildsteps.steps.scan.sarif.severities import severity_of
from buildsteps.steps.scan.sarif.uris import Found, Uris
from buildsteps.steps.scan.sighting import Sighting

MAX_PLACES = 20
MAX_SNIPPET = 4000
MAX_HELP = 4000

_OTHER_RESOURCE = re.compile(r"\nResource: \S+\Z")

NO_FINDING = frozenset({"pass", "notApplicable"})
"""Kinds of results that say that all is well (3.27.9)."""

NOT_SUPPRESSED = frozenset({"rejected", "underReview"})
"""What a suppression can be that does not hold, or not yet (3.35.3)."""


class About(Struct, frozen=True):
    """What findings of one rule have in common."""

    title: str
    help: str
    cwes: tuple[int, ...]
    secret: bool


class Reader(Struct, frozen=True, dict=True):
    """Reads the results of one run.

    ``tool`` is the name that findings carry; ``left`` counts why results are no findings or have no
    place, for the notes.
    """

    tool: str
    engine: str
    rules: Rules
    uris: Uris
    unit: str
    left: Counter[tuple[str, str]]

    def __post_init__(self) -> None:
        self.__dict__["about"] = {}
        self.__dict__["prints"] = Counter()

    def sighting(self, result: log.Result) -> Sighting | None:
        """The sighting of a result; None where it says that there is nothing to see."""
        if result.kind in NO_FINDING or result.baseline_state == "absent":
            self.left["kind", result.kind if result.kind in NO_FINDING else "absent"] += 1
            return None
        applied = self.rules.of_result(result)
        about = self._about(applied)
        own = weaknesses.of_result(result)
        secret = about.secret or not weaknesses.SECRETS.isdisjoint(own)
        places, outside, missing = self._places(result)
        message = self._message(result, applied, secret=secret)
        return Sighting(
            engine=self.engine,
            rule=applied.id,
            severity=severity_of(result, applied, self.tool, secret=secret),
            message=f"{message} (at {outside})" if outside else message,
            title=about.title,
            locations=places,
            identity=self._identity(result, outside) if missing else "",
            cwes=tuple(dict.fromkeys((*about.cwes, *own))) if own else about.cwes,
            help=about.help if about.help != message else "",
            fix=_fix(result) if result.fixes else "",
            snippet="" if secret else _snippet(result)[:MAX_SNIPPET],
            secret=secret,
            suppressed=_suppressed(result.suppressions) if result.suppressions else "",
        )

    def settled(self, sightings: list[Sighting]) -> list[Sighting]:
        """All sightings of the run; fingerprints that several have tell nothing apart, and go."""
        prints: Counter[str] = self.__dict__["prints"]
        if all(number == 1 for number in prints.values()):
            return sightings
        return [replace(one, identity="") if prints[one.identity] > 1 else one for one in sightings]

    def _about(self, applied: Applied) -> About:
        known: dict[int, About] = self.__dict__["about"]
        found = known.get(id(applied))
        if found is None:
            rule = applied.rule
            cwes = weaknesses.of_rule(rule)
            if self.tool == "ruff":  # whose SARIF names none
                cwes = cwes or ruff_cwes(applied.id)
            secret = is_about_secrets(self.tool, rule, applied.id, cwes)
            found = About(_title(applied), _help(rule), cwes, secret)
            known[id(applied)] = found
        return found

    def _places(self, result: log.Result) -> tuple[tuple[Location, ...], str, bool]:
        """The places, the first one that is none of ours, and whether the first file is missing."""
        found: list[Location] = []
        outside = ""
        missing = not result.locations
        for number, (where, physical) in enumerate(self._files(result)):
            if where.base and not where.there:  # else it was plainly the source root
                self.left["base", where.base] += 1
            if where.path:
                found.append(place(physical, where, self.uris.tree, self.unit))
            else:
                self.left["outside", where.uri] += 1
                outside = outside or one_line(where.uri)[:300]
            missing = missing or (number == 0 and not where.there)
        return tuple(found), "" if found else outside, missing or not found

    def _files(self, result: log.Result) -> Iterator[tuple[Found, log.PhysicalLocation]]:
        places = result.locations or ()
        for location in (*places[:MAX_PLACES], *(result.related_locations or ())[:MAX_PLACES]):
            physical = location.physical_location
            if physical is not None:
                where = self.uris.find(physical.artifact_location)
                if where is not None:
                    yield where, physical

    def _message(self, result: log.Result, applied: Applied, *, secret: bool) -> str:
        text = one_line(text_of(result.message, applied.texts))
        if not text:
            rule = applied.rule
            described = text_of(rule.short_description) or text_of(rule.full_description)
            text = one_line(described) or applied.id
        return masked(text, _snippet(result), self.tool) if secret else text

    def _identity(self, result: log.Result, outside: str) -> str:
        """What tells it apart, as it is in no file of ours."""
        name = identities.name_of(result.locations or ()) or outside
        if name:
            return name
        found = identities.fingerprint(result)
        if found:
            self.__dict__["prints"][found] += 1
        return found


def _title(applied: Applied) -> str:
    rule = applied.rule
    name = one_line(rule.name or "")
    if name and name not in applied.id:
        return name
    return one_line(text_of(rule.short_description))[:200] or name


def _help(rule: log.Rule) -> str:
    """An address, or a text without checkov's last line: that is the resource of another result."""
    if rule.help_uri:
        return rule.help_uri.strip()
    text = _OTHER_RESOURCE.sub("", text_of(rule.help).strip())[:MAX_HELP]
    return "" if text == text_of(rule.short_description).strip() else text


def _snippet(result: log.Result) -> str:
    for location in result.locations or ():
        physical = location.physical_location
        region = physical.region if physical is not None else None
        if region is not None and region.snippet is not None and region.snippet.text:
            return region.snippet.text.strip("\r\n")
    return ""


def _fix(result: log.Result) -> str:
    return next((text for one in result.fixes or () if (text := text_of(one.description))), "")


def _suppressed(suppressions: list[log.Suppression]) -> str:
    """The reason why a result is suppressed; empty where one of the suppressions does not hold.

    An empty list means that there is none (3.27.23); eslint writes that on every live result.
    """
    if any(one.status in NOT_SUPPRESSED for one in suppressions):
        return ""
    reason = next((one.justification for one in suppressions if one.justification), None)
    if reason and reason.strip():
        return one_line(reason)
    where = "outside of the source" if suppressions[0].kind == "external" else "in the source"
    return f"suppressed {where}, without a reason"
