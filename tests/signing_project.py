"""A project whose images are signed and verified: a folder, a notation, a repository."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.command_line import Ran, buildsteps
from tests.real_parts.certificates import Chain
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome


class Project:
    """A folder with a ``buildsteps.yaml`` that trusts one signer, and a notation to run."""

    def __init__(self, folder: Path, home: NotationHome, repository: Repository) -> None:
        self.folder = folder
        self.home = home
        self.repository = repository

    def trust(self, signer: Chain, name: str = "build", **more: object) -> None:
        """Trust a signer; ``more`` are further keys of the trust."""
        (self.folder / f"{name}.pem").write_bytes(signer.root.pem)
        path = self.folder / "buildsteps.yaml"
        section = json.loads(path.read_text())["signing"] if path.exists() else {}
        trusts = {
            **section.get("trust", {}),
            name: {"identities": [signer.subject], "stores": [name], **more},
        }
        stores = {**section.get("stores", {}), name: {"certificates": [f"{name}.pem"]}}
        path.write_text(json.dumps({"signing": {"trust": trusts, "stores": stores}}))

    def verify(
        self, *arguments: str, stdin: str = "", environ: Mapping[str, str] | None = None
    ) -> Ran:
        """Run ``buildsteps verify`` in the folder."""
        return self.run("verify", *arguments, stdin=stdin, environ=environ)

    def sign(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
        """Run ``buildsteps sign`` in the folder."""
        return self.run("sign", *arguments, environ=environ)

    def run(
        self,
        command: str,
        *arguments: str,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a command with the notation and the registry of this project."""
        return buildsteps(
            command,
            "--insecure-registry",
            self.repository.host,
            "--notation",
            str(self.home.program),
            *arguments,
            cwd=self.folder,
            environ={**self.home.environment, **(environ or {})},
            stdin=stdin,
        )

    def case(self, *arguments: str) -> dict[str, object]:
        """The one case of a verification."""
        ran = self.verify("--format", "json", *arguments)
        (case,) = ran.report["cases"]
        return {**case, "exit": ran.code}

    def signed(self, signer: Chain, tag: str = "1") -> Image:
        """Push an image, and sign it."""
        image = self.repository.push_image(tag=tag)
        self.home.sign_locally(image.reference, signer)
        return image
