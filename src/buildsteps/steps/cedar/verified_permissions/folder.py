"""A pulled store as the files that ``cedar-validate`` and ``cedar-diff`` read."""

import json
from collections.abc import Mapping
from pathlib import Path

from buildsteps.steps.cedar.verified_permissions.deployed import Deployed
from buildsteps.steps.cedar.verified_permissions.naming import Named, link_ids, named

SCHEMA = "cedarschema.json"
LINKS = "cedartemplatelinks.json"


def write_store(
    deployed: Deployed, folder: Path, known_as: Mapping[str, str] | None = None
) -> tuple[list[Named], dict[str, str]]:
    """Write the store; gives its policies and templates, and its links' ids, as they are here.

    ``known_as`` has ids, by the service's, of what goes by another name here.
    """
    folder.mkdir(parents=True)
    if deployed.schema:
        _write(folder / SCHEMA, deployed.schema)
    found = named((*deployed.policies, *deployed.templates), known_as)
    for one in found:
        _write(folder / one.file, one.text if one.text.endswith("\n") else f"{one.text}\n")
    templates = {one.policy.id: one.id for one in found}
    ids = link_ids(deployed, found, known_as)
    links = [
        {
            "template_id": templates.get(one.template, one.template),
            "link_id": ids[one.id],
            "args": dict(one.values),
        }
        for one in deployed.links
    ]
    if links:
        _write(folder / LINKS, json.dumps(links, indent=2, ensure_ascii=False))
    return found, ids


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", errors="replace"))
