"""Our table of rules."""

from buildsteps.results import Severity

SECRETS = frozenset({"B105", "B106", "B107"})

def bandit_severity(rule: str, severity: str, confidence: str) -> Severity:
    return Severity({"HIGH":"high","MEDIUM":"medium"}.get(severity, "low"))
