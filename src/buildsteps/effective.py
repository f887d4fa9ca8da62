"""The effective options of a step: the configuration file found, checked and resolved."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from buildsteps import catalog, config
from buildsteps.errors import UsageError
from buildsteps.options import CommonOptions, command_key, fields_of
from buildsteps.step import Step
from buildsteps.world import World


def resolve_options(step: Step, flags: Mapping[str, Any], world: World) -> config.Resolved:
    """The effective options of ``step`` with their sources; its own sections are checked.

    Raises:
        UsageError: the configuration or a value in it is wrong.
    """
    file = load_configuration(_named(step.name, flags, world), world)
    if file is not None:
        config.check_sections(file, catalog.sections())
        check_own_sections(step, file)
    return config.resolve(step.name, step.options, flags, world.environ, file)


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


def check_own_sections(step: Step, file: config.ConfigFile) -> None:
    """Check the keys of the sections that ``step`` reads.

    Raises:
        UsageError: a key that is not known.
    """
    keys: dict[str, set[str]] = {command_key(step.name): set()}
    for field in fields_of(step.options):
        place = config.place_of(step.name, field)
        if field.info.in_file and len(place) > 1:
            keys.setdefault(place[0], set()).add(place[1])
    for section, known in keys.items():
        shared = section in catalog.SHARED_SECTIONS

        def everything(section: str = section) -> frozenset[str]:
            return catalog.shared_keys(section)

        config.check_section(file, section, known, everything if shared else None)
