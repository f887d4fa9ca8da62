"""Which findings stop the build: severity against the limits of the call, engines and rules."""

from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.results import Finding, Severity
from buildsteps.steps.scan.settings import Level, ScanOptions

_SEVERITIES = list(Severity)


class Limit(Struct, frozen=True):
    """The least severity that stops the build, and the setting that says so."""

    level: Level
    source: str


class Policy(Struct, frozen=True, kw_only=True):
    """The limits of a run; a rule's own outranks its engine's, which outranks the call's."""

    options: ScanOptions

    def settled(self, finding: Finding) -> Finding:
        """The finding with the severity that the configuration gives its rule."""
        for glob, setting in self.options.rules.items():
            if setting.severity is not None and _is_named(finding, glob):
                return replace(finding, severity=Severity(setting.severity))
        return finding

    def stops(self, finding: Finding) -> bool:
        """Whether it is new, unaccepted and severe enough."""
        if finding.accepted or finding.known:
            return False
        level = self.limit(finding).level
        return level != "never" and _SEVERITIES.index(finding.severity) <= _SEVERITIES.index(
            Severity(level)
        )

    def limit(self, finding: Finding) -> Limit:
        """From which severity on a finding like this one stops, and who says so."""
        for glob, setting in self.options.rules.items():
            if setting.fail_on is not None and _is_named(finding, glob):
                return Limit(setting.fail_on, f"fail_on of rules.{glob}")
        for name in finding.engines:
            own = self.options.engines.get(name)
            if own is not None and own.fail_on is not None:
                return Limit(own.fail_on, f"fail_on of engines.{name}")
        return Limit(self.options.fail_on, "--fail-on")


def _is_named(finding: Finding, glob: str) -> bool:
    return any(fnmatchcase(name, glob) for name in (finding.rule, *finding.aliases))
