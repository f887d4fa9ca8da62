"""Authorization requests as JSON files hold them, checked for form before the engine sees them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.source import SourceText
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.text.entity_uids import for_engine

_UIDS = ("principal", "action", "resource")
_KEYS = (*_UIDS, "context")


class Request(Struct, frozen=True, kw_only=True):
    """What the engine is asked. The uids are Cedar text or ``{"type", "id"}`` objects."""

    principal: Any
    action: Any
    resource: Any
    context: Mapping[str, Any]
    unknown_keys: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """The request as cedarpy takes it."""
        return {
            "principal": for_engine(self.principal),
            "action": for_engine(self.action),
            "resource": for_engine(self.resource),
            "context": self.context,
        }

    @property
    def principal_uid(self) -> tuple[str, str]:
        """Type and id of the principal."""
        return uid_pair(self.principal)

    @property
    def resource_uid(self) -> tuple[str, str]:
        """Type and id of the resource."""
        return uid_pair(self.resource)

    def __str__(self) -> str:
        return "  ".join(shown(uid) for uid in (self.principal, self.action, self.resource))


def shown(uid: Any) -> str:
    """An entity uid as Cedar writes it."""
    return uid if isinstance(uid, str) else f'{uid["type"]}::"{uid["id"]}"'


def uid_pair(uid: Any) -> tuple[str, str]:
    """Type and id of an entity uid in either form."""
    if not isinstance(uid, str):
        return uid["type"], uid["id"]
    kind, _, name = uid.partition('::"')
    name = name.removesuffix('"')
    if "\\" in name:
        from buildsteps.steps.cedar.text.syntax import unescape

        name = unescape(f'"{name}"')
    return kind, name


def type_of(uid: Any) -> str:
    """The entity type of a uid."""
    return uid_pair(uid)[0]


def parse_request(source: SourceText) -> Request:
    """The request in a JSON file.

    Raises:
        UsageError: not JSON, or not of a request's form; says which key.
    """
    document = json_text.decode(source)
    if not isinstance(document, dict):
        raise UsageError("expected an object with a request", source.location(0))
    return request_of(document, source)


def request_of(document: Mapping[str, Any], source: SourceText) -> Request:
    """The request that an object holds.

    Raises:
        UsageError: a key is missing or has the wrong form.
    """
    uids = {key: _uid(document, key, source) for key in _UIDS}
    context = document.get("context")
    if context is not None and not isinstance(context, dict):
        raise UsageError("the key `context` must be an object", _place(source, "context"))
    unknown = tuple(key for key in document if key not in _KEYS)
    return Request(**uids, context=context or {}, unknown_keys=unknown)


def _uid(document: Mapping[str, Any], key: str, source: SourceText) -> Any:
    if key not in document:
        mistyped = [one for one in document if one not in _KEYS]
        nearest = next((f" Is it `{one}`?" for one in mistyped if suggestion(one, (key,))), "")
        raise UsageError(f"the key `{key}` is missing.{nearest}", source.location(0))
    uid = document[key]
    if isinstance(uid, dict) and isinstance(uid.get("__entity"), dict):
        uid = uid["__entity"]
    if isinstance(uid, dict) and all(isinstance(uid.get(part), str) for part in ("type", "id")):
        return {"type": uid["type"], "id": uid["id"]}
    if isinstance(uid, str):
        return uid
    raise UsageError(
        f'the key `{key}` must be an entity uid such as `User::"alice"`', _place(source, key)
    )


def _place(source: SourceText, key: str) -> Any:
    return source.location(max(source.text.find(f'"{key}"'), 0))
