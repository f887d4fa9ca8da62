"""Suites made at random: right ones, and ones with a mistake at any depth."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

POLICIES = {
    "open": 'permit(principal, action == Action::"read", resource) when { resource.open };',
    "owner": "permit(principal, action, resource) when { resource.owner == principal };",
    "team": 'permit(principal in T::"t", action, resource) when { context.mfa };',
    "tagged": 'forbid(principal, action, resource) when { resource.getTag("x") == "no" };',
}
SCHEMALESS = "\n".join(f'@id("{name}") {text}' for name, text in POLICIES.items())
UIDS = {
    "ann": 'U::"ann"',
    "bob": 'U::"bob"',
    "read": 'Action::"read"',
    "edit": 'Action::"edit"',
    "doc": 'D::"doc"',
    "note": 'D::"note"',
    "team": 'T::"t"',
}
FILE_ENTITIES: list[dict[str, Any]] = [
    {"uid": {"type": "U", "id": "ann"}, "attrs": {}, "parents": [{"type": "T", "id": "t"}]},
    {"uid": {"type": "U", "id": "bob"}, "attrs": {}, "parents": []},
    {
        "uid": {"type": "D", "id": "doc"},
        "attrs": {"open": True, "owner": {"__entity": {"type": "U", "id": "ann"}}},
        "parents": [],
        "tags": {"x": "yes"},
    },
]


def words(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*names, *(UIDS[name] for name in names)])


principals, actions, resources = words("ann", "bob"), words("read", "edit"), words("doc", "note")
contexts = st.none() | st.fixed_dictionaries({}, optional={"mfa": st.booleans()})
reasons = st.lists(st.sampled_from([*POLICIES]), max_size=2)
texts = st.text("ab #:é'", max_size=4)


def entity(uids: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    owner = st.sampled_from(["ann", "bob"]).map(lambda n: {"__entity": {"type": "U", "id": n}})
    attributes = st.fixed_dictionaries({}, optional={"open": st.booleans(), "owner": owner})
    tags = st.fixed_dictionaries({}, optional={"x": st.sampled_from(["yes", "no"])})
    given = {"attrs": attributes, "parents": st.lists(words("team"), max_size=1), "tags": tags}
    return st.fixed_dictionaries({"uid": uids}, optional=given)


entities = st.lists(
    entity(principals | resources | st.just({"type": "D", "id": "note"})), max_size=2
)


def with_defaults(members: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(members, optional=optional)


singles = with_defaults(
    {"decision": st.sampled_from(["allow", "deny"])},
    principal=principals,
    action=actions,
    resource=resources,
    name=texts,
    context=contexts,
    reasons=st.none() | reasons,
    reasons_include=st.none() | reasons,
    errors=st.none() | st.integers(0, 2) | reasons,
    entities=entities,
    skip=st.sampled_from(["", "not yet"]),
)


@st.composite
def matrices(draw: st.DrawFn) -> dict[str, Any]:
    axes = [draw(st.lists(one, min_size=1, max_size=2)) for one in (principals, actions, resources)]
    chosen = [
        st.just("*") | st.sampled_from(axis) | st.lists(st.sampled_from(axis)) for axis in axes
    ]
    cells = with_defaults({}, principal=chosen[0], action=chosen[1], resource=chosen[2])
    rest = with_defaults(
        {}, allow=st.lists(cells, max_size=2), name=texts, context=contexts, entities=entities
    )
    return {"principals": axes[0], "actions": axes[1], "resources": axes[2], **draw(rest)}


@st.composite
def suites(draw: st.DrawFn) -> dict[str, Any]:
    """A suite that is right in every way, and holds a test."""
    defaults = {"principal": principals, "action": actions, "resource": resources}
    document = {
        "names": UIDS,
        "defaults": draw(with_defaults(defaults, context=contexts)),
        **draw(with_defaults({}, name=texts, entities=entities, **{"$schema": texts})),
        "tests": draw(st.lists(singles, max_size=3)),
        "matrix": draw(st.lists(matrices(), max_size=2)),
    }
    if not document["tests"] and not document["matrix"]:
        document["tests"] = [draw(singles)]
    return document


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(-9, 9).map(lambda number: number / 2)
    | st.sampled_from(["", "*", "ann", 'U::"ann"', 'U::"\\u{110000}"', '::"', "2027-01-01", "<<"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["uid", "decision", "allow", "x", "$schema"]), inner)
    ),
    max_leaves=4,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place below the top, as keys and positions."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in inner:
        yield (*at, key)
        if isinstance(member, dict | list):
            yield from places(member, (*at, key))


@st.composite
def near_suites(draw: st.DrawFn) -> Any:
    """A suite in which up to two places, at any depth, are changed, removed or added to."""
    document: Any = copy.deepcopy(draw(suites()))
    for _ in range(draw(st.integers(0, 2))):
        found = [*places(document)]
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        part = document
        for key in path:
            part = part[key]
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            del part[last]
        elif change == "add" and isinstance(part, dict):
            part[draw(st.sampled_from(["decison", "context", "errors", "names"]))] = draw(junk)
        else:
            part[last] = draw(junk)
    return document
