"""The effective options of a step: the configuration file found, checked and resolved."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from buildsteps import catalog, config
from buildsteps.errors import UsageError, raise_together
from buildsteps.options import CommonOptions, command_key, fields_of
from buildsteps.step import Step
from buildsteps.world import World


def resolve_options(step: Step, flags: Mapping[str, Any], world: World) -> config.Resolved:
    """The effective options of ``step`` with their sources; its own sections are checked.

    Raises:
        UsageError: the configuration or values in it are wrong; tells all mistakes.
    """
    try:
        file = load_configuration(_named(step.name, flags, world), world)
        if file is not None:
            config.check_sections(file, catalog.sections())
        return resolve_in(file, step, flags, world)
    except UsageError:
        if not step.judges_configuration:
            raise
        return config.resolve(step.name, step.options, flags, world.environ, None)


def resolve_in(
    file: config.ConfigFile | None, step: Step, flags: Mapping[str, Any], world: World
) -> config.Resolved:
    """The effective options of ``step`` where ``file`` is the configuration file.

    Raises:
        UsageError: keys of its sections or values are wrong; tells all mistakes.
    """
    mistakes = _mistakes_in_sections(step, file) if file is not None else []
    try:
        resolved = config.resolve(step.name, step.options, flags, world.environ, file)
    except UsageError as error:
        mistakes.append(error)
    raise_together(mistakes)
    return resolved


def options_where_all_is_wrong(
    command: str, flags: Mapping[str, Any], world: World
) -> CommonOptions:
    """The common options as far as they can be told, for the report of a call that is wrong."""
    file = None
    with suppress(UsageError):
        file = load_configuration(_named(command, flags, world), world)
    return config.resolve_what_can_be(command, CommonOptions, flags, world.environ, file)


def _named(command: str, flags: Mapping[str, Any], world: World) -> str:
    """The file that ``--config`` or its environment variable names; it cannot name itself."""
    return flags.get("config") or world.environ.get(config.variable_of(command, "config")) or ""


def load_configuration(explicit: str, world: World) -> config.ConfigFile | None:
    """The configuration file named by ``--config``, else the nearest one, else None."""
    path = world.path(explicit) if explicit else config.find_file(world.cwd, world.environ)
    return None if path is None else config.load(path, world.files)


def _mistakes_in_sections(step: Step, file: config.ConfigFile) -> list[UsageError]:
    """What is wrong with the keys of the sections that ``step`` reads."""
    mistakes: list[UsageError] = []
    keys: dict[str, set[str]] = {command_key(step.name): set()}
    for field in fields_of(step.options):
        place = config.place_of(step.name, field)
        if field.info.in_file and len(place) > 1:
            keys.setdefault(place[0], set()).add(place[1])
    for section, known in keys.items():
        shared = section in catalog.SHARED_SECTIONS

        def everything(section: str = section) -> frozenset[str]:
            return catalog.shared_keys(section)

        try:
            config.check_section(file, section, known, everything if shared else None)
        except UsageError as error:
            mistakes.append(error)
    return mistakes
