"""The effective options of a step: the configuration file found, checked and resolved."""

from collections.abc import Mapping
from typing import Any

from buildsteps import catalog, config
from buildsteps.options import command_key, fields_of
from buildsteps.step import Step
from buildsteps.world import World


def resolve_options(step: Step, flags: Mapping[str, Any], world: World) -> config.Resolved:
    """The effective options of ``step`` with their sources; its own sections are checked.

    Raises:
        UsageError: the configuration or a value in it is wrong.
    """
    file = load_configuration(flags.get("config") or "", world)
    if file is not None:
        config.check_sections(file, catalog.sections())
        check_own_sections(step, file)
    return config.resolve(step.name, step.options, flags, world.environ, file)


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
