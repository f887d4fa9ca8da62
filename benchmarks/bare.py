"""The same work with bare cedarpy calls: what a team would write in an hour.

``python -m benchmarks.bare thousand|small|lint FOLDER``, ``python -m benchmarks.bare format FILE``
"""

import json
import sys
from pathlib import Path

import cedarpy


def thousand(folder: Path) -> int:
    """Parse once, hold handles, validate, ask everything in one call."""
    schema = cedarpy.Schema.from_str((folder / "cedarschema").read_text())
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.cedar")))
    policies = cedarpy.PolicySet.from_str(text)
    assert cedarpy.validate_policies(text, schema)
    entities = cedarpy.Entities.from_json_str(
        (folder / "tests" / "cedarentities.json").read_text(), schema
    )
    files = sorted((folder / "tests").glob("*/*/*.cedarauth.json"))
    requests = [json.loads(path.read_text()) for path in files]
    answers = cedarpy.is_authorized_batch(requests, policies, entities, schema)
    return sum(
        answer.decision.value.upper() == path.parent.name
        for path, answer in zip(files, answers, strict=True)
    )


def small(folder: Path) -> int:
    """A loop over the integration tests: text in, one call a store, no other check."""
    right = 0
    for path in sorted(folder.glob("*.json")):
        if path.name.endswith(".entities.json"):
            continue
        test = json.loads(path.read_text())
        parts = [(folder.parent / test[k]).read_text() for k in ("policies", "entities", "schema")]
        keys = ("principal", "action", "resource", "context")
        requests = [{key: one[key] for key in keys} for one in test["requests"]]
        for one, answer in zip(
            test["requests"], cedarpy.is_authorized_batch(requests, *parts), strict=True
        ):
            diagnostics = answer.diagnostics
            right += (
                answer.decision.value.lower() == one["decision"]
                and set(diagnostics.reasons) == set(one["reason"])
                and len(diagnostics.errors) == len(one["errors"])
            )
    return right


def format_file(file: Path) -> int:
    """Format one policy after the other, each with the comment before it."""
    policies = file.read_text().split("// policy ")[1:]
    return sum(len(cedarpy.format_policies(f"// policy {one}", 80, 2)) for one in policies)


def lint(folder: Path) -> int:
    """Read, validate, and have the policies as trees: what looking at them begins with."""
    schema = cedarpy.Schema.from_str((folder / "cedarschema").read_text())
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.cedar")))
    assert cedarpy.validate_policies(text, schema)
    return len(json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"])


if __name__ == "__main__":
    works = {"thousand": thousand, "small": small, "format": format_file, "lint": lint}
    print(works[sys.argv[1]](Path(sys.argv[2])))
