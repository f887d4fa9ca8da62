"""Click options and arguments, made from the declarations of :mod:`buildsteps.options`."""

from typing import Any, Literal, get_args, get_origin

import click

from buildsteps.options import CommonOptions, OptionField, environment_prefix, fields_of

REFUSAL = "buildsteps.refusal"
"""Where a context keeps what is wrong with the call: a :class:`click.UsageError`."""


class BareOption(click.Option):
    """An option whose value may be left out, ``--name[=VALUE]``: then it is ``bare``.

    The value stands behind ``=`` only; a word after the bare flag is an argument of its own.
    """

    def __init__(self, *arguments: Any, bare: str, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.bare = bare


class StepCommand(click.Command):
    """A command whose help keeps the options of every command apart from its own.

    A call that Click refuses still reaches the command, with what could be understood of it and
    the :data:`REFUSAL`: the report that was promised is to say what is wrong.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, or where that fails what can be understood of them."""
        args = self._with_bare_values(ctx, args)
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            ctx.params.clear()
            ctx.resilient_parsing = ctx.ignore_unknown_options = ctx.allow_extra_args = True
            rest = super().parse_args(ctx, given)
            ctx.resilient_parsing = False
            ctx.meta[REFUSAL] = error
            return rest

    def _with_bare_values(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each flag that stands bare the value that this means."""
        bare = {
            flag: option.bare
            for option in self.get_params(ctx)
            if isinstance(option, BareOption)
            for flag in option.opts
        }
        end = args.index("--") if "--" in args else len(args)
        return [f"{one}={bare[one]}" if one in bare else one for one in args[:end]] + args[end:]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options first, then the common ones."""
        common = {field.name for field in fields_of(CommonOptions)} | {"help"}
        own_rows: list[tuple[str, str]] = []
        common_rows: list[tuple[str, str]] = []
        arguments = [
            (parameter.make_metavar(ctx).strip("[]").removesuffix(" ..."), parameter.about)
            for parameter in self.get_params(ctx)
            if isinstance(parameter, StepArgument)
        ]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        for parameter in self.get_params(ctx):
            row = parameter.get_help_record(ctx)
            if row is not None and isinstance(parameter, click.Option):
                (common_rows if parameter.name in common else own_rows).append(row)
        for title, rows in (("Options", own_rows), ("Options of every command", common_rows)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class StepArgument(click.Argument):
    """An argument with a line of help, which Click's own has not."""

    def __init__(self, names: list[str], *, about: str, **settings: Any) -> None:
        super().__init__(names, **settings)
        self.about = about


def parameters(declared: type[CommonOptions]) -> list[click.Parameter]:
    """The Click parameters of a command; a value that is not given is None or empty."""
    return [
        parameter for field in fields_of(declared) if (parameter := _parameter(field)) is not None
    ]


def epilog(command: str) -> str:
    """The last lines of a command's help: where else its options can stand."""
    variable = environment_prefix(command) + "<OPTION>"
    return f"Every option also reads {variable} and buildsteps.yaml; flags win."


def _parameter(field: OptionField) -> click.Parameter | None:
    info = field.info
    if info.argument:
        metavar = f"[{info.metavar} ...]" if field.is_list else f"[{info.metavar}]"
        return StepArgument(
            [field.name],
            nargs=-1 if field.is_list else 1,
            required=False,
            metavar=metavar,
            about=info.help,
        )
    if not info.flag:
        return None
    names = [field.name, f"--{field.flag_name}"]
    if info.short:
        names.append(f"-{info.short}")
    if field.is_flag:
        if not info.short and field.info.in_file:
            names[1] += f"/--no-{field.flag_name}"
        return click.Option(names, is_flag=True, default=None, help=_help(field))
    if info.bare:
        return BareOption(
            names,
            bare=info.bare,
            type=_click_type(field),
            metavar=f"[={info.metavar}]",
            help=_help(field),
        )
    return click.Option(
        names,
        type=_click_type(field),
        multiple=field.is_list,
        metavar=None if _choices(field) else info.metavar or None,
        help=_help(field),
    )


def _help(field: OptionField) -> str:
    if field.is_flag and field.default is True:
        return f"{field.info.help} On by default."
    if field.is_flag or field.default in (None, "", ()):
        return field.info.help
    return f"{field.info.help} Default: {field.default}."


def _choices(field: OptionField) -> tuple[str, ...]:
    members = (field.type, *get_args(field.type))  # such as `Literal["a", "b"] | None`
    return next((get_args(one) for one in members if get_origin(one) is Literal), ())


def _click_type(field: OptionField) -> click.ParamType[Any] | None:
    if choices := _choices(field):
        return click.Choice(choices)
    wanted = {field.type, *get_args(field.type)}
    if int in wanted:
        return click.INT
    return click.FLOAT if float in wanted else click.STRING
