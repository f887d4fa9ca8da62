"""The Cedar engine, through cedarpy: the only module that calls it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cedarpy
import msgspec
from msgspec import Struct

PolicySet = cedarpy.PolicySet
Schema = cedarpy.Schema
Entities = cedarpy.Entities

_EVALUATION_ERROR = re.compile(r"error while evaluating policy `([^`]*)`: (.*)", re.DOTALL)


class PolicyError(Struct, frozen=True):
    """An error that the engine found in one policy; ``policy`` is its position in the text."""

    policy: int
    message: str


class Answer(Struct, frozen=True):
    """What the engine says to a request.

    ``decision`` is ``ALLOW``, ``DENY``, or empty where the request could not be judged; then
    ``message`` says why. ``reasons`` are the determining policies' engine ids, sorted, and
    ``annotations`` the ``@id`` of those that have one; ``errors`` pairs of engine id and message.
    """

    decision: str
    reasons: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    annotations: Mapping[str, str] = {}
    message: str = ""
    seconds: float = 0.0


def facts() -> dict[str, str]:
    """The engine's name and version, and the binding's, as every report states them."""
    package = Path(cedarpy.__file__).parent
    binding = "unknown"
    for folder in package.parent.glob("cedarpy-*.dist-info"):
        binding = folder.name.removeprefix("cedarpy-").removesuffix(".dist-info")
        bill = folder / "sboms" / "cedarpy.cyclonedx.json"
        if bill.is_file():
            found = re.search(rb"cargo/cedar-policy@([0-9.]+)", bill.read_bytes())
            if found:
                return {
                    "name": "Cedar",
                    "version": found[1].decode(),
                    "binding": f"cedarpy {binding}",
                }
    # cedarpy shares the engine's major and minor version (its README), not the last number.
    shared = ".".join(binding.split(".")[:2])
    return _facts(f"{shared}.x", binding)


def _facts(version: str, binding: str) -> dict[str, str]:
    return {"name": "Cedar", "version": version, "binding": f"cedarpy {binding}"}


def parse_error(text: str) -> str | None:
    """Why this is no policy text, or None when it is."""
    try:
        PolicySet.from_str(text)
    except ValueError as error:
        return str(error)
    return None


def parse_policies(text: str) -> PolicySet | None:
    """Parse policies and templates; their engine ids are ``policy0``, ``policy1``, by position."""
    try:
        return PolicySet.from_str(text)
    except ValueError:
        return None


def format_text(text: str, line_width: int, indent_width: int) -> str:
    """Policies and templates as Cedar's own formatter writes them.

    Raises:
        ValueError: the text does not parse, or the formatter fails on it.
    """
    return cedarpy.format_policies(text, line_width, indent_width)


def render_policy(document: str) -> str:
    """A single static policy in Cedar's JSON format as Cedar text.

    Raises:
        ValueError: it is none.
    """
    policy_set = f'{{"staticPolicies":{{"p":{document}}},"templates":{{}},"templateLinks":[]}}'
    return cedarpy.policies_from_json_str(policy_set)


def policy_documents(text: str) -> dict[str, Any]:
    """Policies and templates in Cedar's JSON format, by engine id.

    Raises:
        ValueError: the text does not parse.
    """
    found: dict[str, Any] = msgspec.json.decode(cedarpy.policies_to_json_str(text))
    return {**found["staticPolicies"], **found["templates"]}


def any_policies(text: str) -> PolicySet:
    """Parse policies in either format, told by the first character.

    Raises:
        ValueError: they do not parse.
    """
    is_json = text.lstrip()[:1] == "{"
    return PolicySet.from_json_str(text) if is_json else PolicySet.from_str(text)


def any_schema(text: str) -> Schema:
    """Parse a schema in either format, told by the first character.

    Raises:
        ValueError: it does not parse.
    """
    return Schema.from_json_str(text) if text.lstrip()[:1] == "{" else Schema.from_str(text)


def validate(text: str, schema: Schema) -> tuple[PolicyError, ...]:
    """The errors of policies measured against a schema.

    Raises:
        ValueError: the text does not parse.
    """
    errors = cedarpy.validate_policies(text, schema).errors
    for error in errors:
        if not error.policy_id:
            raise ValueError(error.error)
    return tuple(PolicyError(position(error.policy_id), error.error) for error in errors)


def validation_messages(text: str, schema: Schema) -> tuple[str, ...]:
    """What the validator says of policies as a whole; nothing where they are valid.

    JSON policies are rendered first: the validator reads Cedar text only.
    """
    if text.lstrip().startswith("{"):
        text = str(PolicySet.from_json_str(text))
    return tuple(str(error) for error in cedarpy.validate_policies(text, schema).errors)


def position(engine_id: str) -> int:
    """The position in the text of the policy with this engine id."""
    return int(engine_id.removeprefix("policy"))


def authorize(
    requests: Sequence[dict[str, Any]],
    policies: PolicySet | str,
    entities: Entities | str,
    schema: Schema | None,
) -> list[Answer]:
    """Ask for many decisions at once; with a schema the requests are validated against it."""
    return [
        _answer(result)
        for result in cedarpy.is_authorized_batch(
            list(requests),
            policies,
            entities,
            schema,
        )
    ]


def decide(
    requests: list[dict[str, Any]], policies: PolicySet, entities: Entities, schema: Schema | None
) -> Iterator[tuple[str, list[str]]]:
    """Only decisions and engine ids of determining policies, in no order: for millions of requests.

    The decision is empty where the request does not fit the schema.
    """
    for result in cedarpy.is_authorized_batch(requests, policies, entities, schema):
        decision = result.decision
        if decision is cedarpy.Decision.NoDecision:
            yield "", []
        else:
            name = "ALLOW" if decision is cedarpy.Decision.Allow else "DENY"
            yield name, result.diagnostics.reasons


def any_entities(text: str, schema: Schema | None) -> tuple[Entities, dict[int, str]]:
    """Entities in Cedar's JSON; of those that do not fit the schema the numbers, and why.

    They are taken without the schema then: as they are, their implicit references unread.

    Raises:
        ValueError: they are no entities, whatever the schema.
    """
    try:
        return Entities.from_json_str(text, schema), {}
    except ValueError:
        if schema is None:
            raise
    documents = msgspec.json.decode(text, type=list[msgspec.Raw])
    wrong: dict[int, str] = {}
    for number, document in enumerate(documents):
        try:
            Entities.from_json_str(f"[{bytes(document).decode()}]", schema)
        except ValueError as error:
            wrong[number] = str(error)
    fitting = [bytes(one).decode() for n, one in enumerate(documents) if n not in wrong]
    others = [bytes(documents[number]).decode() for number in wrong]
    found = Entities.from_json_str(f"[{','.join(fitting)}]", schema)
    return found.with_added_json_str(f"[{','.join(others)}]"), wrong


def _answer(result: cedarpy.AuthzResult) -> Answer:
    diagnostics = result.diagnostics
    errors = diagnostics.errors
    decision = result.decision
    if decision is cedarpy.Decision.NoDecision:
        return Answer("", message="; ".join(errors).removeprefix("failed to build request: "))
    return Answer(
        "ALLOW" if decision is cedarpy.Decision.Allow else "DENY",
        tuple(sorted(diagnostics.reasons)),
        tuple(_evaluation_error(text) for text in errors) if errors else (),
        diagnostics.id_annotations_by_reason,
        seconds=result.metrics.get("authz_duration_micros", 0) / 1e6,
    )


def _evaluation_error(text: str) -> tuple[str, str]:
    found = _EVALUATION_ERROR.match(text)
    return (found[1], found[2]) if found else ("", text)
