"""https: whose certificate is trusted, and what is said where it is not."""

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from buildsteps.world.http import HttpError
from buildsteps.world.http_requests import SystemHttp
from tests.real_parts.faulty_registry import Fault, FaultyRegistry, faulty_registry
from tests.world_double import StillClock

DAY = datetime.timedelta(days=1)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "loopback.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def server(certificate: Path, registry_host: str) -> Iterator[FaultyRegistry]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with faulty_registry(registry_host, tls=context) as proxy:
        yield proxy


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(server: FaultyRegistry) -> None:
    clock = StillClock()
    with pytest.raises(HttpError) as told:
        SystemHttp("test", clock).request("GET", f"https://{server.address}/v2/")
    assert str(told.value) == (
        f"https://{server.address}/v2/: the server's certificate is refused: self-signed "
        "certificate; REQUESTS_CA_BUNDLE names a file with your own certificate authorities"
    )
    assert clock.slept == 0


def test_a_bundle_of_ones_own_is_taken_from_the_environment(
    server: FaultyRegistry, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    answer = SystemHttp("test", StillClock()).request("GET", f"https://{server.address}/v2/")
    assert answer.status == 200


def test_a_bundle_that_is_not_there_is_one_sentence(
    server: FaultyRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    with pytest.raises(HttpError, match=r"/nowhere\.pem"):
        SystemHttp("test", StillClock()).request("GET", f"https://{server.address}/v2/")


def test_https_never_leads_to_http(
    server: FaultyRegistry, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server.add(Fault(status=307, headers={"Location": f"http://{server.upstream}/v2/"}))
    with pytest.raises(HttpError, match="redirected to what is not https"):
        SystemHttp("test", StillClock()).request("GET", f"https://{server.address}/v2/")
