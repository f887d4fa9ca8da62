"""The command line: from arguments to a step, importing that step alone."""

import sys
from inspect import cleandoc
from typing import Any

import click

from buildsteps import __version__, catalog
from buildsteps.exit_codes import ExitCode
from buildsteps.standard_streams import abandon, say


class LazyGroup(click.Group):
    """A group of commands from the catalogue; a command is imported when it is called."""

    def __init__(self, prefix: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """The names below this group, in the catalogue's order."""
        names = (n.removeprefix(self.prefix) for n in catalog.COMMANDS if n.startswith(self.prefix))
        return list(dict.fromkeys(name.split(" ")[0] for name in names))

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - Click's signature
        name: str,
    ) -> click.Command | None:
        """The command or group called ``name``, or None."""
        full = self.prefix + name
        if full in catalog.GROUPS:
            return LazyGroup(
                prefix=f"{full} ", name=name, help=catalog.GROUPS[full], no_args_is_help=True
            )
        return _command(full) if full in catalog.COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or fail with the nearest name."""
        from buildsteps.nearest import suggestion

        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            ctx.fail(f"there is no command `{self.prefix}{name}`.{suggestion(name, known)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from the catalogue, importing none of them."""
        rows = []
        for name in self.list_commands(ctx):
            full = self.prefix + name
            entry = catalog.COMMANDS.get(full)
            rows.append((name, entry.help if entry else catalog.GROUPS[full]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _command(name: str) -> click.Command:
    from buildsteps import flags

    step = catalog.load(name)

    def invoke(**given: Any) -> int:
        from buildsteps import run
        from buildsteps.errors import UsageError
        from buildsteps.world import system_world

        wrong = click.get_current_context().meta.get(flags.REFUSAL)
        refusal = UsageError(wrong.format_message()) if wrong is not None else None
        return run.execute(step, given, system_world(name), refusal)

    summary = catalog.COMMANDS[name].help
    detail = cleandoc(step.options.__doc__ or "")
    return flags.StepCommand(
        name=name.split(" ")[-1],
        params=flags.parameters(step.options),
        callback=invoke,
        help=f"{summary}\n\n{detail}",
        epilog=flags.epilog(name),
        context_settings={"help_option_names": ["-h", "--help"]},
    )


# Click keeps the lines of a paragraph apart that begins with a backspace.
_HELP = """Delivery gates for AWS pipelines: the same in a buildspec, a hook and a laptop.

\b
Exit codes: 0 passed, 1 stopped by the gate, 2 wrong call or nothing to judge,
3 the world failed us, 130 and 143 interrupted.
"""


@click.group(
    cls=LazyGroup,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
@click.version_option(__version__, "-V", "--version", message="buildsteps %(version)s")
def app() -> None:
    """Find the command; Click does it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; 1 comes from a verdict only."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app.main(args=arguments, prog_name="buildsteps", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        return _fail(error.format_message(), ExitCode.WRONG_CALL, prefix="")
    except click.ClickException as error:
        return _fail(error.format_message(), ExitCode.WRONG_CALL)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", ExitCode.INTERRUPTED)
    except (BrokenPipeError, SystemExit):  # Click leaves with 1 where a pipe is closed
        return _unwritten("standard output was closed")
    except OSError as error:
        return _unwritten(f"standard output cannot be written: {error.strerror}".lower())
    except Exception as error:  # noqa: BLE001 - a bug of ours must not look like a verdict
        sentence = f"internal error, please report it: {error!r}"
        return _fail(sentence, ExitCode.WORLD_FAILED)
    return int(code or ExitCode.PASSED)


def _fail(sentence: str, code: ExitCode, prefix: str = "buildsteps: ") -> int:
    say(f"{prefix}{sentence}")
    return code


def _unwritten(sentence: str) -> int:
    if sys.stdout is not None:
        abandon(sys.stdout)
    return _fail(sentence, ExitCode.WORLD_FAILED)
