"""The way of one run: options, collect, gate, reports, exit code. Every command goes it."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import msgspec

from buildsteps import config, gate
from buildsteps.delivery import check_text, hand_on, print_whole, show, tell, text_of, write_files
from buildsteps.effective import options_where_all_is_wrong, resolve_options
from buildsteps.errors import Interrupted, UsageError
from buildsteps.exit_codes import ExitCode
from buildsteps.failure import failed_run
from buildsteps.options import CommonOptions
from buildsteps.outputs import outputs_despite_mistakes, outputs_of
from buildsteps.results import Report, RunResult
from buildsteps.step import Step, Text
from buildsteps.world import World
from buildsteps.world.clock import iso_time

if TYPE_CHECKING:
    from buildsteps.handover import Handover


def execute(
    step: Step, flags: Mapping[str, Any], world: World, refusal: UsageError | None = None
) -> int:
    """Run a command to its end, write what it promised, and return its exit code.

    ``refusal`` is what is wrong with the call where ``flags`` holds only what could be understood:
    then nothing is judged, and the reports say why.
    """
    with _terminable(world):
        try:
            return _execute(step, flags, world, refusal)
        except (KeyboardInterrupt, Interrupted) as error:  # while the result was being shown
            verdict = failed_run(step.name, error).verdict
            tell(step.name, error, verdict, world, debug=False)
            return verdict.exit_code


def _execute(step: Step, flags: Mapping[str, Any], world: World, refusal: UsageError | None) -> int:
    options: CommonOptions | None = None
    try:
        if refusal is not None:
            raise refusal  # noqa: TRY301 - as every other mistake of the call
        world = _logging_where_asked(step, flags, world)
        options = _options(step, flags, world)
        judging = not step.gives_text(options)
        if not judging:
            check_text(flags, options)  # before anything is written that a wrong call should not
        outputs = outputs_of(step.name, options, world) if judging else ()
        handover = _handover(options, world) if judging else None
        for output in outputs:
            world.files.remove_stale(output.path)
        if handover is not None and handover.script is not None:
            world.files.remove_stale(handover.script)
        product = _collect(step, options, world)
        if isinstance(product, Text):
            print_whole(text_of(product, flags, options), options.format)
            return ExitCode.PASSED
        verdict = gate.judge(
            product, allow_empty=options.allow_empty, report_only=options.report_only
        )
        result = RunResult(command=step.name, report=product, verdict=verdict, name=options.name)
        if handover is not None:
            result = handover.checked(result)
        result = write_files(result, outputs, options, world)
    except BaseException as error:  # noqa: BLE001
        # The one place that turns whatever happened into the contract's exit codes.
        if options is None:
            options = options_where_all_is_wrong(step.name, flags, world)
        result = failed_run(step.name, error, options.name)
        tell(step.name, error, result.verdict, world, debug=options.debug)
        handover = _handover(options, world, despite_mistakes=True)
        result = write_files(
            result, outputs_despite_mistakes(step.name, options, world), options, world
        )
        result = hand_on(handover, result, options, world)
        return show(result, options, world, told=True)
    result = hand_on(handover, result, options, world)
    return show(result, options, world, told=False)


def _handover(
    options: CommonOptions, world: World, *, despite_mistakes: bool = False
) -> "Handover | None":
    """What ``--export`` asks for, which most runs do not."""
    if not options.export and not options.export_file:
        return None
    from buildsteps.handover import Handover

    make = Handover.despite_mistakes if despite_mistakes else Handover.of
    return make(options, world)


def _logging_where_asked(step: Step, flags: Mapping[str, Any], world: World) -> World:
    """The world, or with ``--debug`` one that says what it does."""
    asked = config.resolve_what_can_be(step.name, CommonOptions, flags, world.environ, None)
    if not asked.debug:
        return world
    from buildsteps.debugging import logged

    return logged(world)


def _options(step: Step, flags: Mapping[str, Any], world: World) -> CommonOptions:
    resolved = resolve_options(step, flags, world)
    options: CommonOptions = resolved.options
    if options.debug:
        from buildsteps.debugging import log_options

        log_options(resolved, world)
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


@contextmanager
def _terminable(world: World) -> Iterator[None]:
    """Turn SIGTERM, CodeBuild's stop, into an exception, so that everything is cleaned up.

    At that, and at Ctrl-C, the programs that run end first: threads may be waiting for them.
    """

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not stop the clean-up
        world.processes.stop()
        raise Interrupted

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        world.processes.stop()
        raise KeyboardInterrupt

    try:
        terminated = signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # not the main thread: whoever runs us there owns the signals
        yield
        return
    interrupted = signal.getsignal(signal.SIGINT)
    try:
        if interrupted is signal.default_int_handler:  # else it is ignored, as under nohup
            signal.signal(signal.SIGINT, interrupt)
        yield
    finally:
        signal.signal(signal.SIGTERM, terminated)
        signal.signal(signal.SIGINT, interrupted)
