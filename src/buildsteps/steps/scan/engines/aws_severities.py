"""Severities as AWS's vulnerability services write them, on the common scale.

Sources: the enums ``FindingSeverity`` of ``ecr`` and ``Severity`` of ``inspector2`` (botocore's
models), and the qualitative scale of CVSS 3.1, section 5.
"""

from collections.abc import Iterable

from buildsteps.results import Severity

_WORDS = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "INFORMATIONAL": Severity.INFO,
    "INFO": Severity.INFO,
}
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))

UNRATED = Severity.MEDIUM
"""Of what nobody has rated yet (``UNTRIAGED``, ``UNDEFINED``, no score): shown, and by default not
stopping a build that nobody could mend."""


def known_severity(word: str) -> Severity | None:
    """What a word says; None for ``UNTRIAGED``, ``UNDEFINED`` and words that nobody knows."""
    return _WORDS.get(word.upper())


def severity_of_score(score: float) -> Severity | None:
    """What a CVSS base score says; None for 0, which stands where there is none."""
    if not 0.0 < score <= 10.0:
        return None
    return next((severity for least, severity in _BANDS if score >= least), Severity.LOW)


def severity_of(word: str, scores: Iterable[float] = ()) -> Severity:
    """What the word says; where it says nothing the first score that does; else ``UNRATED``."""
    known = known_severity(word)
    if known is not None:
        return known
    told = (severity_of_score(score) for score in scores)
    return next((severity for severity in told if severity is not None), UNRATED)
