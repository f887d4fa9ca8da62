"""Figures over all raw samples beside DLT's, which are means over its tasks."""

from importlib.util import find_spec

from msgspec.structs import replace

from buildsteps.errors import UnreadableError, WorldError
from buildsteps.steps.loadtest.dlt.samples import region_of
from buildsteps.steps.loadtest.measured.model import Results, Run
from buildsteps.steps.loadtest.measured.sample_file import SampleFile
from buildsteps.steps.loadtest.measured.samples import Samples
from buildsteps.world import World

MISSING = 0.01
"""The share of requests that samples may lack: the last ones are written while a task ends."""

DIFFERENT = 0.05
_COMPARED = (50.0, 95.0, 99.0)


def exact_run(run: Run, *, insisted: bool, world: World) -> Run:
    """The run with results over its raw samples, where it has them; else as it was.

    ``insisted`` makes an error of whatever prevents that.

    Raises:
        WorldError: it was insisted, and the samples cannot be read.
    """
    told = run.results
    if told is None or not told.samples:
        return run
    if find_spec("duckdb") is None:
        return _as_it_was(
            run, "DuckDB is missing: pip install 'buildsteps[loadtest]'", insisted, world
        )
    files = [SampleFile(path, region_of(path)) for path in told.samples]
    try:
        results = Samples(files, shown=lambda path: path.name).results()
    except UnreadableError as error:
        return _as_it_was(run, str(error), insisted, world)
    results = replace(
        named(results, told.names),
        samples=told.samples,
        sample_regions=tuple(file.region for file in files),
        names=told.names,
    )
    return replace(
        run,
        results=results,
        doubts=(*run.doubts, *_doubts(told, results)),
        facts={
            **run.facts,
            "percentiles": "exact",
            "dlt_says": _says(told),
            **_apart(told, results),
        },
    )


def named(results: Results, names: dict[str, str]) -> Results:
    """The results with labels by the names of requests; in samples they are addresses."""
    if not names:
        return results
    labels = {names.get(label, label): one for label, one in results.labels.items()}
    return replace(results, labels=labels)


def _as_it_was(run: Run, why: str, insisted: bool, world: World) -> Run:
    if insisted:
        raise WorldError(f"--exact needs the raw samples of the run: {why}")
    world.note(f"percentiles are DLT's means over tasks, without raw samples: {why}")
    results = run.results
    return replace(run, results=replace(results, samples=()) if results else None)


def _doubts(told: Results, exact: Results) -> tuple[str, ...]:
    lack = told.total.count - exact.total.count
    if lack > told.total.count * MISSING:
        return (
            f"the raw samples hold {exact.total.count:,} of the {told.total.count:,} requests that "
            "DLT counted",
        )
    return ()


def _says(told: Results) -> dict[str, float | None]:
    times = {f"p{share:g}": told.total.times.percentile(share) for share in _COMPARED}
    return {"avg_rt": told.total.mean, **times, "max_rt": told.total.maximum}


def _apart(told: Results, exact: Results) -> dict[str, str]:
    """A sentence where DLT's means are off by more than a little."""
    parts = []
    for share in _COMPARED:
        theirs, ours = told.total.times.percentile(share), exact.total.times.percentile(share)
        if theirs and ours and abs(theirs - ours) > ours * DIFFERENT:
            parts.append(f"p{share:g} is {ours * 1000:.0f} ms, DLT says {theirs * 1000:.0f} ms")
    return {"dlt_is_off": "; ".join(parts)} if parts else {}
