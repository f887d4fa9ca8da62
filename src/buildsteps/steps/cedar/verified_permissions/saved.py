"""``--saved``: what the API answered, kept in files, instead of asking it.

A file holds any number of answers, one after the other, as the AWS CLI prints them. Each is known
by its members.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from buildsteps.errors import UsageError, WorldError
from buildsteps.json_document import parse_all
from buildsteps.steps.cedar.verified_permissions.answers import (
    PolicyAnswer,
    SchemaAnswer,
    StoreAnswer,
    TemplateAnswer,
    read,
)
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed
from buildsteps.steps.cedar.verified_permissions.pulling import deployed
from buildsteps.world import World
from buildsteps.yaml_document import Node


class _Answers(Struct):
    """What was read so far; of what stands twice the last counts."""

    store: StoreAnswer | None = None
    schema: str = ""
    policies: dict[str, PolicyAnswer] = field(default_factory=dict)
    templates: dict[str, TemplateAnswer] = field(default_factory=dict)


def read_saved(files: Sequence[str], world: World) -> Deployed:
    """Put a policy store together from saved answers.

    Raises:
        UsageError: a file is not there, or holds something else; with the place.
    """
    found = _Answers()
    for name in files:
        path = world.path(name)
        shown = world.shown(path)
        for node in parse_all(world.files.read_text(path), shown):
            _take(node, found)
    if found.store is None:
        raise UsageError(f"--saved {' '.join(files)} has no answer of GetPolicyStore")
    return deployed(found.store, found.schema, found.policies.values(), found.templates.values())


def _take(node: Node, found: _Answers) -> None:
    value = node.plain()
    members = value.keys() if isinstance(value, dict) else ()
    take = next((take for member, take in _BY_MEMBER if member in members), None)
    if take is None:
        raise UsageError(
            "is no answer of GetPolicyStore, GetSchema, GetPolicy, BatchGetPolicy or"
            " GetPolicyTemplate",
            node.location,
        )
    try:
        take(value, found)
    except WorldError as error:
        raise UsageError(error.message, node.location) from None


def _store(value: Any, found: _Answers) -> None:
    found.store = read(value, StoreAnswer, "GetPolicyStore")


def _schema(value: Any, found: _Answers) -> None:
    found.schema = read(value, SchemaAnswer, "GetSchema").schema


def _batch(value: Any, found: _Answers) -> None:
    for one in read(value["results"], list[PolicyAnswer], "BatchGetPolicy"):
        found.policies[one.policy_id] = one


def _policy(value: Any, found: _Answers) -> None:
    one = read(value, PolicyAnswer, "GetPolicy")
    found.policies[one.policy_id] = one


def _template(value: Any, found: _Answers) -> None:
    one = read(value, TemplateAnswer, "GetPolicyTemplate")
    found.templates[one.policy_template_id] = one


_BY_MEMBER: Sequence[tuple[str, Callable[[Any, _Answers], None]]] = (
    ("validationSettings", _store),
    ("schema", _schema),
    ("results", _batch),
    ("definition", _policy),
    ("statement", _template),
)
