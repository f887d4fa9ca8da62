"""The real notation, and set-ups for it that live in a test's own folder."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.real_parts.certificates import Chain
from tests.real_parts.toolchain import built

VERSION = "1.3.2"

PACKAGE = "github.com/notaryproject/notation"

ANY_CA = "ca:test"
"""The trust store that :meth:`NotationHome.trust` names unless told otherwise."""


def notation_program() -> Path:
    """Build notation once, and give the executable; it calls itself as its release does.

    Raises:
        UnavailableError: Go is missing, or the build failed.
    """
    version = f"{PACKAGE}/internal/version"
    values = f"-X {version}.Version=v{VERSION} -X {version}.BuildMetadata="
    return built(
        "notation",
        "notation",
        package=f"{PACKAGE}/cmd/notation",
        flags=(f"-ldflags=-s -w {values}",),
    )


class NotationHome:
    """A set-up of notation: keys, trust policy, trust stores and plugins, all below one folder."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.program = program
        self.config = folder / "config"
        self.libexec = folder / "libexec"
        self.cache = folder / "cache"
        for each in (self.config, self.libexec, self.cache):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NOTATION_", "AWS_")) and not name.lower().endswith("_proxy")
        } | {
            "NOTATION_CONFIG": str(self.config),
            "NOTATION_LIBEXEC": str(self.libexec),
            "NOTATION_CACHE": str(self.cache),
            "DOCKER_CONFIG": str(folder / "docker"),
        }

    def run(
        self, *arguments: str, environ: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run notation with its output captured; the exit code is the caller's to look at."""
        return subprocess.run(
            [str(self.program), *arguments],
            env=self.environment | dict(environ or {}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def succeed(
        self, *arguments: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run notation where it must work: for what a test needs, not for what it is about."""
        done = self.run(*arguments, environ=environ)
        assert done.returncode == 0, f"notation {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done

    def add_key(self, name: str, key: bytes, certificates: bytes) -> None:
        """Make a private key and its chain (PEM, leaf first) known as ``--key NAME``.

        ``notation key add`` takes plugins' keys only; local ones stand in ``signingkeys.json``.
        """
        folder = self.config / "localkeys"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.key").write_bytes(key)
        (folder / f"{name}.crt").write_bytes(certificates)
        path = self.config / "signingkeys.json"
        keys = json.loads(path.read_text())["keys"] if path.exists() else []
        paths = {"keyPath": f"{folder}/{name}.key", "certPath": f"{folder}/{name}.crt"}
        keys = [one for one in keys if one["name"] != name] + [{"name": name, **paths}]
        path.write_text(json.dumps({"keys": keys}))

    def sign_locally(self, reference: str, chain: Chain, *flags: str) -> None:
        """Sign an image with the key of a chain, whatever its registry (http) can do."""
        self.add_key("local", chain.leaf.key_pem, chain.pem)
        self.succeed("sign", "--insecure-registry", "--key", "local", *flags, reference)

    def verify(
        self, reference: str, *flags: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Verify an image of a registry on http, with the reasons of each signature."""
        return self.run("verify", "-v", "--insecure-registry", *flags, reference, environ=environ)

    def add_to_store(self, certificate: bytes, store: str = ANY_CA, name: str = "root") -> None:
        """Put a certificate (PEM) into a trust store, ``TYPE:NAME``."""
        kind, _, title = store.partition(":")
        folder = self.config / "truststore" / "x509" / kind / title
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.crt").write_bytes(certificate)

    def trust(
        self,
        identities: Sequence[str] = ("*",),
        *,
        stores: Sequence[str] = (ANY_CA,),
        scopes: Sequence[str] = ("*",),
        level: str = "strict",
        override: Mapping[str, str] | None = None,
    ) -> None:
        """Write a trust policy of one statement."""
        verification = {"level": level} | ({"override": dict(override)} if override else {})
        statement = {
            "name": "test",
            "registryScopes": list(scopes),
            "signatureVerification": verification,
        }
        if level != "skip":
            statement |= {"trustStores": list(stores), "trustedIdentities": list(identities)}
        self.trust_policy([statement])

    def trust_policy(self, statements: Iterable[Mapping[str, object]]) -> None:
        """Write a trust policy of these statements."""
        document = {"version": "1.0", "trustPolicies": list(statements)}
        path = self.config / "trustpolicy.json"
        path.write_text(json.dumps(document))
        path.chmod(0o600)
