"""How a scanner's run ended: what it says it failed at becomes cases, so that it never looks clean.

A notification of level error (3.58.6) with a place is about a file that it could not read: the
cause is the subject. One without is about the scanner itself: the cause is the world.
"""

from collections.abc import Iterator

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, Location, unjudged
from buildsteps.steps.scan.sarif.log import Invocation, Notification, Run
from buildsteps.steps.scan.sarif.messages import one_line, text_of
from buildsteps.steps.scan.sarif.rules import Rules
from buildsteps.steps.scan.sarif.uris import Uris

MAX_CASES = 200
"""Files that a scanner could not read, each a case; the rest is told as a number."""

NOT_READ = {
    "ruff": frozenset({"invalid-syntax"}),
    "hadolint": frozenset({"DL1000"}),
    "cfn-lint": frozenset({"E0000", "E0001", "E0002", "E0003"}),
}
"""Rules that say no more than that a file could not be scanned, by tool."""


def cases_of(run: Run, engine: str, rules: Rules, uris: Uris) -> list[Case]:
    """What a run says of itself that lets nobody trust its silence."""
    cases = [case for one in run.invocations or () for case in _failure(one, run, engine)]
    wrong = [note for one in run.invocations or () for note in _errors(one)]
    return cases + capped([_of_notification(one, engine, rules, uris) for one in wrong], engine)


def capped(cases: list[Case], engine: str) -> list[Case]:
    """The first of these cases, and one that counts the others."""
    more = len(cases) - MAX_CASES
    if more <= 0:
        return cases
    said = f"reports {counted(more, 'further error')}"
    return [
        *cases[:MAX_CASES],
        unjudged("further errors", engine, said, kind="scanner-error"),
    ]


def not_read(message: str, place: Location | None, engine: str) -> Case:
    """The case of a file that the scanner says it could not scan."""
    places = (place,) if place is not None else ()
    name = place.path if place is not None else "a file"
    said = f"could not be scanned: {message or 'the scanner does not say why'}"
    return unjudged(name, engine, said, kind="scanner-error", locations=places)


def _failure(invocation: Invocation, run: Run, engine: str) -> Iterator[Case]:
    """A run that says it failed, or that ended badly and gives no result (3.20.6, 3.20.14).

    Where it says with an error why, as eslint does of a file that does not parse, that is enough.
    """
    status = invocation.exit_code
    failed = invocation.execution_successful is False and not any(_errors(invocation))
    silent = invocation.execution_successful is None and status and not run.results
    broken = invocation.exit_signal_name or invocation.process_start_failure_message
    if not (failed or silent or broken):
        return
    reasons = [
        invocation.process_start_failure_message,
        invocation.exit_signal_name and f"ended by {invocation.exit_signal_name}",
        invocation.exit_code_description,
        None if status is None else f"exit status {status}",
    ]
    why = "; ".join(one_line(reason) for reason in reasons if reason)
    message = f"says that its run failed{f': {why}' if why else ''}"
    yield unjudged("run", engine, message, kind="scanner-failed", cause=Cause.WORLD)


def _errors(invocation: Invocation) -> Iterator[Notification]:
    for group in (
        invocation.tool_configuration_notifications,
        invocation.tool_execution_notifications,
    ):
        yield from (note for note in group or () if note.level == "error")


def _of_notification(note: Notification, engine: str, rules: Rules, uris: Uris) -> Case:
    texts = tuple(part.global_message_strings or {} for part in rules.components)
    message = one_line(text_of(note.message, texts))
    for location in note.locations or ():
        physical = location.physical_location
        where = uris.find(physical.artifact_location) if physical else None
        if where is not None and where.path:
            line = physical.region.start_line if physical and physical.region else None
            return not_read(
                message, Location(where.shown, line if line and line >= 1 else None), engine
            )
    name = (note.descriptor.id if note.descriptor else "") or "run"
    said = f"reports an error: {message or 'it does not say which'}"
    return unjudged(one_line(name), engine, said, kind="scanner-error", cause=Cause.WORLD)
