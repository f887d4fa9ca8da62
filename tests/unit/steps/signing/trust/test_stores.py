"""Root certificates, from the configuration and from notation's own set-up."""

from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.signing.trust.settings import TrustStore
from buildsteps.steps.signing.trust.stores import SIGNER_STORE_ID, certificates
from tests.world_double import fake_world

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def store(*paths: str, kind: str = "ca") -> dict[str, TrustStore]:
    return {"own": TrustStore(type=kind, certificates=paths)}  # type: ignore[arg-type]


def test_a_store_is_known_by_type_and_name(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text(PEM)
    (tmp_path / "b.der").write_bytes(b"\x30\x82\x01\x00")
    found = certificates(("own",), store("a.pem", "b.*"), fake_world(tmp_path))
    assert found == {"ca:own": (tmp_path / "a.pem", tmp_path / "b.der")}


def test_without_a_store_that_of_aws_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "conf/truststore/x509/signingAuthority/aws-signer-ts"
    folder.mkdir(parents=True)
    (folder / "root.crt").write_text(PEM)
    world = fake_world(tmp_path, environ={"NOTATION_CONFIG": str(tmp_path / "conf")})
    assert certificates((), {}, world) == {SIGNER_STORE_ID: (folder / "root.crt",)}
    bare = fake_world(tmp_path, environ={"HOME": str(tmp_path)})
    with pytest.raises(UsageError, match="no root certificates: name a store under"):
        certificates((), {}, bare)
    with pytest.raises(UsageError, match=r"the trust must name a store, such as `stores: \[own\]`"):
        certificates((), store("a.pem"), bare)


def test_a_store_of_flags_is_called_by_its_flag(tmp_path: Path) -> None:
    stores = {"flags-ca": TrustStore(certificates=("gone.pem",))}
    with pytest.raises(UsageError, match=r"^--trust-store: there is no gone\.pem"):
        certificates(("flags-ca",), stores, fake_world(tmp_path))


@pytest.mark.parametrize(
    ("stores", "told"),
    [
        (store("missing.pem"), r"there is no missing\.pem"),
        (store("*.pem"), r"there is no \*\.pem"),
        (store("key.txt"), r"key\.txt: holds a private key"),
        (store("cut.txt"), r"cut\.txt: holds a certificate without its end"),
        (store("text.txt"), r"text\.txt: is no certificate"),
        (store("folder"), "folder: is a folder"),
        (store(), "names no certificate"),
        ({"owm": TrustStore(certificates=("a",))}, "no store `own`.*Did you mean `owm`"),
    ],
)
def test_what_is_no_root_certificate_is_told(
    tmp_path: Path, stores: dict[str, TrustStore], told: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "cut.txt").write_text(PEM + PEM[:-20])
    (tmp_path / "key.txt").write_text(PEM + "-----BEGIN EC PRIVATE KEY-----\n")
    with pytest.raises(UsageError) as caught:
        certificates(("own",), stores, fake_world(tmp_path))
    assert caught.match(told)
