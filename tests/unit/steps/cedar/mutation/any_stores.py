"""Policy stores made at random: permits and forbids, templates and links, conditions that fail."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from buildsteps.steps.cedar.policies.checks import Validated, validate_store
from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store
from buildsteps.steps.cedar.stores.store import Store
from tests.world_double import fake_world

SCHEMA = """entity G;
entity U in [G] { level: Long, name?: String, boss: U };
entity F;
entity D in [F] { owner: U, tags: Set<String>, size: Long, day: datetime } tags String;
action read, edit appliesTo { principal: U, resource: D,
  context: { mfa: Bool, ip: ipaddr, rate: decimal, n?: Long } };
"""
U, D = ("a", "b"), ("d", "e")
ENTITIES: list[dict[str, Any]] = [
    {
        "uid": {"type": "U", "id": "a"},
        "attrs": {"level": 3, "name": "x*y", "boss": {"__entity": {"type": "U", "id": "b"}}},
        "parents": [{"type": "G", "id": "g"}],
    },
    {
        "uid": {"type": "U", "id": "b"},
        "attrs": {"level": 4, "boss": {"__entity": {"type": "U", "id": "b"}}},
        "parents": [],
    },
    {
        "uid": {"type": "D", "id": "d"},
        "attrs": {
            "owner": {"__entity": {"type": "U", "id": "a"}},
            "tags": ["p", "q"],
            "size": 9223372036854775807,
            "day": {"__extn": {"fn": "datetime", "arg": "2026-01-01"}},
        },
        "parents": [{"type": "F", "id": "f"}],
        "tags": {"k": "v"},
    },
    {
        "uid": {"type": "D", "id": "e"},
        "attrs": {
            "owner": {"__entity": {"type": "U", "id": "b"}},
            "tags": [],
            "size": 2,
            "day": {"__extn": {"fn": "datetime", "arg": "2026-02-01T00:00:00Z"}},
        },
        "parents": [],
    },
]
CONTEXTS = [
    {
        "mfa": mfa,
        "ip": {"__extn": {"fn": "ip", "arg": address}},
        "rate": {"__extn": {"fn": "decimal", "arg": rate}},
        **rest,
    }
    for mfa, address, rate, rest in (
        (True, "10.0.0.1", "0.5", {}),
        (False, "10.0.0.0", "0.4999", {"n": -1}),
        (True, "192.0.2.1", "2.0", {"n": 3}),
    )
]
REQUESTS = [
    {
        "principal": {"type": "U", "id": principal},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "D", "id": resource},
        "context": context,
    }
    for principal in U
    for action in ("read", "edit")
    for resource in D
    for context in CONTEXTS
]

PRINCIPALS = (
    "principal",
    'principal == U::"a"',
    'principal in G::"g"',
    "principal is U",
    'principal is U in G::"g"',
)
ACTIONS = ("action", 'action == Action::"read"', 'action in [Action::"read", Action::"edit"]')
RESOURCES = ("resource", 'resource in F::"f"', 'resource == D::"d"', "resource is D")
SLOTTED = ("principal == ?principal", "principal in ?principal", "principal is U in ?principal")

leaves = st.sampled_from(
    [
        "context.mfa",
        "principal.level > 3",
        "principal.level - 1 == 3",
        "resource.size + 1 > 0",  # overflows for one of the documents
        "-principal.level * 2 < -7",
        "principal == resource.owner",
        'resource.owner in G::"g"',
        'principal in [G::"g", U::"b"]',
        'principal is U in G::"g"',
        "principal has name",
        'principal has name && principal.name like "x\\*y*"',
        "principal.boss.boss.level >= 4",
        'resource.tags.contains("p")',
        'resource.tags.containsAll(["p", "r"])',
        'resource.tags.containsAny(["q", "r"])',
        "resource.tags.isEmpty()",
        'resource.hasTag("k") && resource.getTag("k") == "v"',
        'context.ip.isInRange(ip("10.0.0.0/8"))',
        'context.rate.lessThan(decimal("0.5"))',
        'resource.day < datetime("2026-01-15")',
        'resource.day.offset(duration("1d")) != datetime("2026-01-02")',
        "context has n && context.n <= 2",
        'if context.mfa then principal.level > 3 else resource.owner == U::"a"',
        '{"then": 1, a: {b: true}}["then"] == 1 && {a: {b: true}}.a.b',
        "true",
        'principal["level"] != 3',
    ]
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) && ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) || ({pair[1]})"),
        inner.map(lambda one: f"!({one})"),
    ),
    max_leaves=4,
)
conditions = st.lists(
    st.tuples(st.sampled_from(["when", "unless"]), expressions).map(
        lambda pair: f"{pair[0]} {{ {pair[1]} }}"
    ),
    max_size=2,
).map("\n".join)


def policy(principals: tuple[str, ...]) -> st.SearchStrategy[str]:
    heads = (["permit", "permit", "forbid"], principals, ACTIONS, RESOURCES)
    return st.tuples(*(st.sampled_from(parts) for parts in heads), conditions).map(
        lambda parts: "{} ({}, {}, {}) {};".format(*parts)
    )


policies = st.lists(policy(PRINCIPALS), min_size=1, max_size=4)
templates = st.lists(
    st.tuples(
        policy(SLOTTED), st.lists(st.sampled_from(['U::"a"', 'U::"b"', 'G::"g"']), max_size=3)
    ),
    max_size=2,
)


def store(
    folder: Path,
    policies: list[str],
    templates: list[tuple[str, list[str]]],
    *,
    schema: bool = True,
) -> tuple[StoreInputs, Validated]:
    """Write and read a store of these policies and templates, each with who fills its slot."""
    if schema:
        (folder / "cedarschema").write_text(SCHEMA)
    for number, text in enumerate(policies):
        (folder / f"p{number}.cedar").write_text(text)
    links = []
    for number, (text, fillers) in enumerate(templates):
        (folder / f"t{number}.cedar").write_text(text)
        links += [
            {
                "template_id": f"t{number}",
                "link_id": f"l{number}-{n}",
                "args": {"?principal": uid},
            }
            for n, uid in enumerate(fillers)
        ]
    (folder / "cedartemplatelinks.json").write_text(json.dumps(links))
    world = fake_world(folder)
    found = Store(
        name="s",
        folder=folder,
        schema=folder / "cedarschema" if schema else None,
        policies=tuple(sorted(folder.glob("*.cedar"))),
        links=(folder / "cedartemplatelinks.json",),
    )
    inputs = read_store(found, world)
    return inputs, validate_store(inputs, world)
