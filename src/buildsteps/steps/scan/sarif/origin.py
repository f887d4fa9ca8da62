"""Where SARIF came from, and the cases of a file that tells nothing, or less than it should."""

from collections.abc import Sequence

from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, Location, unjudged
from buildsteps.steps.scan.sarif.log import Run
from buildsteps.steps.scan.sarif.reading import BrokenPart
from buildsteps.steps.scan.sighting import Scanned


class Origin(Struct, frozen=True, kw_only=True):
    """Where SARIF came from.

    ``name`` is how the file is called in messages, ``subject`` what the scans say they looked at.
    ``engine`` overrules the tool's own name. ``blame`` is the cause where the file is no good: the
    subject where a user gave it, the world where a scanner of ours has just written it.
    """

    name: str
    subject: str
    engine: str = ""
    blame: Cause = Cause.SUBJECT


def unreadable(error: UnreadableError, origin: Origin) -> Scanned:
    """The scan of a file that tells nothing."""
    place = error.location or Location(path=origin.name)
    case = unjudged(
        origin.name,
        origin.engine or "sarif",
        error.message,
        kind="broken-sarif",
        locations=(place,),
        cause=origin.blame,
    )
    engine = origin.engine or "sarif"
    return Scanned(engine=engine, subject=origin.subject, cases=(case,), partial=True)


def broken(parts: Sequence[BrokenPart], engine: str, origin: Origin) -> list[Case]:
    """The case of results that cannot be read: the first one, and how many more."""
    if not parts:
        return []
    first = parts[0]
    more = f", and {counted(len(parts) - 1, 'further result')}" if len(parts) > 1 else ""
    message = f"is broken SARIF at {first.place}{more}: {first.reason}"
    place = (Location(path=origin.name),)
    return [
        unjudged(
            origin.name, engine, message, kind="broken-sarif", locations=place, cause=origin.blame
        )
    ]


def not_run(run: Run, engine: str, origin: Origin) -> list[Case]:
    """The case of a run that was none.

    Without results nothing was scanned (3.14.23); an empty list says that all is well.
    """
    if run.results is not None:
        return []
    elsewhere = run.external_property_file_references
    if elsewhere is not None and elsewhere.results:
        message = "keeps its results in other files (externalPropertyFileReferences): give those"
    else:
        message = "has a run without `results`: that scanner did not scan"
    return [unjudged(origin.name, engine, message, kind="not-run", cause=origin.blame)]
