"""Signed images in a registry on loopback, and manifests that name them: all of it real.

``python -m benchmarks.signed_server FOLDER COUNT`` fills the folder, prints a line of JSON (see
:class:`benchmarks.signed.Signed`), and serves until its standard input ends.
"""

import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.real_parts.certificates import chain
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome, notation_program
from tests.real_parts.registry import registry, registry_program

KEY = "local"


def serve(folder: Path, count: int) -> None:
    """Push and sign so many images, with one key that notation and ``buildsteps.yaml`` trust.

    Raises:
        UnavailableError: Go is missing, so notation and the registry cannot be built.
    """
    home = _home(folder)
    with registry(registry_program()) as host:
        repository = Repository(host, "team/web")
        images = [repository.push_image(tag=f"v{number}") for number in range(count)]

        def sign(image: Image) -> None:
            home.succeed("sign", "--insecure-registry", "--key", KEY, image.reference)

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(sign, images))
        _name(folder / "digests.yaml", [image.reference for image in images])
        _name(folder / "tags.yaml", [image.tagged for image in images])
        _name(folder / "one-digest.yaml", [images[0].reference])
        _name(folder / "one-tag.yaml", [images[0].tagged])
        _name(folder / "nothing.yaml", [])
        ours = {k: v for k, v in home.environment.items() if os.environ.get(k) != v}
        known = {"folder": str(folder), "host": host, "notation": str(home.program)}
        print(json.dumps({**known, "environ": ours}), flush=True)
        sys.stdin.read()


def _home(folder: Path) -> NotationHome:
    home = NotationHome(folder / "notation", notation_program())
    signer = chain()
    home.add_to_store(signer.root.pem)
    home.trust([signer.subject])
    home.add_key(KEY, signer.leaf.key_pem, signer.pem)
    (folder / "root.pem").write_bytes(signer.root.pem)
    trust = {"bench": {"identities": [signer.subject], "stores": ["bench"]}}
    stores = {"bench": {"certificates": ["root.pem"]}}
    section = {"signing": {"trust": trust, "stores": stores}}
    (folder / "buildsteps.yaml").write_text(json.dumps(section))
    return home


def _name(manifest: Path, references: Sequence[str]) -> None:
    """Write a Kubernetes manifest with a Deployment an image, and the names alone beside it."""
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}"
    deployments = [_deployment(number, name) for number, name in enumerate(references)]
    manifest.write_text("\n---\n".join([namespace, *deployments]))
    Path(f"{manifest}.txt").write_text("\n".join(references))


def _deployment(number: int, image: str) -> str:
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
spec:
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      containers:
        - name: web
          image: {image}
          ports: [{{containerPort: 8080}}]"""


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
