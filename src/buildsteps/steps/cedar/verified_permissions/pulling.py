"""A whole policy store, read as it was at one moment.

Nothing of the API gives that, so what the store lists is asked for before and after: where the two
agree, with the moments of the last changes, it was the same in between, too.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from buildsteps.steps.cedar.verified_permissions.answers import (
    Linked,
    PolicyAnswer,
    Static,
    StoreAnswer,
    TemplateAnswer,
)
from buildsteps.steps.cedar.verified_permissions.api import THREADS, Api
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed, DeployedPolicy
from buildsteps.steps.cedar.verified_permissions.limits import POLICIES_A_CALL
from buildsteps.world.aws import AwsError
from buildsteps.world.concurrency import threaded_map

_ROUNDS = 4
_NAME = "name/"

Moments = Mapping[str, datetime]


class _Listing(Struct, frozen=True):
    """What the store says that it holds: its schema, and by id when each part last changed."""

    schema: str
    policies: Moments
    templates: Moments


class _Fetched(Struct):
    """What was read so far, by id."""

    policies: dict[str, PolicyAnswer] = field(default_factory=dict)
    templates: dict[str, TemplateAnswer] = field(default_factory=dict)


def pull(api: Api) -> Deployed:
    """Read schema, policies, templates and links; what changes meanwhile is read again.

    Raises:
        WorldError: AWS failed, or the store changes faster than it can be read.
    """
    fetched = _Fetched()
    before = _listing(api)
    for _ in range(_ROUNDS):
        _fetch(before, fetched, api)
        after = _listing(api)
        if after == before and not _stale(after, fetched):
            return deployed(
                api.store,
                after.schema,
                [fetched.policies[name] for name in after.policies],
                [fetched.templates[name] for name in after.templates],
            )
        before = after
    raise AwsError(
        f"the policy store {api.id} changed each of the {_ROUNDS} times that it was read;"
        " try again when nobody works on it"
    )


def _listing(api: Api) -> _Listing:
    asked: list[Callable[[], Any]] = [api.schema, api.listed, api.listed_templates]
    schema, policies, templates = threaded_map(lambda ask: ask(), asked, THREADS)
    return _Listing(
        schema.schema if schema else "",
        {one.policy_id: one.last_updated_date for one in policies},
        {one.policy_template_id: one.last_updated_date for one in templates},
    )


def _fetch(listing: _Listing, fetched: _Fetched, api: Api) -> None:
    wanted = _outdated(listing.policies, fetched.policies)
    starts = range(0, len(wanted), POLICIES_A_CALL)
    batches = [wanted[start : start + POLICIES_A_CALL] for start in starts]
    for found in threaded_map(api.policies, batches, THREADS):
        fetched.policies |= {one.policy_id: one for one in found}
    templates = _outdated(listing.templates, fetched.templates)
    for template in threaded_map(api.template, templates, THREADS):
        if template is not None:
            fetched.templates[template.policy_template_id] = template


def _outdated(
    listed: Moments, fetched: Mapping[str, PolicyAnswer] | Mapping[str, TemplateAnswer]
) -> list[str]:
    """The ids of what we do not have as the listing says that it is."""
    return [
        name
        for name, moment in listed.items()
        if name not in fetched or fetched[name].last_updated_date != moment
    ]


def _stale(listing: _Listing, fetched: _Fetched) -> bool:
    return bool(
        _outdated(listing.policies, fetched.policies)
        or _outdated(listing.templates, fetched.templates)
    )


def deployed(
    store: StoreAnswer,
    schema: str,
    policies: Iterable[PolicyAnswer],
    templates: Iterable[TemplateAnswer],
) -> Deployed:
    """Put answers of the API together."""
    held = list(policies)
    return Deployed(
        id=store.policy_store_id,
        arn=store.arn,
        mode=store.validation_settings.mode,
        cedar_version=store.cedar_version,
        schema=schema,
        policies=tuple(_policy(one, static) for one in held if (static := one.definition.static)),
        templates=tuple(_template(one) for one in templates),
        links=tuple(
            _link(one, linked) for one in held if (linked := one.definition.template_linked)
        ),
    )


def _policy(one: PolicyAnswer, static: Static) -> DeployedPolicy:
    return DeployedPolicy(
        id=one.policy_id,
        text=static.statement,
        name=one.name.removeprefix(_NAME),
        description=static.description,
    )


def _link(one: PolicyAnswer, linked: Linked) -> DeployedPolicy:
    return DeployedPolicy(
        id=one.policy_id,
        name=one.name.removeprefix(_NAME),
        template=linked.policy_template_id,
        values=_values(linked),
    )


def _template(one: TemplateAnswer) -> DeployedPolicy:
    return DeployedPolicy(
        id=one.policy_template_id,
        text=one.statement,
        name=one.name.removeprefix(_NAME),
        description=one.description,
    )


def _values(linked: Linked) -> dict[str, str]:
    slots = {"?principal": linked.principal, "?resource": linked.resource}
    return {slot: entity.uid for slot, entity in slots.items() if entity}
