"""``config check``, ``config show`` and ``schema``."""

import os
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec

from buildsteps import catalog, config
from buildsteps.acceptances import without_reason
from buildsteps.effective import resolve_in, resolve_options
from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.options import CommonOptions, fields_of, option
from buildsteps.results import Case, Location, Outcome, Report, unjudged
from buildsteps.step import Step, Text
from buildsteps.world import World


class CheckOptions(CommonOptions, frozen=True, kw_only=True):
    """Checks every section of the nearest buildsteps.yaml, not only one command's."""


class ShowOptions(CommonOptions, frozen=True, kw_only=True):
    """Shows each option's value and where it comes from, for COMMAND or for all."""

    commands: Annotated[
        tuple[str, ...],
        option("Commands to show.", metavar="COMMAND", argument=True, in_file=False),
    ] = ()


class SchemaOptions(CommonOptions, frozen=True, kw_only=True):
    """Prints the JSON Schema of buildsteps.yaml, of the JSON report, or of Cedar test suites.

    For an editor, add to the file's first line:
    # yaml-language-server: $schema=./buildsteps.schema.json
    """

    subject: Annotated[
        str,
        option(
            "What the schema is of.",
            metavar="|".join(catalog.SCHEMAS),
            argument=True,
            in_file=False,
        ),
    ] = "config"


def check(options: CheckOptions, world: World) -> Report:
    """A case for each command whose options can be resolved, or not."""
    path = config.find_file(world.cwd, world.environ)
    if options.config:
        path = world.path(options.config)
        if not os.path.lexists(path):
            raise UsageError(f"there is no file `{options.config}`")
    if path is None:
        return Report(emptiness=f"there is no {config.FILE_NAME} here or above")
    shown = world.shown(path)
    try:
        file = config.load(path, world.files)
    except UsageError as error:
        return Report(cases=[_wrong("sections", shown, error)], notes=(shown,))
    cases = [_sections(file)]
    cases += [_check_command(name, file, options, world) for name in catalog.COMMANDS]
    cases += _reasonless(file, options, world)
    return Report(cases=cases, notes=(shown,), facts={"file": shown})


def _sections(file: config.ConfigFile) -> Case:
    try:
        config.check_sections(file, catalog.sections())
    except UsageError as error:
        return _wrong("sections", file.shown, error)
    return _passed("sections", file.shown)


def _check_command(name: str, file: config.ConfigFile, options: CheckOptions, world: World) -> Case:
    try:
        resolve_in(file, catalog.load(name), {"config": options.config}, world)
    except UsageError as error:
        return _wrong(name, file.shown, error)
    return _passed(name, file.shown)


def _reasonless(file: config.ConfigFile, options: CheckOptions, world: World) -> list[Case]:
    """Acceptances without a reason, for which the command that reads them stops."""
    try:
        resolved = resolve_in(file, CHECK, {"config": options.config}, world)
    except UsageError:
        return []  # told by the case of every command
    return without_reason(resolved.options.accept)


def _passed(name: str, group: str) -> Case:
    return Case(name=name, group=group, outcome=Outcome.PASSED)


def _wrong(name: str, group: str, error: UsageError) -> Case:
    places = (error.location or Location(path=group),)
    return unjudged(
        name, group, error.message, kind="configuration", locations=places, detail=error.detail
    )


def show(options: ShowOptions, world: World) -> Text:
    """The effective options of the commands, with the source of each."""
    names = _known(options.commands) or tuple(catalog.COMMANDS)
    values = {name: list(_values(name, options, world)) for name in names}
    lines = []
    for name, rows in values.items():
        lines.append(name)
        width = max(len(row["option"]) for row in rows)
        lines += [
            f"  {row['option']:<{width}}  {_shown(row['value'])}  ({row['source']})"
            for row in rows
            if options.verbose or row["source"] != "default"
        ] or ["  all defaults (-v shows them)"]
    return Text("\n".join(lines), values)


def _known(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in catalog.COMMANDS:
            nearest = suggestion(name, catalog.COMMANDS)
            raise UsageError(f"there is no command `{name}`.{nearest}")
    return tuple(names)


def _values(name: str, options: ShowOptions, world: World) -> Iterator[dict[str, Any]]:
    step = catalog.load(name)
    resolved = resolve_options(step, {"config": options.config}, world)
    for one in fields_of(step.options):
        if one.name == "config":
            continue
        yield {
            "option": one.key_name,
            "value": msgspec.to_builtins(getattr(resolved.options, one.name)),
            "source": str(resolved.sources[one.name]),
        }


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def schema(options: SchemaOptions, _world: World) -> Text:
    """A JSON Schema of the catalog."""
    if options.subject not in catalog.SCHEMAS:
        *others, last = (f"`{name}`" for name in catalog.SCHEMAS)
        nearest = suggestion(options.subject, catalog.SCHEMAS)
        raise UsageError(
            f"there is a schema of {', '.join(others)} and {last}, not of `{options.subject}`."
            f"{nearest}"
        )
    document = catalog.load_schema(options.subject)
    return Text(msgspec.json.format(msgspec.json.encode(document), indent=2).decode(), document)


CHECK = Step("config check", CheckOptions, check, judges_configuration=True)
SHOW = Step("config show", ShowOptions, show, gives_text=lambda _options: True)
SCHEMA = Step("schema", SchemaOptions, schema, gives_text=lambda _options: True)
