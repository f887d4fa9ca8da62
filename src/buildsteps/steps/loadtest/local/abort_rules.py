"""What ends a run early: the expressions of ``--abort-unless``, understood before it begins."""

from buildsteps.errors import UsageError, raise_together
from buildsteps.expressions import Expression
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.steps.loadtest.verdict.thresholds import Level, parse_threshold

FLAG = "--abort-unless"
_GROWING = ("requests", "errors")


def abort_rules(options: LoadtestOptions, warm_up: float = 0.0) -> tuple[Expression, ...]:
    """The expressions that must hold all the time; ``warm_up`` seconds are left out.

    Raises:
        UsageError: some cannot be understood, or could never be judged so; tells all of them.
    """
    found, mistakes = [], []
    for text in options.abort_unless:
        try:
            found.append(_rule(text, warm_up))
        except UsageError as error:
            mistakes.append(UsageError(f"{FLAG}: {error.message}", error.location, error.detail))
    raise_together(mistakes)
    return tuple(found)


def refuse_on_dlt(options: LoadtestOptions) -> None:
    """Refuse for the distributed engine, whose API tells no figures while a test runs.

    ``GET /scenarios/{id}`` of DLT answers with the status and the tasks of each region only.

    Raises:
        UsageError: the flag is there.
    """
    if options.abort_unless:
        raise UsageError(
            f"{FLAG} is for --engine local: the API of Distributed Load Testing tells no figures "
            "before a test has ended"
        )


def _rule(text: str, warm_up: float) -> Expression:
    threshold = parse_threshold(text, warm_up)
    expression = threshold.expression
    if threshold.level is Level.WARN:
        raise UsageError(f"`{text}` only warns: leave `warn:` out, or make it a threshold")
    if "region" in expression.selectors:
        raise UsageError(f"`{text}` speaks of a region, and this machine has none")
    if expression.metric in _GROWING and expression.comparison in (">", ">=", "=="):
        least = expression.limit > 0 or expression.comparison == ">"
        if least:
            raise UsageError(
                f"`{text}` cannot hold from the start, because {expression.metric} only grow: "
                "make it a threshold"
            )
    return expression
