"""The table of commands: its name, where its step is declared, one line of help.

A name with a space is a command in a group. Adding a command is adding a line here; nothing is
imported until the command runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from buildsteps.step import Step


class Entry(NamedTuple):
    """One command: ``target`` is ``module:attribute`` of its :class:`~buildsteps.step.Step`."""

    target: str
    help: str


COMMANDS = {
    "cedar-validate": Entry(
        "buildsteps.steps.cedar.command:VALIDATE",
        "Are these Cedar policies valid, and do they decide as the tests say?",
    ),
    "cedar-format": Entry(
        "buildsteps.steps.cedar.command:FORMAT",
        "Format Cedar policies the way Cedar's own formatter does, comments kept.",
    ),
    "signatures list": Entry(
        "buildsteps.steps.signing.signatures.command:LIST",
        "Which signatures are stored for these images?",
    ),
    "signatures delete": Entry(
        "buildsteps.steps.signing.signatures.command:DELETE",
        "Delete signatures from the registry, or revoke them by AWS Signer.",
    ),
    "config check": Entry("buildsteps.steps.config.command:CHECK", "Check all of buildsteps.yaml."),
    "config show": Entry(
        "buildsteps.steps.config.command:SHOW", "Show effective values and their sources."
    ),
    "schema": Entry("buildsteps.steps.config.command:SCHEMA", "Print a JSON Schema, for editors."),
}

GROUPS = {
    "signatures": "Signatures of container images, as their registry stores them.",
    "config": "The configuration of this repository.",
}

SHARED_SECTIONS = frozenset({"accept", "cedar"})
"""Sections of ``buildsteps.yaml`` that no single command owns."""


def load(name: str) -> "Step":
    """The step of command ``name``, imported now."""
    module, attribute = COMMANDS[name].target.split(":")
    step: Step = getattr(import_module(module), attribute)
    return step


def sections() -> frozenset[str]:
    """The names that a section of ``buildsteps.yaml`` may have."""
    from buildsteps.options import command_key

    return frozenset(command_key(name) for name in COMMANDS) | SHARED_SECTIONS


def shared_keys(section: str) -> frozenset[str]:
    """All keys that any command declares in a shared section; imports every command."""
    from buildsteps.options import fields_of

    return frozenset(
        field.info.key[1]
        for name in COMMANDS
        for field in fields_of(load(name).options)
        if len(field.info.key) > 1 and field.info.key[0] == section
    )
