"""Two versions of a store compared, beside the bare engine calls that this takes at least.

``python -m benchmarks.cedar_diff store FOLDER`` writes the two versions ``before`` and ``after``;
``python -m benchmarks.cedar_diff bare FOLDER REQUESTS`` asks both with cedarpy alone.
"""

import itertools
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.tables import Bound, Found, compared
from benchmarks.timing import BUILDSTEPS, PYTHON, Comparison, interleaved, run_once

ROOT = Path(__file__).parents[1]
USERS, PHOTOS, POLICIES = 500, 1_000, 100
"""With two actions: a million requests."""

_BATCH = 512
SCHEMA = """entity User in [Group] { level: Long };
entity Group;
entity Photo in [Album] { owner: User, labels: Set<String> };
entity Album;
action view, edit appliesTo { principal: User, resource: Photo };
"""


def cedar_diff(runs: int, folder: Path) -> Found:
    """A million requests to 100 policies in both versions, against bare calls; peak memory."""
    _made(folder)
    runs = max(runs // 5, 1)
    whole = Found({}, {})
    jobs = str(os.cpu_count() or 1)
    for number in ("1", jobs):
        found = _compared(folder, number, 100_000, runs)
        label = f"100,000 requests, jobs {number}"
        bound = Bound(f"{label}, cpu", found.ratios[f"{label}, cpu"].median, 1.5, "times")
        whole = Found(whole.runs | found.runs, whole.ratios | found.ratios, (*whole.bounds, bound))
    small = run_once(_ours(folder, jobs, 100_000), folder)
    large = Comparison(
        [run_once(_ours(folder, jobs, 1_000_000), folder)],
        [run_once(_bare(folder, 1_000_000), ROOT)],
    )
    label = f"1,000,000 requests, jobs {jobs}"
    million = compared(label, large, f"bare calls beside {label}")
    peak = large.ours[0].megabytes
    return Found(
        whole.runs | million.runs,
        whole.ratios | million.ratios,
        (
            *whole.bounds,
            Bound(f"{label}, cpu", million.ratios[f"{label}, cpu"].median, 1.5, "times"),
            Bound("peak memory, a million by a tenth", peak / small.megabytes, 1.2, "times"),
        ),
        notes=(
            f"peak memory of the largest process: {small.megabytes:.0f} MB for 100,000 requests,"
            f" {peak:.0f} MB for 1,000,000",
        ),
    )


def _compared(folder: Path, jobs: str, requests: int, runs: int) -> Found:
    label = f"{requests:,} requests, jobs {jobs}"
    comparison = interleaved(_ours(folder, jobs, requests), _bare(folder, requests), ROOT, runs)
    return compared(label, comparison, f"bare calls beside {label}")


def _bare(folder: Path, requests: int) -> list[str]:
    return [PYTHON, "-m", "benchmarks.cedar_diff", "bare", str(folder), str(requests)]


def _ours(folder: Path, jobs: str, requests: int) -> list[str]:
    before, after = str(folder / "before"), str(folder / "after")
    rest = ["--fail-on", "none", "-q", "--jobs", jobs, "--max-requests", str(requests)]
    return [BUILDSTEPS, "cedar-diff", before, after, *rest]


def _made(folder: Path) -> None:
    command = [PYTHON, "-m", "benchmarks.cedar_diff", "store", str(folder)]
    run_once(command, ROOT)


def store(folder: Path) -> None:
    """Two versions of a store: the second lacks a policy, and has another one edited."""
    chance = random.Random(11)
    policies = [_policy(number, chance) for number in range(POLICIES)]
    for name in ("before", "after"):
        place = folder / name
        (place / "tests").mkdir(parents=True)
        (place / "cedarschema").write_text(SCHEMA)
        (place / "tests" / "cedarentities.json").write_text(json.dumps(_entities()))
        for number, text in enumerate(policies):
            if name == "before" or number != 3:
                edited = text.replace("principal.level > 4", "principal.level > 5")
                text = edited if name == "after" else text
                (place / f"p{number:03}.cedar").write_text(text)


def _policy(number: int, chance: random.Random) -> str:
    user, group, album = chance.randrange(USERS), chance.randrange(7), chance.randrange(11)
    kinds = (
        f'permit(principal in Group::"g{group}", action == Action::"view",'
        f' resource in Album::"a{album}");',
        f'permit(principal in Group::"g{group}", action == Action::"edit", resource)\n'
        f"when {{ resource.owner == principal && principal.level > {number % 9} }};",
        f'forbid(principal == User::"u{user}", action == Action::"edit", resource)\n'
        f'when {{ resource.labels.contains("l{number}") }};',
    )
    return kinds[number % 3] + "\n"


def _entities() -> list[dict[str, Any]]:
    users = [
        {
            "uid": _uid("User", f"u{n}"),
            "attrs": {"level": n % 9},
            "parents": [_uid("Group", f"g{n % 7}")],
        }
        for n in range(USERS)
    ]
    photos = [
        {
            "uid": _uid("Photo", f"p{n}"),
            "attrs": {"owner": _uid("User", f"u{n % USERS}"), "labels": ["a", "b"][: n % 3]},
            "parents": [_uid("Album", f"a{n % 11}")],
        }
        for n in range(PHOTOS)
    ]
    return [*users, *photos]


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def bare(folder: Path, requests: int) -> int:
    """Ask both versions in batches and count the differences, in one process."""
    import cedarpy

    sides = []
    for name in ("before", "after"):
        place = folder / name
        schema = cedarpy.Schema.from_str((place / "cedarschema").read_text())
        text = "\n".join(path.read_text() for path in sorted(place.glob("*.cedar")))
        entities = (place / "tests" / "cedarentities.json").read_text()
        handle = cedarpy.Entities.from_json_str(entities, schema)
        sides.append((cedarpy.PolicySet.from_str(text), handle, schema))
    different = 0
    asked = itertools.islice(_requests(), 0, None, 2 * USERS * PHOTOS // requests)
    while batch := list(itertools.islice(asked, _BATCH)):
        old, new = (cedarpy.is_authorized_batch(batch, *side) for side in sides)
        for before, after in zip(old, new, strict=True):
            # the engine's ids are positions, which move with the policy that is gone
            numbers = len(before.diagnostics.reasons), len(after.diagnostics.reasons)
            different += before.decision != after.decision or numbers[0] != numbers[1]
    return different


def _requests() -> Iterator[dict[str, Any]]:
    for action in ("view", "edit"):
        for user in range(USERS):
            for photo in range(PHOTOS):
                yield {
                    "principal": _uid("User", f"u{user}"),
                    "action": _uid("Action", action),
                    "resource": _uid("Photo", f"p{photo}"),
                    "context": {},
                }


if __name__ == "__main__":
    if sys.argv[1] == "store":
        store(Path(sys.argv[2]))
    else:
        print(bare(Path(sys.argv[2]), int(sys.argv[3])))
