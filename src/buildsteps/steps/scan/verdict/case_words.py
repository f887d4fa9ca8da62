"""What a case of a scan says: one line about its findings, and a text with their sources."""

from collections.abc import Iterable, Sequence

from buildsteps.reporting.text import clipped, counted, web_address
from buildsteps.results import Finding, Severity

MOST_TOLD = 20
"""Findings of one case that are told with their source."""

_NAMED = 4
_SEVERITIES = {severity: number for number, severity in enumerate(Severity)}


def sorted_(findings: Iterable[Finding]) -> list[Finding]:
    """The most severe first, then by their lines."""
    return sorted(findings, key=lambda one: (_SEVERITIES[one.severity], _line(one)))


def message_of(findings: Sequence[Finding], *, in_file: bool) -> str:
    """One line: what the only finding says, or how many there are and which come first.

    ``in_file`` tells that the case is that of their file, so that lines are enough.
    """
    if len(findings) == 1:
        first = findings[0]
        return f"{first.rule}: {first.message}" if in_file else first.message
    named = [_where(one, in_file=in_file) for one in findings[:_NAMED]]
    more = len(findings) - len(named)
    tail = f" and {more:,} more" if more else ""
    said = f"{counted(len(findings), 'finding')}: {', '.join(named)}{tail}"
    alike = not in_file and len({one.message for one in findings}) == 1
    return f"{findings[0].message} ({said})" if alike else said


def passed_message(findings: Iterable[Finding]) -> str:
    """What does not stop, counted: old, accepted, and not severe enough."""
    known = accepted = others = 0
    for one in findings:
        if one.accepted:
            accepted += 1
        elif one.known:
            known += 1
        else:
            others += 1
    parts = [
        *([f"{counted(others, 'finding')} let pass"] if others else []),
        *([f"{known:,} in the baseline"] if known else []),
        *([f"{accepted:,} accepted"] if accepted else []),
    ]
    return ", ".join(parts)


def detail_of(findings: Sequence[Finding]) -> str:
    """All about the findings: place, severity, rule, source, fix and help; at most so many."""
    told = [told_of(one) for one in findings[:MOST_TOLD]]
    more = len(findings) - len(told)
    if more:
        told.append(f"… {counted(more, 'more finding')}, all in --format json")
    return "\n\n".join(told)


def told_of(finding: Finding) -> str:
    """A finding in a few lines, for whoever sees nothing else of it."""
    place = f"{finding.locations[0]}: " if finding.locations else ""
    lines = [f"{place}{finding.severity} {finding.rule}: {finding.message}"]
    lines += [text for text in (finding.detail, finding.snippet) if text]
    lines += [f"fix: {finding.fix}"] if finding.fix else []
    lines += [f"help: {help_of(finding)}"] if finding.help else []
    seen = seen_by(finding)
    return "\n".join([*lines, f"seen by {seen}"] if seen else lines)


def help_of(finding: Finding) -> str:
    """Its help, an address or a text that may be a page long, on one line."""
    return web_address(finding.help) or clipped(" ".join(finding.help.split()), 300)


def seen_by(finding: Finding) -> str:
    """The engines and the other names of the rule, where there are several."""
    if len(finding.engines) < 2 and not finding.aliases:
        return ""
    names = f" (also {', '.join(finding.aliases)})" if finding.aliases else ""
    return ", ".join(finding.engines) + names


def _where(finding: Finding, *, in_file: bool) -> str:
    if not finding.locations:
        return finding.rule
    place = finding.locations[0]
    if not in_file:
        return str(place)
    return finding.rule if place.line is None else f"{finding.rule} line {place.line}"


def _line(finding: Finding) -> int:
    return (finding.locations[0].line or 0) if finding.locations else 0
