"""The parts of SARIF 2.1.0 that a gate needs, as types; what else a scanner writes is passed over.

Names and sections are those of the specification (OASIS, 2.1.0 errata 01). Every property may be
``null``, because scanners write that for what they leave out. Property bags are held loosely: their
values are anybody's.
"""

from typing import Any

from msgspec import Raw, Struct, field


class _Part(Struct, frozen=True, gc=False, rename="camel"):
    """Settings of all types here; trees that no cycle can be in, so none is looked for."""


class Message(_Part, frozen=True, gc=False):
    """A text, or the id of one that the rule has, and what is put into it (3.11)."""

    text: str | None = None
    id: str | None = None
    arguments: list[str] | None = None


class ArtifactLocation(_Part, frozen=True, gc=False):
    """Where a file is: a URI, what that is relative to, or its number in the run (3.4)."""

    uri: str | None = None
    uri_base_id: str | None = None
    index: int | None = None


class Region(_Part, frozen=True, gc=False):
    """A part of a file, by lines and columns from 1; the end column lies after it (3.30)."""

    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: Message | None = None


class PhysicalLocation(_Part, frozen=True, gc=False):
    """A place in a file (3.29)."""

    artifact_location: ArtifactLocation | None = None
    region: Region | None = None
    context_region: Region | None = None


class LogicalLocation(_Part, frozen=True, gc=False):
    """A place by name, such as a function or a package (3.33)."""

    name: str | None = None
    fully_qualified_name: str | None = None


class Location(_Part, frozen=True, gc=False):
    """A place of a result (3.28)."""

    physical_location: PhysicalLocation | None = None
    logical_locations: list[LogicalLocation] | None = None
    message: Message | None = None


class ToolComponentReference(_Part, frozen=True, gc=False):
    """Which part of the tool something belongs to (3.54)."""

    name: str | None = None
    index: int | None = None
    guid: str | None = None


class DescriptorReference(_Part, frozen=True, gc=False):
    """Which rule, notification or class is meant (3.52)."""

    id: str | None = None
    index: int | None = None
    tool_component: ToolComponentReference | None = None


class Suppression(_Part, frozen=True, gc=False):
    """That somebody let a result pass (3.35)."""

    kind: str | None = None
    status: str | None = None
    justification: str | None = None


class Fix(_Part, frozen=True, gc=False):
    """A proposal; its edits are not read (3.55)."""

    description: Message | None = None


class Fingerprints(Struct, frozen=True, gc=False):
    """The only keys of other tools that can tell results apart; see ``identities.py``."""

    primary: Any = field(default=None, name="primaryLocationLineHash")
    context: Any = field(default=None, name="contextHash/v1")
    match: Any = field(default=None, name="matchBasedId/v1")


class Properties(Struct, frozen=True, gc=False):
    """The keys of property bags that tell severity or class (3.8)."""

    security_severity: Any = field(default=None, name="security-severity")
    issue_severity: Any = None
    issue_confidence: Any = None
    zizmor_severity: Any = field(default=None, name="zizmor/severity")
    severity: Any = None
    tags: Any = None
    cwe: Any = None


class Result(_Part, frozen=True, gc=False):
    """One result (3.27)."""

    rule_id: str | None = None
    rule_index: int | None = None
    rule: DescriptorReference | None = None
    kind: str | None = None
    level: str | None = None
    message: Message | None = None
    locations: list[Location] | None = None
    related_locations: list[Location] | None = None
    suppressions: list[Suppression] | None = None
    baseline_state: str | None = None
    fixes: list[Fix] | None = None
    taxa: list[DescriptorReference] | None = None
    fingerprints: Fingerprints | None = None
    partial_fingerprints: Fingerprints | None = None
    properties: Properties | None = None


class Configuration(_Part, frozen=True, gc=False):
    """How a rule is set (3.50)."""

    level: str | None = None


class Relationship(_Part, frozen=True, gc=False):
    """What a rule has to do with a class of another list, such as the CWE (3.53)."""

    target: DescriptorReference | None = None


class Rule(_Part, frozen=True, gc=False):
    """What a tool says of one rule (3.49)."""

    id: str | None = None
    name: str | None = None
    short_description: Message | None = None
    full_description: Message | None = None
    help_uri: str | None = None
    help: Message | None = None
    default_configuration: Configuration | None = None
    message_strings: dict[str, Message] | None = None
    relationships: list[Relationship] | None = None
    properties: Properties | None = None


class Component(_Part, frozen=True, gc=False):
    """The tool's driver, or an extension such as a pack of rules (3.19)."""

    name: str | None = None
    guid: str | None = None
    version: str | None = None
    semantic_version: str | None = None
    rules: list[Rule] | None = None
    global_message_strings: dict[str, Message] | None = None


class Tool(_Part, frozen=True, gc=False):
    """What made the run (3.18)."""

    driver: Component | None = None
    extensions: list[Component] | None = None


class Notification(_Part, frozen=True, gc=False):
    """What a tool has to say of its own running (3.58)."""

    level: str | None = None
    message: Message | None = None
    descriptor: DescriptorReference | None = None
    locations: list[Location] | None = None


class Override(_Part, frozen=True, gc=False):
    """How an invocation set a rule differently (3.51)."""

    descriptor: DescriptorReference | None = None
    configuration: Configuration | None = None


class Invocation(_Part, frozen=True, gc=False):
    """How the tool was started, and how that ended (3.20)."""

    execution_successful: bool | None = None
    exit_code: int | None = None
    exit_code_description: str | None = None
    exit_signal_name: str | None = None
    process_start_failure_message: str | None = None
    working_directory: ArtifactLocation | None = None
    tool_execution_notifications: list[Notification] | None = None
    tool_configuration_notifications: list[Notification] | None = None
    rule_configuration_overrides: list[Override] | None = None


class Artifact(_Part, frozen=True, gc=False):
    """A file that the run has to do with (3.24)."""

    location: ArtifactLocation | None = None
    roles: list[str] | None = None


class ExternalFiles(_Part, frozen=True, gc=False):
    """Parts of a run that stand in other files (3.15); only whether there are results is asked."""

    results: Any = None


class Run(_Part, frozen=True, gc=False):
    """One run of a tool (3.14). Its results are held as they stand, to be read one by one."""

    tool: Tool | None = None
    results: list[Raw] | None = None
    invocations: list[Invocation] | None = None
    artifacts: list[Artifact] | None = None
    original_uri_base_ids: dict[str, ArtifactLocation] | None = None
    column_kind: str | None = None
    external_property_file_references: ExternalFiles | None = None


class Log(Struct, frozen=True, gc=False):
    """A file (3.13). Its runs are held as they stand."""

    version: str | None = None
    runs: list[Raw] | None = None
