"""What a run will be measured against, known before it begins: mistakes then cost no run."""

from buildsteps.errors import UsageError, raise_together
from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.model import Baseline, Scenario
from buildsteps.steps.loadtest.scenario.sample_variables import sample_thresholds
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule, check_metrics
from buildsteps.steps.loadtest.verdict.judgement import Rules
from buildsteps.steps.loadtest.verdict.thresholds import Threshold, parse_threshold
from buildsteps.world import World


def rules_of(scenario: Scenario, engine: str, options: LoadtestOptions, world: World) -> Rules:
    """The thresholds and the baseline rule that count.

    Raises:
        UsageError: there are none, or they cannot be understood; tells all mistakes.
    """
    baseline = _baseline(scenario.baseline) if scenario.baseline else None
    if baseline is not None and engine == "local" and not options.store:
        raise UsageError(
            "the baseline needs a place for the results of earlier runs: give --store",
            scenario.place,
        )
    thresholds = _thresholds(scenario, engine, options, world)
    if not thresholds and baseline is None:
        raise UsageError(
            "nothing would be judged: the scenario has neither thresholds nor a baseline; give one,"
            " such as --threshold 'p95 < 800ms'",
            scenario.place,
        )
    return Rules(thresholds=thresholds, baseline=baseline)


def texts_of(
    scenario: Scenario, engine: str, options: LoadtestOptions, world: World
) -> tuple[tuple[str, ...], tuple[Location | None, ...]]:
    """The thresholds of the strongest source, and where each stands.

    Flags and environment are stronger than the variables of AWS's sample, those than the file;
    in it ``local:`` is stronger for the local engine.

    Raises:
        UsageError: a variable of the sample is no number.
    """
    given = options.threshold or sample_thresholds(world.environ)
    if given:
        return given, (None,) * len(given)
    if engine == "local" and scenario.local.thresholds is not None:
        return scenario.local.thresholds, scenario.local.threshold_places
    return scenario.thresholds, scenario.threshold_places


def _thresholds(
    scenario: Scenario, engine: str, options: LoadtestOptions, world: World
) -> tuple[Threshold, ...]:
    found = []
    mistakes = []
    for text, place in zip(*texts_of(scenario, engine, options, world), strict=True):
        try:
            found.append(parse_threshold(text, scenario.warm_up, place))
        except UsageError as error:
            mistakes.append(error)
    raise_together(mistakes)
    return tuple(found)


def _baseline(baseline: Baseline) -> BaselineRule:
    rule = BaselineRule(
        metrics=baseline.metrics or BaselineRule().metrics,
        tolerance=baseline.tolerance,
        mads=baseline.mads,
        last=baseline.last,
    )
    check_metrics(rule)
    return rule
