"""The way of one run: options, collect, gate, reports, exit code. Every command goes it."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any, Iterator

import msgspec
from msgspec import Struct

from buildsteps import catalog, config, gate
from buildsteps.errors import (
    BuildstepsError,
    ClosedPipeError,
    Interrupted,
    UsageError,
    WorldError,
)
from buildsteps.exit_codes import ExitCode
from buildsteps.options import CommonOptions, fields_of
from buildsteps.reporting import formats
from buildsteps.reporting.interface import Rendering
from buildsteps.results import (
    Case,
    Cause,
    Location,
    Outcome,
    Report,
    RunResult,
    Verdict,
    VerdictOutcome,
)
from buildsteps.world import World
from buildsteps.world.clock import iso_time

CODEBUILD_CASE_LIMIT = 500
"""A CodeBuild report shows at most 500 test cases (AWS CodeBuild user guide, quotas)."""


class Text(Struct, frozen=True):
    """The product of a command that judges nothing: a text, and the same as data for JSON."""

    text: str
    data: Any = None


class Step(Struct, frozen=True):
    """All that a command gives: its name, its options, and the work."""

    name: str
    options: type[CommonOptions]
    collect: Callable[[Any, World], Report | Text]


class Output(Struct, frozen=True):
    """A report that is to be written to a file."""

    format: str
    path: Path


def execute(step: Step, flags: Mapping[str, Any], world: World) -> int:
    """Run a command to its end, write what it promised, and return its exit code."""
    debug = bool(flags.get("debug"))
    options: CommonOptions = CommonOptions()
    outputs: tuple[Output, ...] = _fallback_outputs(step.name, flags, world)
    try:
        with _terminable():
            options = _options(step, flags, world)
            debug = debug or options.debug
            outputs = _outputs(step.name, options, world)
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
        result = _failed_run(step.name, error)
        _tell(step.name, error, result.verdict, world, debug=debug)
        return _write(result, outputs, options, world, told=True)


def resolve_options(step: Step, flags: Mapping[str, Any], world: World) -> config.Resolved:
    """The effective options of ``step`` with their sources; its own sections are checked.

    Raises:
        UsageError: the configuration or a value in it is wrong.
    """
    file = load_configuration(flags.get("config") or "", world)
    if file is not None:
        config.check_sections(file, catalog.sections())
        check_own_sections(step, file)
    return config.resolve(step.name, step.options, flags, world.environ, file)


def load_configuration(explicit: str, world: World) -> config.ConfigFile | None:
    """The configuration file named by ``--config``, else the nearest one, else None."""
    path = world.path(explicit) if explicit else config.find_file(world.cwd, world.environ)
    return None if path is None else config.load(path, world.files)


def check_own_sections(step: Step, file: config.ConfigFile) -> None:
    """Check the keys of the sections that ``step`` reads.

    Raises:
        UsageError: a key that is not known.
    """
    keys: dict[str, set[str]] = {config.command_key(step.name): set()}
    for field in fields_of(step.options):
        place = config.place_of(step.name, field)
        if field.info.in_file and len(place) > 1:
            keys.setdefault(place[0], set()).add(place[1])
    for section, known in keys.items():
        shared = section in catalog.SHARED_SECTIONS

        def everything(section: str = section) -> frozenset[str]:
            return catalog.shared_keys(section)

        config.check_section(file, section, known, everything if shared else None)


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


def _outputs(command: str, options: CommonOptions, world: World) -> tuple[Output, ...]:
    """The files to write; two reports into one file are a wrong call."""
    outputs = [_output(text, world) for text in options.output]
    junit = world.path(options.junit) if options.junit else _codebuild_junit(command, world)
    if junit is not None and (options.junit or all(o.format != "junit" for o in outputs)):
        outputs.append(Output("junit", junit))
    paths = [output.path for output in outputs]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"two reports would be written to {world.shown(path)}")
    return tuple(outputs)


def _output(text: str, world: World) -> Output:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--output takes FORMAT=PATH, not {text!r}")
    formats.check_name(name)
    return Output(name, world.path(path))


def _codebuild_junit(command: str, world: World) -> Path | None:
    source = world.environ.get("CODEBUILD_SRC_DIR")
    if not source:
        return None
    return Path(source) / "reports" / f"{command.replace(' ', '-')}.xml"


def _fallback_outputs(
    command: str, flags: Mapping[str, Any], world: World
) -> tuple[Output, ...]:
    """Where to report when the options themselves cannot be resolved."""
    junit = flags.get("junit")
    path = world.path(junit) if junit else _codebuild_junit(command, world)
    return () if path is None else (Output("junit", path),)


def _failed_run(command: str, error: BaseException) -> RunResult:
    """The report of a run that came to no report: one error case that says why."""
    outcome, code, kind = _meaning(error)
    case = Case(
        name=command,
        group=command,
        outcome=Outcome.ERROR,
        cause=Cause.SUBJECT if code is ExitCode.WRONG_CALL else Cause.WORLD,
        kind=kind,
        message=_sentence(error),
        detail=error.detail if isinstance(error, BuildstepsError) else "",
        locations=_locations(error),
    )
    verdict = Verdict(outcome=outcome, exit_code=code, reasons=(_sentence(error),))
    return RunResult(command=command, report=Report(cases=(case,)), verdict=verdict)


def _locations(error: BaseException) -> tuple[Location, ...]:
    if isinstance(error, BuildstepsError) and error.location:
        return (error.location,)
    return ()


def _meaning(error: BaseException) -> tuple[VerdictOutcome, ExitCode, str]:
    if isinstance(error, KeyboardInterrupt):
        return VerdictOutcome.INTERRUPTED, ExitCode.INTERRUPTED, "interrupted"
    if isinstance(error, Interrupted):
        return VerdictOutcome.INTERRUPTED, ExitCode.TERMINATED, "interrupted"
    if isinstance(error, UsageError):
        return VerdictOutcome.WRONG_CALL, ExitCode.WRONG_CALL, "usage"
    kind = "world" if isinstance(error, WorldError) else "internal"
    return VerdictOutcome.WORLD_FAILED, ExitCode.WORLD_FAILED, kind


def _sentence(error: BaseException) -> str:
    if isinstance(error, BuildstepsError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, Interrupted):
        return "terminated"
    if isinstance(error, MemoryError):
        return "out of memory"
    what = str(error).splitlines()[0] if str(error) else "no message"
    return f"internal error, please report it (--debug shows more): {type(error).__name__}: {what}"


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
