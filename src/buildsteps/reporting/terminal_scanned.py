"""What scanners found, on a terminal: what stops with its source, all else in a line each."""

from collections.abc import Iterator, Sequence

from buildsteps.reporting.headline import most_severe_first
from buildsteps.reporting.snippet_text import snippet_lines
from buildsteps.reporting.standing import Standing, is_old, known_sentence
from buildsteps.reporting.terminal_ink import Ink
from buildsteps.reporting.text import clipped, counted, printable
from buildsteps.results import Finding, Severity

MOST_IN_A_CASE = 20
"""Findings of one case that are shown; ``-v`` shows them all, as of those that do not stop."""

MOST_BESIDE = 20
"""Findings that do not stop, and are shown in a line each."""

_COLOUR = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "cyan",
}


def gathered(findings: Sequence[Finding], ink: Ink) -> Iterator[str]:
    """The findings that a case failed for."""
    shown = findings if ink.verbose else findings[:MOST_IN_A_CASE]
    for number, finding in enumerate(shown):
        if number:
            yield "\n"
        yield from _whole(finding, ink)
    more = len(findings) - len(shown)
    if more:
        yield f"\n  … {counted(more, 'more finding')} in this case; -v shows all\n"


def beside(findings: Sequence[Finding], standing: Standing | None, ink: Ink) -> Iterator[str]:
    """The findings that stop nothing: the worst in a line each, old and accepted ones counted."""
    if ink.verbose:
        for finding in most_severe_first(findings):
            yield "\n"
            yield from _whole(finding, ink)
        if standing and standing.fixed:
            yield f"\n{_fixed(standing.fixed)}\n"
        return
    new = [one for one in findings if not (one.known or one.accepted)]
    if new:
        noun = "finding that does not stop" if len(new) == 1 else "findings that do not stop"
        yield f"\n{ink.paint(f'{len(new):,} {noun}', 'bold')}\n"
        yield from _listed(most_severe_first(new)[:MOST_BESIDE], ink)
        if len(new) > MOST_BESIDE:
            yield f"  … {len(new) - MOST_BESIDE:,} more; -v shows all\n"
    told = _counted_only(findings, standing)
    if told:
        yield f"\n{told}\n"


def _counted_only(findings: Sequence[Finding], standing: Standing | None) -> str:
    """Old, accepted and fixed ones in a sentence."""
    known, accepted = known_sentence(findings), sum(bool(one.accepted) for one in findings)
    verb = "is" if accepted == 1 else "are"
    if known and accepted:
        known += f", {accepted:,} {verb} accepted"
    told = known or (f"{counted(accepted, 'finding')} {verb} accepted" if accepted else "")
    fixed = standing.fixed if standing else None
    if not fixed:
        return f"{told}; -v lists them" if told else ""
    return f"{told} (-v lists them); {_fixed(fixed)}" if told else _fixed(fixed)


def _fixed(number: int) -> str:
    return f"{counted(number, 'finding')} of the baseline {'is' if number == 1 else 'are'} fixed"


def _listed(findings: Sequence[Finding], ink: Ink) -> Iterator[str]:
    """A line a finding, in columns, as wide as the terminal."""
    places = [printable(str(one.locations[0])) if one.locations else "" for one in findings]
    room = max(ink.rendering.width - 2, 40)
    place_width = min(max(map(len, places), default=0), room // 3)
    rules = [printable(one.rule) for one in findings]
    rule_width = min(max(map(len, rules), default=0), 28)
    for one, place, rule in zip(findings, places, rules, strict=True):
        severity = f"{one.severity:<8}"
        # the end of a path tells files apart
        where = place if len(place) <= place_width else f"…{place[1 - place_width :]}"
        rest = f"  {where:<{place_width}}  {clipped(rule, rule_width):<{rule_width}}"
        left = room - len(severity) - len(rest) - 2
        message = clipped(printable(one.message), max(left, 10))
        yield f"  {ink.paint(severity, _COLOUR[one.severity])}{rest}  {message}".rstrip() + "\n"


def _whole(finding: Finding, ink: Ink) -> Iterator[str]:
    colour = "dim" if finding.accepted or finding.known else _COLOUR[finding.severity]
    label = ink.paint(f"{finding.severity}[{printable(finding.rule)}]", colour)
    old = " (in the baseline)" if is_old(finding) else " (accepted)" if finding.accepted else ""
    place = f"{printable(str(finding.locations[0]))}: " if finding.locations else ""
    yield f"  {label}{old} {ink.paint(place, 'bold')}{ink.line(finding.message)}\n"
    if finding.detail:
        yield ink.indented(finding.detail, 4)
    for gutter, text in snippet_lines(
        printable(finding.snippet, multiline=True), ink.rendering.width - 2
    ):
        if gutter or text:
            shown = ink.paint(text, _COLOUR[finding.severity]) if _is_carets(text) else text
            yield f"  {ink.paint(gutter, 'dim')}{shown}".rstrip() + "\n"
    if finding.accepted:
        yield f"    accepted: {ink.line(finding.accepted)}\n"
    for name, text in (("fix", finding.fix), ("help", finding.help)):
        if text:
            yield f"    {name}: {ink.line(text)}\n"
    if len(finding.engines) > 1:
        yield f"    seen by: {ink.line(', '.join(finding.engines))}{_also(finding, ink)}\n"


def _also(finding: Finding, ink: Ink) -> str:
    return f" (also {ink.line(', '.join(finding.aliases))})" if finding.aliases else ""


def _is_carets(text: str) -> bool:
    return "^" in text and not text.strip(" ^")
