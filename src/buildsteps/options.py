"""One declaration of an option: flags, environment, YAML keys, schema and docs come from it.

A command declares a frozen msgspec Struct that extends :class:`CommonOptions`; each field is
annotated with :func:`option`. This module only reads those declarations: :mod:`buildsteps.flags`
makes Click options of them, :mod:`buildsteps.config` finds the values.
"""

from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from buildsteps.acceptances import Acceptance

PathKind = Literal["", "path", "format=path", "path or address"]
"""Whether a value is a path, holds one behind ``=``, or is one unless it begins ``http:``,
``https:`` or ``s3:``: such a path of the file is relative to the file."""


class OptionInfo(Struct, frozen=True, kw_only=True):
    """What a declaration says beside name, type and default.

    ``variables`` are further environment variables that set it, weaker than its own.
    """

    help: str
    metavar: str = ""
    flag: bool = True
    argument: bool = False
    short: str = ""
    key: tuple[str, ...] = ()
    in_file: bool = True
    path: PathKind = ""
    bare: str = ""
    variables: tuple[str, ...] = ()


class OptionField(Struct, frozen=True, kw_only=True):
    """One option of one command, ready for use."""

    name: str
    type: Any
    default: Any
    info: OptionInfo

    @property
    def key_name(self) -> str:
        """Its name in files and environment: of ``from_``, which Python reserves, ``from``."""
        return self.name.removesuffix("_")

    @property
    def flag_name(self) -> str:
        """The long flag without dashes, such as ``deny-warnings``."""
        return self.key_name.replace("_", "-")

    @property
    def is_list(self) -> bool:
        """Whether it holds several values: one per line in the environment, a list in YAML."""
        return get_origin(self.type) is tuple

    @property
    def is_flag(self) -> bool:
        """Whether it is on or off."""
        return bool in (self.type, *get_args(self.type))

    @property
    def in_environment(self) -> bool:
        """Whether an environment variable can set it: all that a flag or argument can."""
        return self.info.flag or self.info.argument


def option(
    help: str,  # noqa: A002 - the field's word
    *,
    metavar: str = "",
    flag: bool = True,
    argument: bool = False,
    short: str = "",
    key: tuple[str, ...] = (),
    in_file: bool = True,
    path: PathKind = "",
    bare: str = "",
    variables: tuple[str, ...] = (),
) -> Meta:
    """Declare an option.

    ``variables`` are environment variables of others that set it, too, such as those of a sample
    that people come from; the option's own variable is stronger.

    ``bare`` is the value of a flag that is given without one, as in ``--name[=VALUE]``.

    ``key`` is its place in ``buildsteps.yaml`` where that is not the command's own section,
    such as ``("cedar", "stores")`` for something that several commands share.
    """
    info = OptionInfo(
        help=help,
        metavar=metavar,
        flag=flag,
        argument=argument,
        short=short,
        key=key,
        in_file=in_file,
        path=path,
        bare=bare,
        variables=variables,
    )
    return Meta(description=help, extra={"option": info})


class CommonOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of every command; extend it to declare one's own."""

    format: Annotated[
        Literal["terminal", "json", "junit", "sarif", "markdown", "github"],
        option("What to write to standard output.", metavar="FORMAT"),
    ] = "terminal"
    output: Annotated[
        tuple[str, ...],
        option("Write a further report; repeatable.", metavar="FORMAT=PATH", path="format=path"),
    ] = ()
    junit: Annotated[
        str,
        option(
            "Write a JUnit file; inside CodeBuild one is written to reports/ anyway.",
            metavar="PATH",
            path="path",
        ),
    ] = ""
    name: Annotated[
        str,
        option("Name of this run, shown and part of the report's file name.", metavar="NAME"),
    ] = ""
    junit_limit: Annotated[
        int | None,
        option("Fold passed cases beyond N in JUnit; 500 inside CodeBuild.", metavar="N"),
    ] = None
    export: Annotated[
        tuple[str, ...],
        option(
            "Hand a field of the JSON report on, by default verdict.outcome; repeatable.",
            metavar="NAME[=FIELD]",
        ),
    ] = ()
    export_file: Annotated[
        str,
        option(
            "Write what --export hands on as a shell script to source.", metavar="PATH", path="path"
        ),
    ] = ""
    report_only: Annotated[
        bool, option("Show and write the verdict, but exit 0 where it stops.")
    ] = False
    allow_empty: Annotated[bool, option("Accept that nothing was judged.")] = False
    verbose: Annotated[bool, option("More detail.", short="v")] = False
    quiet: Annotated[bool, option("Only what stops.", short="q")] = False
    color: Annotated[bool | None, option("Colour; by default on a terminal without NO_COLOR.")] = (
        None
    )
    accept: Annotated[
        tuple[Annotated[Acceptance, Meta(extra_json_schema={"required": ["rule", "reason"]})], ...],
        option(
            "Findings that are accepted, with reason and last day.", flag=False, key=("accept",)
        ),
    ] = ()
    config: Annotated[
        str,
        option("Use this configuration file.", metavar="PATH", in_file=False, path="path"),
    ] = ""
    debug: Annotated[bool, option("Log to standard error; show tracebacks.", in_file=False)] = False


@cache
def fields_of(declared: type[Struct]) -> tuple[OptionField, ...]:
    """The options that a Struct declares, in order."""
    hints = get_type_hints(declared, include_extras=True)
    return tuple(
        OptionField(
            name=field.name,
            info=_info(hints[field.name]),
            type=get_args(hints[field.name])[0],
            default=_default(field),
        )
        for field in msgspec.structs.fields(declared)
    )


def declared_infos(struct: type[Struct]) -> dict[str, OptionInfo]:
    """What is declared of the fields of a value inside an option; most need no declaration."""
    hints = get_type_hints(struct, include_extras=True)
    found = {name: _info_or_none(hint) for name, hint in hints.items()}
    return {name: info for name, info in found.items() if info is not None}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _info(hint: Any) -> OptionInfo:
    info = _info_or_none(hint)
    if info is None:
        raise TypeError(f"{hint} is not declared with option()")
    return info


def _info_or_none(hint: Any) -> OptionInfo | None:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, Meta) and extra.extra and "option" in extra.extra:
            found: OptionInfo = extra.extra["option"]
            return found
    return None


def command_key(command: str) -> str:
    """The command's section in ``buildsteps.yaml``: its words joined by ``_``."""
    return command.replace(" ", "_").replace("-", "_")


def environment_prefix(command: str) -> str:
    """What the names of the command's environment variables begin with."""
    return f"BUILDSTEPS_{command_key(command).upper()}_"
