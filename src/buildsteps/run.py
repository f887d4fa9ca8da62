"""The way of one run: options, collect, gate, reports, exit code. Every command goes it."""

import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from types import FrameType
from typing import IO, Any

import msgspec

from buildsteps import gate
from buildsteps.effective import options_where_all_is_wrong, resolve_options
from buildsteps.errors import (
    BuildstepsError,
    ClosedPipeError,
    Interrupted,
    UsageError,
    WorldError,
)
from buildsteps.exit_codes import ExitCode
from buildsteps.failure import emptiness_told, failed_run
from buildsteps.options import CommonOptions
from buildsteps.outputs import Output, outputs_despite_mistakes, outputs_of
from buildsteps.reporting import formats
from buildsteps.reporting.interface import Rendering
from buildsteps.results import Report, RunResult, Verdict, VerdictOutcome
from buildsteps.standard_streams import abandon
from buildsteps.step import Step, Text
from buildsteps.world import World
from buildsteps.world.clock import iso_time

CODEBUILD_CASE_LIMIT = 500
"""A CodeBuild report shows at most 500 test cases (AWS CodeBuild user guide, quotas)."""


def execute(step: Step, flags: Mapping[str, Any], world: World) -> int:
    """Run a command to its end, write what it promised, and return its exit code."""
    with _terminable():
        try:
            return _execute(step, flags, world)
        except (KeyboardInterrupt, Interrupted) as error:  # while the result was being shown
            verdict = failed_run(step.name, error).verdict
            _tell(step.name, error, verdict, world, debug=False)
            return verdict.exit_code


def _execute(step: Step, flags: Mapping[str, Any], world: World) -> int:
    options: CommonOptions | None = None
    try:
        options = _options(step, flags, world)
        if step.gives_text(options):
            _check_text(flags, options)  # before anything is written that a wrong call should not
        outputs = () if step.gives_text(options) else outputs_of(step.name, options, world)
        for output in outputs:
            world.files.remove_stale(output.path)
        product = _collect(step, options, world)
        if isinstance(product, Text):
            _print(_text_of(product, flags, options), options.format)
            return ExitCode.PASSED
        verdict = gate.judge(
            product, allow_empty=options.allow_empty, report_only=options.report_only
        )
        result = RunResult(command=step.name, report=product, verdict=verdict)
        result = _write_files(result, outputs, options, world)
    except BaseException as error:  # noqa: BLE001
        # The one place that turns whatever happened into the contract's exit codes.
        if options is None:
            options = options_where_all_is_wrong(step.name, flags, world)
        result = failed_run(step.name, error)
        _tell(step.name, error, result.verdict, world, debug=options.debug)
        result = _write_files(
            result, outputs_despite_mistakes(step.name, options, world), options, world
        )
        return _show(result, options, world, told=True)
    return _show(result, options, world, told=False)


def _options(step: Step, flags: Mapping[str, Any], world: World) -> CommonOptions:
    resolved = resolve_options(step, flags, world)
    options: CommonOptions = resolved.options
    if options.verbose and options.quiet:
        verbose, quiet = resolved.sources["verbose"], resolved.sources["quiet"]
        if verbose.kind == quiet.kind:
            raise UsageError("--verbose and --quiet exclude each other")
        weaker = "quiet" if verbose.is_stronger_than(quiet) else "verbose"
        options = msgspec.structs.replace(options, **{weaker: False})
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
    command: str,
    error: BaseException,
    verdict: Verdict,
    world: World,
    *,
    debug: bool,
    sentence: str = "",
) -> None:
    from buildsteps.reporting.text import printable

    if debug:
        world.progress("".join(traceback.format_exception(error)).rstrip())
    world.progress(f"buildsteps {command}: {printable(sentence or verdict.reasons[0])}")
    if isinstance(error, BuildstepsError) and error.detail:
        world.progress(printable(error.detail, multiline=True))


