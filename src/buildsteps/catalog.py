"""The table of commands: its name, where its step is declared, one line of help.

A name with a space is a command in a group. Adding a command is adding a line here; nothing is
imported until the command runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

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
    "cedar-diff": Entry(
        "buildsteps.steps.cedar.command:DIFF",
        "What does this change of policies decide differently?",
    ),
    "cedar-lint": Entry(
        "buildsteps.steps.cedar.command:LINT",
        "Which policies are valid, and look wrong?",
    ),
    "sign": Entry(
        "buildsteps.steps.signing.command:SIGN",
        "Sign images by digest, once, and verify the signatures.",
    ),
    "verify": Entry(
        "buildsteps.steps.signing.command:VERIFY",
        "Is every image signed by us, and only by us?",
    ),
    "loadtest": Entry(
        "buildsteps.steps.loadtest.command:LOADTEST",
        "Does the service hold the load, and is it no slower than before?",
    ),
    "scan": Entry(
        "buildsteps.steps.scan.command:SCAN",
        "Does the code add a finding that we do not accept?",
    ),
    "codeguru-scan": Entry(
        "buildsteps.steps.scan.command:CODEGURU_SCAN",
        "The same with --engine codeguru, a service that AWS has ended.",
    ),
    "notation install": Entry(
        "buildsteps.steps.signing.installing.command:INSTALL",
        "Install notation in a pinned version, its checksum checked; say what is there.",
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
    "notation": "The program that signs and verifies images.",
    "signatures": "Signatures of container images, as their registry stores them.",
    "config": "The configuration of this repository.",
}

SCHEMAS = {
    "config": "buildsteps.steps.config.json_schema:configuration_schema",
    "report": "buildsteps.reporting.json:schema",
    "cedar-suite": "buildsteps.steps.cedar.trials.suite_format:json_schema",
}
"""The JSON Schemas that ``schema`` prints: ``module:function``, imported when one is asked for."""

SHARED_SECTIONS = frozenset({"accept", "cedar", "signing"})
"""Sections of ``buildsteps.yaml`` that no single command owns."""


def load(name: str) -> "Step":
    """The step of command ``name``, imported now."""
    step: Step = _imported(COMMANDS[name].target)
    return step


def load_schema(name: str) -> dict[str, Any]:
    """The JSON Schema called ``name``, made now."""
    document: dict[str, Any] = _imported(SCHEMAS[name])()
    return document


def _imported(target: str) -> Any:
    module, attribute = target.split(":")
    return getattr(import_module(module), attribute)


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
