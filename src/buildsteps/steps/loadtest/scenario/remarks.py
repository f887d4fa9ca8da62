"""What reading a scenario brings up: mistakes that end it, and what is worth saying."""

from msgspec import Struct, field

from buildsteps.errors import UsageError, raise_together
from buildsteps.results import Finding, Location, Severity

MENDED = "scenario-mended"
IGNORED = "scenario-ignored"
SECRET = "secret-in-scenario"  # noqa: S105 - a rule's name


class Remarks(Struct, frozen=True):
    """Collects while a scenario is read."""

    mistakes: list[UsageError] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, message: str, place: Location | None) -> None:
        """Note a mistake: nothing runs with it."""
        self.mistakes.append(UsageError(message, place))

    def mended(self, message: str, place: Location | None) -> None:
        """Note what was put right, because only one thing could be meant."""
        self._say(MENDED, Severity.INFO, message, place)

    def ignored(self, message: str, place: Location | None) -> None:
        """Note what has no effect."""
        self._say(IGNORED, Severity.LOW, message, place)

    def secret(self, message: str, place: Location | None) -> None:
        """Note what looks like a secret that would be stored."""
        self._say(SECRET, Severity.MEDIUM, message, place)

    def raise_mistakes(self) -> None:
        """End here where something is wrong.

        Raises:
            UsageError: tells all mistakes, in the order of their places.
        """
        raise_together(sorted(self.mistakes, key=_line))

    def _say(self, rule: str, severity: Severity, message: str, place: Location | None) -> None:
        locations = (place,) if place else ()
        self.findings.append(
            Finding(rule=rule, severity=severity, message=message, locations=locations)
        )


def _line(mistake: UsageError) -> tuple[int, int]:
    place = mistake.location
    return ((place.line or 0), (place.column or 0)) if place else (0, 0)
