"""What a deployed policy is called here: its ``@id``, else a name that somebody gave it."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from buildsteps.steps.cedar.text.syntax import quoted, split
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed, DeployedPolicy

_UNSAFE = re.compile(r"[^\w .+-]+")
_LONGEST = 100
_ID = re.compile(r"@\s*id\s*\(\s*\"(?:[^\"\\]|\\.)*\"\s*\)|@\s*id\b")


class Named(Struct, frozen=True, kw_only=True):
    """A deployed policy with the id that it has here, the file it stands in, and its text there.

    The text is the deployed one, but for an ``@id`` where the id would not come out otherwise.
    """

    id: str
    file: str
    text: str
    policy: DeployedPolicy


def own_id(text: str) -> str | None:
    """The ``@id`` of a policy."""
    statements = split(text)
    return statements[0].id_annotation if statements else None


def title(policy: DeployedPolicy) -> str:
    """What the store calls a policy: ``@id``, name, description, or the service's own id."""
    return own_id(policy.text) or policy.name or policy.description or policy.id


def named(
    policies: Iterable[DeployedPolicy], known_as: Mapping[str, str] | None = None
) -> list[Named]:
    """Give each policy an id and a file of its own.

    ``known_as`` has the ids of policies and links, by the service's, that go by another name here.
    An id that stands twice gets the service's id behind it, for links name templates by it.
    """
    found: list[Named] = []
    ids = _Ids(known_as or {})
    files: set[str] = set()
    for one in policies:
        name = ids.of(one)
        stem = _stem(name) or one.id
        stem = f"{stem} ({one.id})" if stem.casefold() in files else stem
        files.add(stem.casefold())
        text = one.text if (own_id(one.text) or stem) == name else with_id(one.text, name)
        found.append(Named(id=name, file=f"{stem}.cedar", text=text, policy=one))
    return found


def link_ids(
    deployed: Deployed, policies: Iterable[Named], known_as: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The ids of the store's links here, by the service's; none is that of one of ``policies``."""
    ids = _Ids(known_as or {}, {one.id for one in policies})
    return {one.id: ids.of(one) for one in deployed.links}


class _Ids:
    """Gives each policy an id that no other has; those that are known go first."""

    def __init__(self, known_as: Mapping[str, str], taken: Iterable[str] = ()) -> None:
        self._known_as = known_as
        self._reserved = frozenset(known_as.values())
        self._taken = set(taken)

    def of(self, policy: DeployedPolicy) -> str:
        known = self._known_as.get(policy.id)
        name = known or title(policy)
        if name in self._taken or (not known and name in self._reserved):
            name = f"{name} ({policy.id})"
        self._taken.add(name)
        return name


def with_id(text: str, name: str) -> str:
    """The policy with this ``@id``, in place of the one that it has."""
    statements = split(text)
    if not statements:
        return text
    start = statements[0].start
    annotation = f"@id({quoted(name)})"
    if statements[0].id_annotation is None:
        return f"{text[:start]}{annotation}\n{text[start:]}"
    place = _ID.search(text, start)
    return text if place is None else text[: place.start()] + annotation + text[place.end() :]


def _stem(name: str) -> str:
    """A file's name that any system takes, and that is no other file of a store."""
    return _UNSAFE.sub("-", name)[:_LONGEST].strip(" .-")
