"""Where reports are written: ``--output``, ``--junit``, and what CodeBuild expects."""

from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.options import CommonOptions
from buildsteps.reporting import formats
from buildsteps.world import World


class Output(Struct, frozen=True):
    """A report that is to be written to a file."""

    format: str
    path: Path


def outputs_of(command: str, options: CommonOptions, world: World) -> tuple[Output, ...]:
    """The files to write; two reports into one file are a wrong call."""
    if options.junit_limit is not None and options.junit_limit < 1:
        raise UsageError("the JUnit limit must be at least 1 case")
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


def outputs_despite_mistakes(
    command: str, options: CommonOptions, world: World
) -> tuple[Output, ...]:
    """The files to write where the call may be what is wrong: those that can be understood."""
    asked: dict[Path, Output] = {}
    for text in options.output:
        with suppress(UsageError):
            output = _output(text, world)
            asked.setdefault(output.path, output)
    junit = world.path(options.junit) if options.junit else _codebuild_junit(command, world)
    if junit is not None and (options.junit or all(o.format != "junit" for o in asked.values())):
        asked[junit] = Output("junit", junit)
    return tuple(asked.values())
