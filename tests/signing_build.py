"""A build that signs or deploys: its source, and the world around it, all on loopback."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.acceptance.fake_kubectl import FakeKubectl
from tests.buildspec_runner import BuildResult, run_buildspec
from tests.command_line import ROOT
from tests.real_parts.stage import Stage

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    spec:
      containers: [{{name: app, image: "{}"}}]
"""


class Archive:
    """A program in a tar.gz, as a release or a mirror offers it."""

    def __init__(self, path: Path, program: Path) -> None:
        self.path = path
        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            data = program.read_bytes()
            member = tarfile.TarInfo(program.name)
            member.size, member.mode = len(data), 0o755
            archive.addfile(member, io.BytesIO(data))
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()


class SigningBuild:
    """A source that trusts the stage's signing profile, and the variables of its project.

    notation and the plugin are not there: the build installs them from ``notation`` and ``plugin``.
    """

    def __init__(
        self,
        folder: Path,
        stage: Stage,
        machine: Mapping[str, str],
        notation: Archive,
        plugin: Archive,
    ) -> None:
        self.stage = stage
        self.source = folder / "source"
        self.source.mkdir(parents=True)
        self.home = folder / "home"
        self.kubectl = FakeKubectl(folder / "bin")
        (self.source / "root.pem").write_bytes(stage.signer.chain.root.pem)
        self.trust(stage.profile.arn)
        self.environ = {
            **machine,
            **stage.environ,
            "PATH": f"{self.kubectl.folder}{os.pathsep}{machine['PATH']}",
            "HOME": str(folder / "user"),
            "XDG_CONFIG_HOME": "",
            "DOCKER_CONFIG": str(folder / "docker"),
            "BUILDSTEPS_HOME": str(self.home),
            "BUILDSTEPS_NOTATION_INSTALL_FROM": str(notation.path),
            "BUILDSTEPS_NOTATION_INSTALL_SHA256": notation.sha256,
            "BUILDSTEPS_SIGN_INSECURE_REGISTRY": stage.repository.host,
            "BUILDSTEPS_VERIFY_INSECURE_REGISTRY": stage.repository.host,
            "SIGNER_PLUGIN": str(plugin.path),
            "SIGNER_PLUGIN_SHA256": plugin.sha256,
            "SIGNING_PROFILE": stage.profile.arn,
        }

    def trust(self, identity: str) -> None:
        """Write the ``buildsteps.yaml`` that the buildspecs show, for this identity."""
        store = {"type": "signingAuthority", "certificates": ["root.pem"]}
        trust = {"identities": [identity], "stores": ["aws-signer"]}
        signing = {"stores": {"aws-signer": store}, "trust": {"delivery": trust}}
        (self.source / "buildsteps.yaml").write_text(json.dumps({"signing": signing}))

    def deploys(self, *images: str) -> Path:
        """Let the manifest name these images, a document each."""
        path = self.source / "deployment.yaml"
        path.write_text("---\n".join(MANIFEST.format(image) for image in images))
        return path

    def run(self, name: str, **variables: str) -> BuildResult:
        """Run a shipped buildspec, with further variables of the project."""
        return run_buildspec(
            ROOT / "buildspecs" / f"{name}.yml", self.source, {**self.environ, **variables}
        )

    @property
    def installed(self) -> list[str]:
        """The programs that the build has installed."""
        return sorted(path.name for path in self.home.rglob("notation*") if path.is_file())
