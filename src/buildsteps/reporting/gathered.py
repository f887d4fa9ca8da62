"""The findings that a case gathers, found by their fingerprints."""

from msgspec import Struct

from buildsteps.results import Case, Finding, Report


class Gathered(Struct, frozen=True):
    """The findings of a report by their fingerprints."""

    by_fingerprint: dict[str, Finding]

    @classmethod
    def of(cls, report: Report) -> "Gathered":
        """Know the findings that cases of ``report`` name."""
        named = {one for case in report.cases for one in case.findings}
        return cls({one.fingerprint: one for one in report.findings if one.fingerprint in named})

    def findings(self, case: Case) -> list[Finding]:
        """The findings of a case, in its order; none unless the report has every one of them."""
        found = [self.by_fingerprint.get(one) for one in case.findings]
        whole = [one for one in found if one is not None]
        return whole if len(whole) == len(found) else []
