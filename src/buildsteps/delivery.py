"""Delivering a result: files, values for the next command, standard output.

What cannot be delivered is told, and never hides a stop.
"""

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, TextIO

import msgspec

from buildsteps.errors import BuildstepsError, ClosedPipeError, UsageError, WorldError
from buildsteps.exit_codes import ExitCode
from buildsteps.failure import emptiness_told, failed_run
from buildsteps.options import CommonOptions
from buildsteps.outputs import Output
from buildsteps.reporting import formats
from buildsteps.reporting.interface import Rendering
from buildsteps.results import RunResult, Verdict, VerdictOutcome
from buildsteps.standard_streams import abandon
from buildsteps.step import Text
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.handover import Handover

CODEBUILD_CASE_LIMIT = 500
"""A CodeBuild report shows at most 500 test cases (AWS CodeBuild user guide, quotas)."""


def tell(
    command: str,
    error: BaseException,
    verdict: Verdict,
    world: World,
    *,
    debug: bool,
    sentence: str = "",
) -> None:
    """Say on standard error what went wrong; with ``debug`` where in our code."""
    from buildsteps.reporting.text import printable

    if debug:
        world.progress("".join(traceback.format_exception(error)).rstrip())
    world.progress(f"buildsteps {command}: {printable(sentence or verdict.reasons[0])}")
    if isinstance(error, BuildstepsError) and error.detail:
        world.progress(printable(error.detail, multiline=True))


def write_files(
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
            result = _unwritten(result, error, world.shown(output.path), options, world)
    return result


def hand_on(
    handover: "Handover | None", result: RunResult, options: CommonOptions, world: World
) -> RunResult:
    """Hand values on to the next command, after the reports: the verdict is the last one."""
    if handover is None:
        return result
    try:
        handover.write(result, world)
    except Exception as error:  # noqa: BLE001 - as for a report
        return _unwritten(result, error, "--export", options, world)
    return result


def _unwritten(
    result: RunResult, error: Exception, what: str, options: CommonOptions, world: World
) -> RunResult:
    """The result with what could not be written, which is told once."""
    failed = failed_run(result.command, error).verdict
    reason = failed.reasons[0]
    if not isinstance(error, WorldError):
        reason = f"{what}: {reason}"
    if reason in result.verdict.reasons:
        return result
    tell(result.command, error, failed, world, debug=options.debug, sentence=reason)
    return _with_failure(result, reason)


def _with_failure(result: RunResult, reason: str) -> RunResult:
    verdict = result.verdict
    passed = verdict.exit_code == ExitCode.PASSED
    changed = Verdict(
        outcome=VerdictOutcome.WORLD_FAILED if passed else verdict.outcome,
        exit_code=verdict.exit_code or ExitCode.WORLD_FAILED,
        reasons=(*verdict.reasons, reason),
    )
    return msgspec.structs.replace(result, verdict=changed)


def show(result: RunResult, options: CommonOptions, world: World, *, told: bool) -> int:
    """Write to standard output; what was ``told`` to people on standard error is not said again."""
    code = result.verdict.exit_code
    if told and options.format == "terminal":
        return code
    document = result.report.stdout
    try:
        if document is not None and options.format == "terminal":
            rendering = _rendering(options, None, world, stream=sys.stderr)
            pieces = formats.reporter("terminal")(result, rendering)
            world.progress("".join(pieces).rstrip("\n"))
            _print_document(b"" if code else document)
            return code
        rendering = _rendering(options, options.junit_limit, world, stream=sys.stdout)
        print_whole(formats.reporter(options.format)(result, rendering), options.format)
    except Exception as error:  # noqa: BLE001 - the files are written: only this is to be told
        failed = failed_run(result.command, error).verdict
        tell(result.command, error, failed, world, debug=options.debug)
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


def text_of(product: Text, flags: Mapping[str, Any], options: CommonOptions) -> list[str]:
    """The text, or its data as JSON."""
    check_text(flags, options)
    if options.format == "json":
        encoded = msgspec.json.format(msgspec.json.encode(product.data), indent=2)
        return [encoded.decode(), "\n"]
    return [product.text if product.text.endswith("\n") else f"{product.text}\n"]


def check_text(flags: Mapping[str, Any], options: CommonOptions) -> None:
    """Refuse flags that ask for a report where only a text is given.

    Raises:
        UsageError: only a command that judges can give a report.
    """
    if flags.get("format") not in (None, "terminal", "json"):
        raise UsageError(f"this gives text or JSON, not {options.format}: nothing is judged")
    if flags.get("output") or flags.get("junit"):
        raise UsageError("there is no report to write to a file: nothing is judged")
    if flags.get("export") or flags.get("export_file"):
        raise UsageError("there is no report to export from: nothing is judged")


def print_whole(pieces: Iterable[str], form: str) -> None:
    """Write to standard output, for machines in UTF-8; rendered first, so all of it or nothing.

    Raises:
        ClosedPipeError: whoever read it went away.
        WorldError: it cannot be written.
    """
    whole = list(pieces)

    def write(stream: TextIO) -> None:
        if form != "terminal" and isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
        stream.writelines(whole)

    _print(write)


def _print_document(document: bytes) -> None:
    _print(lambda stream: stream.buffer.write(document))


def _print(write: Callable[[TextIO], object]) -> None:
    stream = sys.stdout
    if stream is None:
        raise ClosedPipeError("standard output is closed")
    try:
        write(stream)
        stream.flush()
    except BrokenPipeError:
        abandon(stream)
        raise ClosedPipeError("standard output was closed before the result was written") from None
    except OSError as error:
        abandon(stream)
        reason = (error.strerror or str(error)).lower()
        raise WorldError(f"standard output cannot be written: {reason}") from None
