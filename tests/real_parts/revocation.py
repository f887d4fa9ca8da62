"""A certificate authority's revocation services on loopback: a CRL and an OCSP responder.

Sources: RFC 5280 (CRL), RFC 6960 (OCSP over HTTP: POST, or GET with the request in the path).
"""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from tests.real_parts.certificates import HOUR, Signed, now


class Revocations:
    """What the services of one root say; they are at ``crl`` and ``ocsp``.

    Say which ``root`` they speak for before they are asked. ``down`` lets both answer 503.
    """

    def __init__(self, port: int) -> None:
        self.crl = f"http://127.0.0.1:{port}/root.crl"
        self.ocsp = f"http://127.0.0.1:{port}/ocsp"
        self.root: Signed | None = None
        self.down = False
        self.asked: list[str] = []
        self._revoked: set[int] = set()

    def revoke(self, leaf: Signed) -> None:
        """Revoke a leaf, from an hour ago."""
        self._revoked.add(leaf.certificate.serial_number)

    def crl_bytes(self) -> bytes:
        """The list in DER, as it is now."""
        assert self.root, "no root was named"
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(now() - HOUR)
            .next_update(now() + 24 * HOUR)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for serial in self._revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial)
            builder = builder.add_revoked_certificate(entry.revocation_date(now() - HOUR).build())
        listed = builder.sign(self.root.key, hashes.SHA384())
        return listed.public_bytes(serialization.Encoding.DER)

    def ocsp_answer(self, request: bytes) -> bytes:
        """The responder's answer in DER, signed by the root itself."""
        assert self.root, "no root was named"
        asked = ocsp.load_der_ocsp_request(request)
        revoked = asked.serial_number in self._revoked
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now() - HOUR,
            next_update=now() + HOUR,
            revocation_time=now() - HOUR if revoked else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, self.root.certificate)
        answer = builder.sign(self.root.key, hashes.SHA384())
        return answer.public_bytes(serialization.Encoding.DER)


@contextmanager
def revocation_services() -> Iterator[Revocations]:
    """Run both services on one port of loopback."""

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.revocations = Revocations(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Handler.revocations
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    revocations: ClassVar[Revocations]

    def do_GET(self) -> None:
        services = self.revocations
        if self.path == "/root.crl":
            self._answer("application/pkix-crl", services.crl_bytes())
        else:
            encoded = unquote(self.path.removeprefix("/ocsp/"))
            self._answer_ocsp(base64.b64decode(encoded))

    def do_POST(self) -> None:
        self._answer_ocsp(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer_ocsp(self, request: bytes) -> None:
        self._answer("application/ocsp-response", self.revocations.ocsp_answer(request))

    def _answer(self, media_type: str, content: bytes) -> None:
        self.revocations.asked.append(self.path)
        self.send_response(503 if self.revocations.down else 200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the tests' output free of requests."""
