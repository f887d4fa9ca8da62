"""Generated policy stores, the same at each run.

``python -m benchmarks.stores thousand|small FOLDER`` writes one. It is a process of its own,
because the peak memory of a process begins, on Linux, with that of the one that started it.
"""

import json
import random
import sys
from pathlib import Path

SCHEMA = """entity User in [Group] { level: Long };
entity Group;
entity Photo in [Album] { owner: User, labels: Set<String> };
entity Album;
action view, edit appliesTo { principal: User, resource: Photo };
"""
SMALL_SCHEMA = """entity User in [Group] { level: Long, name?: String };
entity Group;
entity Doc in [Folder] { owner: User, tags: Set<String>, public: Bool };
entity Folder;
action view, edit appliesTo { principal: User, resource: Doc, context: { mfa: Bool } };
"""
SMALL_POLICIES = (
    'permit(principal == User::"u1", action == Action::"view", resource);',
    'permit(principal in Group::"g1", action, resource in Folder::"f1") when { context.mfa };',
    'forbid(principal, action == Action::"edit", resource) unless { resource.owner == principal };',
    "permit(principal, action, resource) when { principal.level > 3 };",
    'permit(principal, action, resource) when { resource.tags.contains("x") && resource.public };',
)


def uid(kind: str, name: str) -> dict[str, str]:
    """An entity uid as JSON."""
    return {"type": kind, "id": name}


def thousand(folder: Path, policies: int = 1000, tests: int = 1000) -> None:
    """A store of many policies with as many tests in ALLOW and DENY folders."""
    import cedarpy

    chance = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cedarschema").write_text(SCHEMA)
    texts = [_policy(number, chance) for number in range(policies)]
    for number, text in enumerate(texts):
        (folder / f"p{number:04}.cedar").write_text(text)
    entities = [
        {
            "uid": uid("User", f"u{n}"),
            "attrs": {"level": n % 9},
            "parents": [uid("Group", f"g{n % 7}")],
        }
        for n in range(40)
    ]
    entities += [
        {
            "uid": uid("Photo", f"p{n}"),
            "attrs": {"owner": uid("User", f"u{n % 40}"), "labels": ["a", "b"][: n % 3]},
            "parents": [uid("Album", f"a{n % 11}")],
        }
        for n in range(200)
    ]
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "cedarentities.json").write_text(json.dumps(entities))
    requests = [
        {
            "principal": f'User::"u{chance.randrange(40)}"',
            "action": f'Action::"{chance.choice(["view", "edit"])}"',
            "resource": f'Photo::"p{chance.randrange(200)}"',
            "context": {},
        }
        for _ in range(tests)
    ]
    schema = cedarpy.Schema.from_str(SCHEMA)
    loaded = cedarpy.Entities.from_json_str(json.dumps(entities), schema)
    answers = cedarpy.is_authorized_batch(
        requests, cedarpy.PolicySet.from_str("\n".join(texts)), loaded, schema
    )
    for number, (request, answer) in enumerate(zip(requests, answers, strict=True)):
        place = folder / "tests" / f"suite {number % 20}" / answer.decision.value.upper()
        place.mkdir(parents=True, exist_ok=True)
        (place / f"t{number:04}.cedarauth.json").write_text(json.dumps(request))


def _policy(number: int, chance: random.Random) -> str:
    user, group, album = chance.randrange(40), chance.randrange(7), chance.randrange(11)
    kinds = (
        f'permit(principal == User::"u{user}", action == Action::"view",'
        f' resource in Album::"a{album}");',
        f'permit(principal in Group::"g{group}", action == Action::"edit", resource)\n'
        f"when {{ resource.owner == principal && principal.level > {number % 9} }};",
        f'forbid(principal == User::"u{user}", action == Action::"edit", resource)\n'
        f'when {{ resource.labels.contains("l{number}") }};',
    )
    return f"// policy {number}\n{kinds[number % 3]}\n"


def small_stores(folder: Path, stores: int = 8000) -> None:
    """Many small stores in the integration-test format of Cedar's language bindings."""
    import cedarpy

    chance = random.Random(1)
    folder.mkdir(parents=True, exist_ok=True)
    schema = cedarpy.Schema.from_str(SMALL_SCHEMA)
    for number in range(stores):
        base = folder / f"c{number:05}"
        policies = "\n".join(chance.choice(SMALL_POLICIES) for _ in range(4))
        entities = json.dumps(_small_entities(chance))
        requests = [_small_request(chance, n) for n in range(7 + number % 2)]
        valid = cedarpy.validate_policies(policies, schema).validation_passed
        asked = [{k: v for k, v in one.items() if k != "description"} for one in requests]
        for one, answer in zip(
            requests, cedarpy.is_authorized_batch(asked, policies, entities, schema), strict=True
        ):
            one["decision"] = answer.decision.value.lower()
            one["reason"] = list(answer.diagnostics.reasons)
            one["errors"] = ["policy"] * len(answer.diagnostics.errors)
        base.with_suffix(".cedar").write_text(policies)
        # each its own: one that is the same in all could be parsed once, which flatters
        base.with_suffix(".cedarschema").write_text(f"// store {number}\n{SMALL_SCHEMA}")
        base.with_suffix(".entities.json").write_text(entities)
        named = {
            "policies": f"{folder.name}/{base.name}.cedar",
            "entities": f"{folder.name}/{base.name}.entities.json",
            "schema": f"{folder.name}/{base.name}.cedarschema",
        }
        document = {**named, "shouldValidate": valid, "requests": requests}
        base.with_suffix(".json").write_text(json.dumps(document))


def _small_entities(chance: random.Random) -> list[dict[str, object]]:
    users: list[dict[str, object]] = [
        {
            "uid": uid("User", f"u{n}"),
            "attrs": {"level": chance.randrange(6)},
            "parents": [uid("Group", f"g{chance.randrange(2)}")],
        }
        for n in range(4)
    ]
    return users + [
        {
            "uid": uid("Doc", f"d{n}"),
            "attrs": {
                "owner": uid("User", f"u{chance.randrange(4)}"),
                "tags": ["x"][: chance.randrange(2)],
                "public": chance.random() < 0.5,
            },
            "parents": [uid("Folder", f"f{chance.randrange(2)}")],
        }
        for n in range(3)
    ]


def _small_request(chance: random.Random, number: int) -> dict[str, object]:
    return {
        "description": f"Request {number}",
        "principal": uid("User", f"u{chance.randrange(4)}"),
        "action": uid("Action", chance.choice(["view", "edit"])),
        "resource": uid("Doc", f"d{chance.randrange(3)}"),
        "context": {"mfa": chance.random() < 0.5},
    }


if __name__ == "__main__":
    generate = thousand if sys.argv[1] == "thousand" else small_stores
    generate(Path(sys.argv[2]))
