"""``--explain``: all about one finding, or about a rule and each of its findings."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.reporting.json import encoded
from buildsteps.reporting.text import counted, printable
from buildsteps.results import Finding, Severity
from buildsteps.step import Text
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.accepting import in_comment, in_configuration
from buildsteps.steps.scan.verdict.policy import Policy
from buildsteps.steps.scan.verdict.weaknesses import told

MOST_LISTED = 50
"""Findings of a rule that are listed as text; the JSON form has all of them."""

_BY_OUR_TABLE = frozenset({"bandit", "ruff"})
"""Engines whose severities are those of our table of rules (``python_rules.py``)."""

_SEVERITIES = {severity: number for number, severity in enumerate(Severity)}

Said = Mapping[str, Sequence[Sighting]]
"""What engines said of a finding, by its fingerprint."""


class Witness(Struct, frozen=True, kw_only=True):
    """What one engine said: ``own_severity`` is false where our table of rules says it."""

    engine: str
    rule: str
    severity: str
    own_severity: bool
    message: str


class Explained(Struct, frozen=True, kw_only=True):
    """One finding with its reasons; ``stops`` tells whether it stops the build, ``why`` why."""

    finding: Finding
    said: tuple[Witness, ...]
    severity_from: str
    stops: bool
    why: str
    accept: dict[str, str]


class Explainer(Struct, frozen=True, kw_only=True):
    """What a run knows: its findings, what engines said of them, and what stops.

    ``stops`` are the fingerprints of the findings that stop the build, or would without ``--max``.
    """

    findings: Sequence[Finding]
    said: Said
    policy: Policy
    stops: frozenset[str]

    def explain(self, wanted: str) -> Text:
        """Explain the finding of a fingerprint, or of the beginning of one, or those of a rule.

        Raises:
            UsageError: there is none, or it is the beginning of several fingerprints.
        """
        found = [self._explained(one) for one in self._wanted(wanted)]
        text = "\n".join(_text(found[0]) if len(found) == 1 else _rule_text(found))
        data = [msgspec.json.decode(encoded(one)) for one in found]
        return Text(text=text, data={"findings": data})

    def _wanted(self, wanted: str) -> list[Finding]:
        scanned = [one for one in self.findings if one.engines]
        exact = [one for one in scanned if one.fingerprint == wanted]
        if exact:
            return exact[:1]
        names = wanted.casefold()
        of_rule = [
            one
            for one in scanned
            if any(name.casefold() == names for name in (one.rule, *one.aliases))
        ]
        if of_rule:
            return of_rule
        begun = [one for one in scanned if wanted and one.fingerprint.startswith(wanted)]
        if len(begun) == 1:
            return begun
        raise UsageError(_unknown(printable(wanted), scanned, begun))

    def _explained(self, finding: Finding) -> Explained:
        group = self.said.get(finding.fingerprint, ())
        stops, why = self._why(finding, group)
        comment = in_comment(finding)
        accept = {"configuration": in_configuration(finding)}
        return Explained(
            finding=finding,
            said=tuple(map(_witness, group)),
            severity_from=_severity_from(finding, group),
            stops=stops,
            why=why,
            accept={} if finding.accepted else accept | ({"comment": comment} if comment else {}),
        )

    def _why(self, finding: Finding, group: Sequence[Sighting]) -> tuple[bool, str]:
        """Whether a finding stops the build, and why: the reasons in the order of their weight."""
        if finding.accepted:
            teller = next((one.engine for one in group if one.suppressed), "")
            by = f"{teller} was told to let it pass: " if teller else ""
            return False, f"it is accepted: {by}{finding.accepted}"
        if finding.known:
            return False, "it is in the baseline: it was there before"
        limit = self.policy.limit(finding)
        if limit.level == "never":
            return False, f"{limit.source} is never"
        if finding.fingerprint not in self.stops:
            return False, f"{finding.severity} is below {limit.source} {limit.level}"
        most = self.policy.options.max
        number = sum(one.fingerprint in self.stops for one in self.findings)
        why = f"it is new, nobody accepted it, and {limit.source} is {limit.level}"
        if number <= most:
            return False, f"--max {most} lets {counted(number, 'finding')} pass; else {why}"
        return True, why


def _unknown(wanted: str, findings: Sequence[Finding], begun: Sequence[Finding]) -> str:
    if begun:
        some = ", ".join(one.fingerprint for one in begun[:5])
        tail = ", ..." if len(begun) > 5 else ""
        return f"{len(begun):,} fingerprints begin with `{wanted}`: {some}{tail}. Give more of it"
    if not findings:
        return f"there is no finding `{wanted}`: this scan has none at all"
    names = {name for one in findings for name in (one.rule, *one.aliases)}
    near = suggestion(wanted, [*sorted(names), *(one.fingerprint for one in findings)])
    return f"no finding of this scan has the fingerprint or the rule `{wanted}`.{near}"


def _witness(sighting: Sighting) -> Witness:
    # a message of a secret's rule may hold the secret: the finding has it without
    return Witness(
        engine=sighting.engine,
        rule=sighting.rule,
        severity=sighting.severity.value,
        own_severity=sighting.engine not in _BY_OUR_TABLE,
        message="" if sighting.secret else sighting.message,
    )


def _severity_from(finding: Finding, group: Sequence[Sighting]) -> str:
    """Who says how severe it is: the configuration, an engine, or our table of rules."""
    if not group:
        return ""
    worst = min(group, key=lambda one: _SEVERITIES[one.severity])
    if worst.severity is not finding.severity:
        return "the configuration"
    own = [one.engine for one in group if one.severity is finding.severity]
    given = [name for name in own if name not in _BY_OUR_TABLE]
    return given[0] if given else "our table of rules"


def _text(one: Explained) -> Iterator[str]:
    finding = one.finding
    yield printable(f"{finding.rule}  {finding.title}".rstrip())
    yield f"  {printable(finding.message)}"
    if finding.detail:
        yield from _indented(finding.detail)
    yield ""
    if finding.locations:
        yield f"  {printable(str(finding.locations[0]))}"
        yield from _indented(finding.snippet)
        yield from (f"  also {printable(str(place))}" for place in finding.locations[1:6])
        yield ""
    for name, value in _rows(one):
        yield f"{name:<12} {printable(value)}".rstrip()
    if one.accept:
        yield ""
        yield from _accept(one)


def _rows(one: Explained) -> Iterator[tuple[str, str]]:
    finding = one.finding
    source = f", by {one.severity_from}" if one.severity_from else ""
    yield "severity", f"{finding.severity}{source}"
    yield "stops", f"{'yes' if one.stops else 'no'}: {one.why}"
    name = "seen by"
    for witness in one.said:
        said = f": {witness.message}" if witness.message not in ("", finding.message) else ""
        yield name, f"{witness.engine} as {witness.rule}, {witness.severity}{said}"
        name = ""
    name = "weakness"
    for cwe in finding.cwes:
        yield name, told(cwe)
        name = ""
    if finding.fix:
        yield "fix", finding.fix
    if finding.help:
        yield "help", finding.help
    yield "fingerprint", finding.fingerprint


def _accept(one: Explained) -> Iterator[str]:
    yield "To accept it, in buildsteps.yaml:"
    yield from _indented(one.accept["configuration"])
    if "comment" in one.accept:
        yield f"or in a comment at the end of line {one.finding.locations[0].line}:"
        yield from _indented(one.accept["comment"])


def _rule_text(found: Sequence[Explained]) -> Iterator[str]:
    """A rule, and a line for each of its findings."""
    first = found[0].finding
    yield printable(f"{first.rule}  {first.title}".rstrip())
    yield from (f"  {told(cwe)}" for cwe in first.cwes)
    if first.help:
        yield f"  {printable(first.help)}"
    yield ""
    stopping = sum(one.stops for one in found)
    yield f"{counted(len(found), 'finding')}, {stopping:,} of them stop the build:"
    width = max(len(one.finding.fingerprint) for one in found[:MOST_LISTED])
    for one in found[:MOST_LISTED]:
        finding = one.finding
        place = printable(str(finding.locations[0])) if finding.locations else ""
        state = "stops" if one.stops else one.why.split(":", 1)[0]
        yield f"  {printable(finding.fingerprint):<{width}}  {place}  {finding.severity}, {state}"
    if len(found) > MOST_LISTED:
        yield f"  … {len(found) - MOST_LISTED:,} more, all in --format json"
    yield ""
    yield "Give a fingerprint, or the beginning of one, for all about one finding."


def _indented(text: str) -> Iterator[str]:
    lines = printable(text, multiline=True).split("\n") if text else ()
    return (f"  {line}".rstrip() for line in lines)
