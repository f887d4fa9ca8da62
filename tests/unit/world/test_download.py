"""Fetching a file, from servers on loopback that behave and that do not."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.world.download import checked_address, download, shown_address

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site(ThreadingHTTPServer):
    """A server whose paths answer what a test says; ``asked`` are the paths that were asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.scheme = "http"

    def url(self, path: str) -> str:
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answers = self.server.answers[self.path]
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def gives(content: bytes = b"", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def moves(target: str) -> Answer:
    return gives(status=302, Location=target)


@contextmanager
def running(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running(Site()) as made:
        yield made


def fetch(url: str, into: Path, limit: int = 1000) -> list[float]:
    pauses: list[float] = []
    download(url, into, limit=limit, pause=pauses.append)
    return pauses


def test_a_file_is_fetched_whole(site: Site, tmp_path: Path) -> None:
    site.answers["/a"] = [gives(b"content")]
    assert fetch(site.url("/a"), tmp_path / "a") == []
    assert (tmp_path / "a").read_bytes() == b"content"


def test_a_redirect_is_followed(site: Site, tmp_path: Path) -> None:
    site.answers |= {"/a": [moves("/b")], "/b": [gives(b"content")]}
    fetch(site.url("/a"), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"content"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://example.com/x", "only https is fetched from"),
        ("file:///etc/passwd", "leads astray"),
        ("ftp://127.0.0.1/x", "leads astray"),
        ("/a", "without end"),
    ],
)
def test_a_redirect_leads_only_where_one_may_go(
    site: Site, tmp_path: Path, target: str, said: str
) -> None:
    site.answers["/a"] = [moves(target)]
    with pytest.raises(WorldError, match=said):
        fetch(site.url("/a"), tmp_path / "a")


def test_a_busy_server_is_asked_again_when_it_says(site: Site, tmp_path: Path) -> None:
    site.answers["/a"] = [
        gives(status=503),
        gives(status=429, Retry_After="7"),
        gives(status=500, Retry_After="86400"),
        gives(b"content"),
    ]
    assert fetch(site.url("/a"), tmp_path / "a") == [1, 7, 30]
    assert (tmp_path / "a").read_bytes() == b"content"


def test_a_server_that_stays_busy_is_told(site: Site, tmp_path: Path) -> None:
    site.answers["/a"] = [gives(status=503)]
    with pytest.raises(WorldError, match=r"/a answered 503"):
        fetch(site.url("/a"), tmp_path / "a")
    assert len(site.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 206, 204])
def test_any_other_answer_than_the_file_is_told_at_once(
    site: Site, tmp_path: Path, status: int
) -> None:
    site.answers["/a"] = [gives(status=status)]
    with pytest.raises(WorldError, match=f"/a answered {status}"):
        fetch(site.url("/a"), tmp_path / "a")
    assert len(site.asked) == 1


def test_a_file_that_ends_early_is_fetched_again_and_never_taken_for_whole(
    site: Site, tmp_path: Path
) -> None:
    site.answers["/a"] = [gives(b"cont", Content_Length="7"), gives(b"content")]
    assert len(fetch(site.url("/a"), tmp_path / "a")) == 1
    assert (tmp_path / "a").read_bytes() == b"content"
    site.answers["/a"] = [gives(b"cont", Content_Length="7")]
    with pytest.raises(WorldError, match="cannot be fetched"):
        fetch(site.url("/a"), tmp_path / "a")


def test_a_file_that_is_too_large_is_not_read_to_its_end(site: Site, tmp_path: Path) -> None:
    site.answers["/a"] = [gives(bytes(2000))]
    with pytest.raises(WorldError, match="larger than 1,000 bytes"):
        fetch(site.url("/a"), tmp_path / "a")


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"cannot be fetched: .*refused"):
        fetch("http://127.0.0.1:1/a", tmp_path / "a")


def test_https_needs_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, Path]
) -> None:
    authority, chain = certificate
    site = Site()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    site.scheme = "https"
    site.answers |= {"/a": [gives(b"content")], "/b": [moves("http://localhost:1/a")]}
    with running(site):
        with pytest.raises(WorldError, match="a certificate that is not trusted"):
            fetch(site.url("/a"), tmp_path / "a")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        fetch(site.url("/a"), tmp_path / "a")
        assert (tmp_path / "a").read_bytes() == b"content"
        with pytest.raises(WorldError, match="leads away from https"):
            fetch(site.url("/b"), tmp_path / "b")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An authority, and key and certificate of ``localhost`` signed by it, in one file."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.UTC)

    def made(
        name: str, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey | None
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        )
        return builder.sign(signer or key, hashes.SHA256()), key

    authority, authority_key = made("authority", None, None)
    leaf, key = made("localhost", authority.subject, authority_key)
    folder = tmp_path_factory.mktemp("tls")
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "chain.pem").write_bytes(private + leaf.public_bytes(pem))
    return folder / "ca.pem", folder / "chain.pem"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "http://127.0.0.1.example.com/a",
        "http://127.0.0.1@example.com/a",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://a:b/",
        "https://a b/",
        "https://a/\n",
        "",
    ],
)
def test_an_address_that_may_not_be_fetched_from_is_a_wrong_call(url: str) -> None:
    with pytest.raises(UsageError):
        checked_address(url)


def test_what_may_be_secret_in_an_address_is_not_shown() -> None:
    shown = shown_address("https://user:pass@mirror.test/a/b.tar.gz?X-Amz-Signature=abc")
    assert shown == "https://mirror.test/a/b.tar.gz"
