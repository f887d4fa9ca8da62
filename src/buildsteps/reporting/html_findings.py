"""Findings on the page: each with its place, its source, and where to read more."""

from collections.abc import Sequence

from buildsteps.reporting.html_text import block, folded, inline
from buildsteps.reporting.text import counted, web_address
from buildsteps.results import Finding, Location

_CWE = "https://cwe.mitre.org/data/definitions/{}.html"


def finding_html(finding: Finding, kind: str = "article") -> str:
    """A finding as an element of this kind."""
    rule, address = inline(finding.rule), web_address(finding.help)
    if address:
        rule = f'<a href="{inline(address)}" rel="noreferrer">{rule}</a>'
    parts = [
        f'<p><span class="word {finding.severity.value}">{finding.severity.value}</span> {rule}'
        f"{places_html(finding.locations)}</p>\n<p>{inline(finding.message)}</p>\n"
    ]
    if finding.snippet:
        parts.append(block(finding.snippet))
    advice = "" if address else finding.help
    for label, text in (("Help", advice), ("Fix", finding.fix), ("Accepted", finding.accepted)):
        if text:
            parts.append(f"<p>{label}: {inline(text)}</p>\n")
    if finding.detail:
        parts.append(folded("details", block(finding.detail)))
    parts.append(_seen(finding))
    return f"<{kind}>\n{''.join(parts)}</{kind}>\n"


def places_html(locations: Sequence[Location]) -> str:
    """The places of something, the first of them by name; nothing where there is none."""
    if not locations:
        return ""
    places = ", ".join(f"<code>{inline(str(location))}</code>" for location in locations[:10])
    more = f" and {len(locations) - 10:,} more" if len(locations) > 10 else ""
    return f' <span class="quiet">at {places}{more}</span>'


def gathered_html(findings: Sequence[Finding], most: int) -> str:
    """The findings of a case, below its name, the first ones only if they are too many."""
    shown = "".join(finding_html(finding, "section") for finding in findings[:most])
    more = len(findings) - most
    left = f"<p>… {counted(more, 'more finding')}, all in --format json</p>\n" if more > 0 else ""
    return f'<div class="findings">\n{shown}{left}</div>\n'


def _seen(finding: Finding) -> str:
    """Who saw it, by which other names of the rule, and what kind of weakness it is."""
    if not finding.engines:
        return ""
    also = f" (also {inline(', '.join(finding.aliases))})" if finding.aliases else ""
    weaknesses = "".join(
        f' · <a href="{_CWE.format(number)}" rel="noreferrer">CWE-{number}</a>'
        for number in finding.cwes[:10]
    )
    seen = f"seen by {inline(', '.join(finding.engines))}{also}{weaknesses}"
    return f'<p class="quiet">{seen}</p>\n'
