"""A loopback policy store that holds what a folder holds, and runs of the tool against it."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tests.command_line import PHOTOS, REFACTORING, Ran, buildsteps
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.verified_permissions import VerifiedPermissions
from tests.loopback_aws.services.verified_permissions_store import PolicyStore

_UID = re.compile(r'(.+)::"(.*)"')


class Deployment(Struct):
    """The photo store in a folder, the same store deployed, and the service."""

    folder: Path
    service: VerifiedPermissions
    store: PolicyStore
    aws: LoopbackAws

    def run(
        self, command: str, *arguments: str, environ: Mapping[str, str | None] | None = None
    ) -> Ran:
        """Run the command in the folder, with credentials that reach the service.

        ``environ`` adds variables; None takes one away.
        """
        variables = {**self.aws.environment(), **(environ or {})}
        kept = {name: value for name, value in variables.items() if value is not None}
        return buildsteps(command, *arguments, cwd=self.folder, environ=kept)

    def validate(self, *arguments: str) -> Ran:
        """Run ``cedar-validate`` on the deployed store, for JSON."""
        store = f"--policy-store={self.store.id}"
        return self.run("cedar-validate", "--format=json", store, *arguments)

    def id_of(self, name: str) -> str:
        """The service's id of a policy that was described so."""
        return next(one.id for one in self.store.policies.values() if one.description == name)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a policy as somebody in the console does."""
        policy = self.store.policies[self.id_of(name)]
        assert old in policy.statement
        self.store.update_policy(policy.id, policy.statement.replace(old, new))


@contextmanager
def deployment(folder: Path, *, refactored: bool = False) -> Iterator[Deployment]:
    """The photo store, with ``refactored`` as a template and two links, here and deployed."""
    shutil.copytree(PHOTOS, folder)
    if refactored:
        shutil.copytree(REFACTORING, folder, dirs_exist_ok=True)
        for name in ("JaneVacation", "DoePhotos"):
            (folder / f"{name}.cedar").unlink()
    service = VerifiedPermissions()
    store = service.store()
    deploy(folder, store)
    with loopback_aws(service.service) as aws:
        yield Deployment(folder, service, store, aws)


def deploy(folder: Path, store: PolicyStore) -> None:
    """Put schema, policies, templates and links of a folder into a store."""
    store.put_schema((folder / "cedarschema.json").read_text())
    templates = {}
    for path in sorted(folder.glob("*.cedar")):
        if path.stem.endswith(".template"):
            templates[path.stem] = store.create_template(path.read_text(), path.stem).id
        else:
            store.create_policy(path.read_text(), path.stem)
    links = folder / "cedartemplatelinks.json"
    for link in json.loads(links.read_text()) if links.exists() else []:
        slots = {slot: entity(uid) for slot, uid in link["args"].items()}
        store.link(templates[link["template_id"]], slots.get("?principal"), slots.get("?resource"))


def entity(uid: str) -> dict[str, str]:
    """An entity as the API has it."""
    found = _UID.fullmatch(uid)
    assert found
    return {"entityType": found[1], "entityId": found[2]}
