"""A certificate authority for the tests: TLS certificates for servers, S/MIME certificates for recipients."""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

DEFAULT_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_encipherment=True,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """Return an RSA key; each `number` has its own key, which is cached."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class CertificateFiles:
    """The paths of a certificate and its private key."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """Return the TLS context of a server that presents this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(
    folder: Path,
    name: str,
    validity_days: tuple[float, float] = (-1, 365),
    issuer: CertificateFiles | None = None,
    key: PrivateKey | None = None,
    usage: x509.KeyUsage | None = None,
    is_authority: bool = False,
    purposes: Sequence[x509.ObjectIdentifier] = (),
) -> CertificateFiles:
    """Make a certificate for a host name or IP address; it is self-signed unless `issuer` is given.

    `validity_days` are the start and the end of its validity, in days from now.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = key or rsa_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, signer = subject, key
    if issuer is not None:
        issuer_name = x509.load_pem_x509_certificate(issuer.certificate.read_bytes()).subject
        issuer_key = load_pem_private_key(issuer.key.read_bytes(), None)
        assert isinstance(issuer_key, rsa.RSAPrivateKey)
        signer = issuer_key
    now = datetime.now(UTC)
    try:
        alternative_name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative_name = x509.DNSName(name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=validity_days[0]))
        .not_valid_after(now + timedelta(days=validity_days[1]))
        .add_extension(x509.SubjectAlternativeName([alternative_name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority or issuer is None, path_length=None), critical=True)
    )
    # Python 3.13 trusts no authority without key identifiers and key usage (RFC 5280, 4.2.1).
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    authority_key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(authority_key_id, critical=False)
    if usage is not None or issuer is None:
        builder = builder.add_extension(usage or DEFAULT_KEY_USAGE, critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    certificate = builder.sign(signer, SHA256())
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name.replace('.', '-')}-{certificate.serial_number:x}"[:60]
    files = CertificateFiles(folder / f"{stem}.pem", folder / f"{stem}.key")
    files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
