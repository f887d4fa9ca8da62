"""Certificate chains that notation accepts, made anew by each test run: nothing here can expire.

Rules (notaryproject/specifications, ``signature-specification.md``, "Certificate Requirements"):
leaf to self-signed root; the root is a CA that may sign certificates and CRLs; the leaf may do
digital signatures and nothing else.
"""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from msgspec import Struct

HOUR = datetime.timedelta(hours=1)


def now() -> datetime.datetime:
    """This moment, in UTC, without what a certificate cannot hold of it."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


class Signed(Struct, frozen=True):
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        """The private key in PEM (PKCS 8, without a password)."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class Chain(Struct, frozen=True):
    """A leaf and its root."""

    leaf: Signed
    root: Signed

    @property
    def pem(self) -> bytes:
        """Both certificates in PEM, leaf first."""
        return self.leaf.pem + self.root.pem

    @property
    def subject(self) -> str:
        """The leaf's subject as a trusted identity of a trust policy."""
        names = {
            attribute.rfc4514_attribute_name: str(attribute.value)
            for attribute in self.leaf.certificate.subject
        }
        return "x509.subject: " + ", ".join(f"{k}={names[k]}" for k in ("C", "ST", "O", "CN"))


def chain(
    name: str = "ours",
    *,
    curve: ec.EllipticCurve | None = None,
    begins: datetime.timedelta = -24 * HOUR,
    lasts: datetime.timedelta = 48 * HOUR,
    crl: str = "",
    ocsp: str = "",
) -> Chain:
    """Make a root and a leaf (P-384 unless told otherwise) that begins so long from now.

    ``crl`` is the address of the CRL distribution point and ``ocsp`` that of the responder;
    notation asks either, over http, whether the leaf is revoked.
    """
    root = root_authority(name, curve=curve)
    return Chain(issue(root, name, begins=begins, lasts=lasts, crl=crl, ocsp=ocsp), root)


def root_authority(name: str, *, curve: ec.EllipticCurve | None = None) -> Signed:
    """Make a self-signed CA."""
    key = ec.generate_private_key(curve or ec.SECP384R1())
    subject = _name(f"{name} root")
    certificate = (
        _builder(subject, subject, key, -365 * 24 * HOUR, 730 * 24 * HOUR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA384())
    )
    return Signed(certificate, key)


def issue(
    root: Signed,
    name: str,
    *,
    begins: datetime.timedelta = -24 * HOUR,
    lasts: datetime.timedelta = 48 * HOUR,
    crl: str = "",
    ocsp: str = "",
) -> Signed:
    """Let a root issue a leaf for code signing, on the root's curve."""
    key = ec.generate_private_key(root.key.curve)
    builder = (
        _builder(_name(name), root.certificate.subject, key, begins, lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    )
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if ocsp:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return Signed(builder.sign(root.key, hashes.SHA384()), key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: datetime.timedelta,
    lasts: datetime.timedelta,
) -> x509.CertificateBuilder:
    start = now() + begins
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Berlin"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
