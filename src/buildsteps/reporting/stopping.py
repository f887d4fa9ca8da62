"""What stops the build, and which findings a case already speaks for.

A gate makes a failed case of a finding that stops (:func:`buildsteps.gate.stopping_cases`). Both
then have the same message and the same locations; a report says such a thing once. A case that
gathers several findings names them by their fingerprints.
"""

from collections.abc import Iterator

from buildsteps.results import Case, Finding, Location, Outcome, Report

_Key = tuple[str, tuple[Location, ...]]

_STOPPING = (Outcome.FAILED, Outcome.ERROR)


def stopping(report: Report) -> list[Case]:
    """Return the cases that failed, then those that could not be judged."""
    return [case for outcome in _STOPPING for case in report.cases if case.outcome is outcome]


def findings_beside_cases(report: Report) -> list[Finding]:
    """Return the findings that no failed case speaks for."""
    said, gathered = _said(report)
    return [
        finding
        for finding in report.findings
        if finding.accepted
        or not (finding.fingerprint in gathered or (said and _key(finding) in said))
    ]


def cases_beside_findings(report: Report) -> list[Case]:
    """Return the cases that stop the build and were not made of findings."""
    said = {_key(finding) for finding in report.findings if not finding.accepted}
    return [
        case
        for case in stopping(report)
        if case.outcome is Outcome.ERROR or not (case.findings or _key(case) in said)
    ]


def _said(report: Report) -> tuple[set[_Key], set[str]]:
    """What failed cases say themselves, and the fingerprints of what they gather."""
    failed = list(_failed(report))
    said = {_key(case) for case in failed if not case.findings}
    return said, {one for case in failed for one in case.findings}


def _failed(report: Report) -> Iterator[Case]:
    return (case for case in report.cases if case.outcome is Outcome.FAILED)


def _key(said: Case | Finding) -> _Key:
    return said.message, said.locations
