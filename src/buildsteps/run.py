"""The way of one run: options, collect, gate, reports, exit code. Every command goes it."""

import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import IO, Any

import msgspec

from buildsteps import gate
from buildsteps.effective import resolve_options
from buildsteps.errors import (
    BuildstepsError,
    ClosedPipeError,
    Interrupted,
    UsageError,
    WorldError,
)
from buildsteps.exit_codes import ExitCode
from buildsteps.failure import failed_run
from buildsteps.options import CommonOptions
from buildsteps.outputs import Output, fallback_outputs, outputs_of
from buildsteps.reporting import formats
from buildsteps.reporting.interface import Rendering
from buildsteps.results import Report, RunResult, Verdict
from buildsteps.step import Step, Text
from buildsteps.world import World
from buildsteps.world.clock import iso_time

CODEBUILD_CASE_LIMIT = 500
"""A CodeBuild report shows at most 500 test cases (AWS CodeBuild user guide, quotas)."""


def execute(step: Step, flags: Mapping[str, Any], world: World) -> int:
    """Run a command to its end, write what it promised, and return its exit code."""
    debug = bool(flags.get("debug"))
    options: CommonOptions = CommonOptions()
    outputs: tuple[Output, ...] = fallback_outputs(step.name, flags, world)
    try:
        with _terminable():
            options = _options(step, flags, world)
            debug = debug or options.debug
            outputs = outputs_of(step.name, options, world)
            for output in outputs:
                world.files.remove_stale(output.path)
            product = _collect(step, options, world)
        if isinstance(product, Text):
            return _print_text(product, options)
        verdict = gate.judge(
            product, allow_empty=options.allow_empty, report_only=options.report_only
        )
        result = RunResult(command=step.name, report=product, verdict=verdict)
        return _write(result, outputs, options, world)
    except (BuildstepsError, KeyboardInterrupt, Interrupted, Exception) as error:  # noqa: BLE001
        # The one place that turns whatever happened into the contract's exit codes.
        result = failed_run(step.name, error)
        _tell(step.name, error, result.verdict, world, debug=debug)
        return _write(result, outputs, options, world, told=True)


def _options(step: Step, flags: Mapping[str, Any], world: World) -> CommonOptions:
    options: CommonOptions = resolve_options(step, flags, world).options
    if options.verbose and options.quiet:
        raise UsageError("--verbose and --quiet exclude each other")
    return options


def _collect(step: Step, options: CommonOptions, world: World) -> Report | Text:
    started, moment = world.clock.monotonic(), world.clock.now()
    product = step.collect(options, world)
    if isinstance(product, Text):
        return product
    seconds = round(world.clock.monotonic() - started, 3)
    facts = {**product.facts, "started": iso_time(moment), "seconds": seconds}
    return msgspec.structs.replace(product, facts=facts)


def _tell(
    command: str, error: BaseException, verdict: Verdict, world: World, *, debug: bool
) -> None:
    from buildsteps.reporting.text import printable

    if debug:
        world.progress("".join(traceback.format_exception(error)).rstrip())
    world.progress(f"buildsteps {command}: {printable(verdict.reasons[0])}")
    if isinstance(error, BuildstepsError) and error.detail:
        world.progress(printable(error.detail, multiline=True))


def _write(
    result: RunResult,
    outputs: tuple[Output, ...],
    options: CommonOptions,
    world: World,
    *,
    told: bool = False,
) -> int:
    """Write the files, then standard output; a failure to write never hides a stop.

    What was ``told`` on standard error is not said again to people.
    """
    code = result.verdict.exit_code
    limit = options.junit_limit
    if limit is None and world.environ.get("CODEBUILD_BUILD_ID"):
        limit = CODEBUILD_CASE_LIMIT
    try:
        for output in outputs:
            pieces = formats.reporter(output.format)(result, _rendering(options, limit))
            world.files.write(output.path, pieces)
        if options.format != "terminal" or not told:
            reporter = formats.reporter(options.format)
            _print(reporter(result, _rendering(options, limit, stream=sys.stdout)))
    except WorldError as error:
        world.progress(f"buildsteps {result.command}: {error}")
        return code or ExitCode.WORLD_FAILED
    return code


def _rendering(
    options: CommonOptions, limit: int | None, stream: IO[str] | None = None
) -> Rendering:
    terminal = stream is not None and stream.isatty()
    wanted = options.color if options.color is not None else not os.environ.get("NO_COLOR")
    return Rendering(
        colour=stream is not None and wanted and (terminal or options.color is True),
        verbosity=int(options.verbose) - int(options.quiet),
        width=_width() if terminal else 100,
        case_limit=limit,
    )


def _width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size((100, 24)).columns


def _print_text(product: Text, options: CommonOptions) -> int:
    if options.format == "json":
        encoded = msgspec.json.format(msgspec.json.encode(product.data), indent=2)
        _print([encoded.decode(), "\n"])
    else:
        _print([product.text if product.text.endswith("\n") else f"{product.text}\n"])
    return ExitCode.PASSED


def _print(pieces: Iterable[str]) -> None:
    """Write to standard output.

    Raises:
        ClosedPipeError: whoever read it went away.
    """
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; give it somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ClosedPipeError("standard output was closed before the result was written") from None


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM, CodeBuild's stop, into an exception, so that everything is cleaned up."""

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        raise Interrupted

    try:
        previous = signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # not the main thread: whoever runs us there owns the signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
