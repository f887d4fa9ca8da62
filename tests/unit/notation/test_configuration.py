"""A notation configuration for one run: private, whole, and gone afterwards."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.notation import (
    SignatureVerification,
    SigningKey,
    TrustPolicy,
    TrustPolicyDocument,
    TrustStoreFiles,
    private_configuration,
)

POLICY = TrustPolicyDocument(
    trust_policies=(
        TrustPolicy(
            name="ours",
            registry_scopes=("*",),
            signature_verification=SignatureVerification("strict", {"revocation": "skip"}),
            trust_stores=("ca:ours",),
            trusted_identities=("x509.subject: C=DE, ST=Berlin, O=Us",),
        ),
    )
)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "root ca.pem"
    path.write_bytes(b"PEM")
    return path


def test_it_holds_policy_stores_and_keys_as_notation_looks_for_them(
    tmp_path: Path, certificate: Path
) -> None:
    key = SigningKey("ours", Path("/keys/a.key"), Path("/keys/a.crt"))
    stores = [TrustStoreFiles("ca", "ours", (certificate, certificate))]
    with private_configuration(
        trust_policy=POLICY, trust_stores=stores, keys=[key], parent=tmp_path
    ) as made:
        folder = made.folder
        assert json.loads((folder / "trustpolicy.json").read_text()) == {
            "version": "1.0",
            "trustPolicies": [
                {
                    "name": "ours",
                    "registryScopes": ["*"],
                    "signatureVerification": {
                        "level": "strict",
                        "override": {"revocation": "skip"},
                    },
                    "trustStores": ["ca:ours"],
                    "trustedIdentities": ["x509.subject: C=DE, ST=Berlin, O=Us"],
                }
            ],
        }
        store = folder / "truststore" / "x509" / "ca" / "ours"
        assert sorted(path.name for path in store.iterdir()) == [
            "1-root_ca.pem",
            "2-root_ca.pem",
        ]
        assert json.loads((folder / "signingkeys.json").read_text()) == {
            "keys": [{"name": "ours", "keyPath": "/keys/a.key", "certPath": "/keys/a.crt"}]
        }
        private = folder.parent.rglob("*")
        assert [path for path in private if path.stat().st_mode & 0o077 and path.is_file()] == []
        assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert names(tmp_path) == [certificate.name]


def test_an_existing_policy_is_taken_as_it_is(tmp_path: Path) -> None:
    with private_configuration(trust_policy=b'{"mine": 1}', parent=tmp_path) as made:
        assert (made.folder / "trustpolicy.json").read_bytes() == b'{"mine": 1}'


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "a b", "ö", "a\n"])
def test_a_store_cannot_be_named_out_of_its_folder(tmp_path: Path, name: str) -> None:
    stores = [TrustStoreFiles("ca", name, ())]
    with (
        pytest.raises(UsageError, match="no name of a trust store"),
        private_configuration(trust_stores=stores, parent=tmp_path),
    ):
        pass
    assert names(tmp_path) == []


def test_a_certificate_that_cannot_be_read_is_told_and_nothing_stays(tmp_path: Path) -> None:
    stores = [TrustStoreFiles("ca", "ours", (tmp_path / "gone.pem",))]
    with (
        pytest.raises(UsageError, match="cannot be read"),
        private_configuration(trust_stores=stores, parent=tmp_path),
    ):
        pass
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_the_worlds_failure(tmp_path: Path) -> None:
    with (
        pytest.raises(WorldError, match="cannot be written"),
        private_configuration(parent=tmp_path / "gone"),
    ):
        pass


SCRIPT = """
import sys, time
from pathlib import Path
from buildsteps import run
from buildsteps.options import CommonOptions
from buildsteps.notation import private_configuration
from buildsteps.step import Step
from buildsteps.world import system_world

class Options(CommonOptions, frozen=True, kw_only=True):
    pass

def collect(options, world):
    with private_configuration(trust_policy=b"{}", parent=Path("run")) as made:
        Path("started").write_text(str(made.folder))
        world.processes.run([sys.executable, "-c", "import time; time.sleep(600)"], timeout=600)

sys.exit(run.execute(Step("x", Options, collect), {}, system_world()))
"""


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"]
)
def test_a_killed_run_leaves_no_configuration(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    (tmp_path / "run").mkdir()
    running = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=tmp_path)
    while not (tmp_path / "started").exists():
        time.sleep(0.02)
        assert running.poll() is None
    assert len(names(tmp_path / "run")) == 1
    running.send_signal(sent)
    assert running.wait(60) == code
    assert names(tmp_path / "run") == []
