"""What an engine of AWS could not judge, as an exception that becomes a case."""

from buildsteps.errors import BuildstepsError, WorldError
from buildsteps.results import Case, Cause, unjudged


class UnjudgeableError(BuildstepsError):
    """There is no judgement on a subject, because of what it is (cause ``subject``)."""


def unjudged_case(engine: str, name: str, error: UnjudgeableError | WorldError) -> Case:
    """The error case that tells of it."""
    subject = isinstance(error, UnjudgeableError)
    return unjudged(
        name,
        engine,
        error.message,
        kind="unscanned",
        cause=Cause.SUBJECT if subject else Cause.WORLD,
        detail=error.detail,
    )
