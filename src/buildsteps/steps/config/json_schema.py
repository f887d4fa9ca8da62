"""The JSON Schema of ``buildsteps.yaml``, from the same declarations that read it."""

from typing import Any

import msgspec

from buildsteps import catalog, config
from buildsteps.options import OptionField, command_key, fields_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def configuration_schema() -> dict[str, Any]:
    """One property for each section; unknown keys are refused but for those that begin ``x-``."""
    definitions: dict[str, Any] = {}
    sections: dict[str, dict[str, Any]] = {}
    for name in catalog.COMMANDS:
        for field in fields_of(catalog.load(name).options):
            if field.info.in_file:
                place = config.place_of(name, field)
                target = sections.setdefault(place[0], {}) if len(place) > 1 else sections
                target[place[-1]] = _property(field, definitions)
    properties = {
        name: _section(content, _about(name))
        if "$ref" not in content and "type" not in content
        else content
        for name, content in sorted(sections.items())
    }
    return {
        "$schema": _DIALECT,
        "title": config.FILE_NAME,
        **_section(properties, "Configuration of buildsteps."),
        "$defs": definitions,
    }


def _about(section: str) -> str:
    if section in catalog.SHARED_SECTIONS:
        return "What several commands share."
    return next(
        entry.help for name, entry in catalog.COMMANDS.items() if command_key(name) == section
    )


def _section(properties: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "description": description,
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }


def _property(field: OptionField, definitions: dict[str, Any]) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components(
        [field.type], ref_template="#/$defs/{name}"
    )
    definitions.update(components)
    default = msgspec.to_builtins(field.default)
    return {**schema, "description": field.info.help, "default": default}
