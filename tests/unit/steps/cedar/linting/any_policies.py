"""Any policies, requests and entities of a small world, where much errs and much is alike."""

from typing import Any

from hypothesis import strategies as st

UIDS = ['User::"a"', 'User::"b"', 'Group::"g"', 'Photo::"p"', 'Action::"view"', 'Action::"edit"']
_users = st.sampled_from(UIDS[:2])
_actions = st.sampled_from(UIDS[4:])

_principals = st.one_of(
    st.just("principal"),
    _users.map("principal == {}".format),
    st.just('principal in Group::"g"'),
    st.just("principal is User"),
    st.just('principal is User in Group::"g"'),
)
_actions_of_scope = st.one_of(
    st.just("action"),
    _actions.map("action == {}".format),
    _actions.map("action in {}".format),
    st.lists(_actions, max_size=2).map(lambda uids: f"action in [{', '.join(uids)}]"),
)
_resources = st.sampled_from(
    ["resource", 'resource == Photo::"p"', "resource is Photo", 'resource in Photo::"p"']
)
_atoms = st.one_of(
    st.sampled_from(
        [
            "true",
            "false",
            "principal.on",
            "principal has on",
            "context.mfa",
            "resource.owner == principal",
            "principal == resource.owner",
            'principal == User::"a"',
            'User::"a" == principal',
            'principal != User::"a"',
            'principal in Group::"g"',
            'principal in [Group::"g", User::"b"]',
            'principal in [User::"b", Group::"g"]',
            "principal is Photo",
            'principal is User in Group::"g"',
            "principal.on == 1",
            "principal == resource",
            "[1, 2].contains(2)",
            "[2, 1, 2].contains(2)",
        ]
    )
)
_expressions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(
            lambda three: f"({three[0]} {three[1]} {three[2]})"
        ),
        inner.map("!({})".format),
        st.tuples(inner, inner, inner).map(
            lambda three: f"(if {three[0]} then {three[1]} else {three[2]})"
        ),
    ),
    max_leaves=4,
)
_conditions = st.lists(
    st.tuples(st.sampled_from(["when", "unless"]), _expressions).map(
        lambda two: f" {two[0]} {{ {two[1]} }}"
    ),
    max_size=3,
).map("".join)


@st.composite
def policies(draw: st.DrawFn) -> str:
    """The text of a policy."""
    effect = draw(st.sampled_from(["permit", "forbid"]))
    scope = ", ".join(draw(part) for part in (_principals, _actions_of_scope, _resources))
    return f"{effect}({scope}){draw(_conditions)};"


def _entity(kind: str, name: str, attributes: dict[str, Any], groups: list[str]) -> dict[str, Any]:
    parents = [{"type": "Group", "id": group} for group in groups]
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": parents}


@st.composite
def entities(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two users and a photo, any of whose attributes may be missing."""
    values = st.dictionaries(st.just("on"), st.booleans() | st.just(1))
    owners = st.dictionaries(
        st.just("owner"),
        st.sampled_from("ab").map(lambda name: {"__entity": {"type": "User", "id": name}}),
    )
    groups = st.lists(st.just("g"), max_size=1)
    return [
        _entity("User", "a", draw(values), draw(groups)),
        _entity("User", "b", draw(values), draw(groups)),
        _entity("Photo", "p", draw(owners), []),
    ]


def requests() -> list[dict[str, Any]]:
    """Every request of this world."""
    return [
        {"principal": user, "action": action, "resource": 'Photo::"p"', "context": context}
        for user in UIDS[:2]
        for action in UIDS[4:]
        for context in ({}, {"mfa": True}, {"mfa": False})
    ]
