"""Where reports are written: ``--output``, ``--junit``, and what CodeBuild expects."""

import re
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.options import CommonOptions
from buildsteps.reporting import formats
from buildsteps.world import World

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Output(Struct, frozen=True):
    """A report that is to be written to a file."""

    format: str
    path: Path


def outputs_of(command: str, options: CommonOptions, world: World) -> tuple[Output, ...]:
    """The files to write.

    Raises:
        UsageError: two go into one file, a limit or name that cannot be, an unknown format.
    """
    check_name(options.name)
    if options.junit_limit is not None and options.junit_limit < 1:
        raise UsageError("the JUnit limit must be at least 1 case")
    outputs = [_output(text, world) for text in options.output]
    junit = (
        world.path(options.junit) if options.junit else _codebuild_junit(command, options, world)
    )
    if junit is not None and (options.junit or all(o.format != "junit" for o in outputs)):
        outputs.append(Output("junit", junit))
    paths = [output.path for output in outputs]
    if options.export_file:
        paths.append(world.path(options.export_file))
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"two reports would be written to {world.shown(path)}")
    return tuple(outputs)


def check_name(name: str) -> None:
    """Check the name of a run, which becomes part of a file's name.

    Raises:
        UsageError: it has other characters than a file name may have everywhere.
    """
    if name and not _NAME.fullmatch(name):
        raise UsageError(
            f"--name takes up to 64 letters, digits, `.`, `_` and `-`, a letter or digit first,"
            f" not {name!r}"
        )


def _output(text: str, world: World) -> Output:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--output takes FORMAT=PATH, not {text!r}")
    formats.check_name(name)
    return Output(name, world.path(path))


def _codebuild_junit(command: str, options: CommonOptions, world: World) -> Path | None:
    source = world.environ.get("CODEBUILD_SRC_DIR")
    if not source:
        return None
    name = f"-{options.name}" if _NAME.fullmatch(options.name) else ""
    return Path(source) / "reports" / f"{command.replace(' ', '-')}{name}.xml"


def outputs_despite_mistakes(
    command: str, options: CommonOptions, world: World
) -> tuple[Output, ...]:
    """The files to write where the call may be what is wrong: those that can be understood."""
    asked: dict[Path, Output] = {}
    for text in options.output:
        with suppress(UsageError):
            output = _output(text, world)
            asked.setdefault(output.path, output)
    junit = (
        world.path(options.junit) if options.junit else _codebuild_junit(command, options, world)
    )
    if junit is not None and (options.junit or all(o.format != "junit" for o in asked.values())):
        asked[junit] = Output("junit", junit)
    return tuple(asked.values())