def _write_files(
    result: RunResult, outputs: tuple[Output, ...], options: CommonOptions, world: World
) -> RunResult:
    """Write each file, and give the result with what could not be written.

    One that cannot be written keeps no other from being written, and never hides a stop.
    """
    limit = options.junit_limit
    if limit is None and world.environ.get("CODEBUILD_BUILD_ID"):
        limit = CODEBUILD_CASE_LIMIT
    rendering = _rendering(options, limit, world)
    for output in outputs:
        try:
            told = emptiness_told(result) if output.format == "junit" else result
            pieces = formats.reporter(output.format)(told, rendering)
            world.files.write(output.path, pieces)
        except Exception as error:  # noqa: BLE001 - also a reporter's bug is told, not raised
            with suppress(WorldError):
                world.files.remove_stale(output.path)
            failed = failed_run(result.command, error).verdict
            reason = failed.reasons[0]
            if not isinstance(error, WorldError):
                reason = f"{world.shown(output.path)}: {reason}"
            if reason not in result.verdict.reasons:
                _tell(result.command, error, failed, world, debug=options.debug, sentence=reason)
                result = _with_failure(result, reason)
    return result


def _with_failure(result: RunResult, reason: str) -> RunResult:
    verdict = result.verdict
    passed = verdict.exit_code == ExitCode.PASSED
    changed = Verdict(
        outcome=VerdictOutcome.WORLD_FAILED if passed else verdict.outcome,
        exit_code=verdict.exit_code or ExitCode.WORLD_FAILED,
        reasons=(*verdict.reasons, reason),
    )
    return msgspec.structs.replace(result, verdict=changed)


def _show(result: RunResult, options: CommonOptions, world: World, *, told: bool) -> int:
    """Write to standard output; what was ``told`` to people on standard error is not said again."""
    code = result.verdict.exit_code
    if told and options.format == "terminal":
        return code
    try:
        rendering = _rendering(options, options.junit_limit, world, stream=sys.stdout)
        _print(formats.reporter(options.format)(result, rendering), options.format)
    except Exception as error:  # noqa: BLE001 - the files are written: only this is to be told
        failed = failed_run(result.command, error).verdict
        _tell(result.command, error, failed, world, debug=options.debug)
        return code or ExitCode.WORLD_FAILED
    return code


def _rendering(
    options: CommonOptions, limit: int | None, world: World, stream: IO[str] | None = None
) -> Rendering:
    terminal = stream is not None and stream.isatty()
    wanted = options.color if options.color is not None else not world.environ.get("NO_COLOR")
    return Rendering(
        colour=stream is not None and wanted and (terminal or options.color is True),
        verbosity=int(options.verbose) - int(options.quiet),
        width=_width() if terminal else 100,
        case_limit=limit,
    )


def _width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size((100, 24)).columns


def _text_of(product: Text, flags: Mapping[str, Any], options: CommonOptions) -> list[str]:
    """The text, or its data as JSON."""
    _check_text(flags, options)
    if options.format == "json":
        encoded = msgspec.json.format(msgspec.json.encode(product.data), indent=2)
        return [encoded.decode(), "\n"]
    return [product.text if product.text.endswith("\n") else f"{product.text}\n"]


def _check_text(flags: Mapping[str, Any], options: CommonOptions) -> None:
    """Refuse flags that ask for a report where only a text is given.

    Raises:
        UsageError: only a command that judges can give a report.
    """
    if flags.get("format") not in (None, "terminal", "json"):
        raise UsageError(f"this gives text or JSON, not {options.format}: nothing is judged")
    if flags.get("output") or flags.get("junit"):
        raise UsageError("there is no report to write to a file: nothing is judged")


def _print(pieces: Iterable[str], form: str) -> None:
    """Write to standard output, for machines in UTF-8; rendered first, so all of it or nothing.

    Raises:
        ClosedPipeError: whoever read it went away.
        WorldError: it cannot be written.
    """
    whole = list(pieces)
    stream = sys.stdout
    if stream is None:
        raise ClosedPipeError("standard output is closed")
    try:
        if form != "terminal" and isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
        stream.writelines(whole)
        stream.flush()
    except BrokenPipeError:
        abandon(stream)
        raise ClosedPipeError("standard output was closed before the result was written") from None
    except OSError as error:
        abandon(stream)
        reason = (error.strerror or str(error)).lower()
        raise WorldError(f"standard output cannot be written: {reason}") from None


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM, CodeBuild's stop, into an exception, so that everything is cleaned up."""

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not stop the clean-up
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
