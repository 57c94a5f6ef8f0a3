"""The team's certificates, and S/MIME to them (RFC 8551, AES-256-CBC, which Outlook reads)."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509.oid import NameOID

from form_service.crypto.keys import CannotSeal

_SMIME_HEADERS = (
    b"MIME-Version: 1.0",
    b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
    b"Content-Transfer-Encoding: base64",
    b'Content-Disposition: attachment; filename="smime.p7m"',
)
SMALLEST_RSA_BITS = 2048


@dataclass(frozen=True)
class CertificateState:
    """What readiness, alerts and `check` say about one certificate; `problem` is None while it can encrypt."""

    fingerprint: str
    ends: datetime
    problem: str | None

    def days_left(self, now: datetime) -> float:
        """Return the days until it ends, negative afterwards."""
        return (self.ends - now).total_seconds() / 86400


@dataclass(frozen=True)
class TeamCertificates:
    """The certificates to encrypt to, and what else the files hold, in words for the operator."""

    recipients: tuple[x509.Certificate, ...] = ()
    unused: tuple[str, ...] = ()


def load(paths: Iterable[Path]) -> TeamCertificates:
    """Read the PEM files. Raises CannotSeal with words for the operator.

    A file may hold a whole chain, as certificate authorities hand it out: only certificates of people and mailboxes
    that may encrypt are used.
    """
    recipients: list[x509.Certificate] = []
    unused: list[str] = []
    for path in paths:
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise CannotSeal(f"the certificate file {path.name} cannot be read: {type(error).__name__}") from error
        chosen = _recipients_in(found)
        recipients += [certificate for certificate in chosen if certificate not in recipients]
        unused += [f"{path.name}: {_name_of(certificate)}" for certificate in found if certificate not in chosen]
    return TeamCertificates(tuple(recipients), tuple(unused))


def _recipients_in(found: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates of one file to encrypt to; where none will do, one whose problem can be named."""
    people = [certificate for certificate in found if not _is_authority(certificate)]
    # A self-signed certificate of a mailbox often calls itself an authority, but has issued no other in the file.
    people = people or [certificate for certificate in found if not _issued_another(certificate, found)]
    may_encrypt = [certificate for certificate in people if _wrong_key(certificate) is None]
    return may_encrypt or people or found[:1]


def _issued_another(certificate: x509.Certificate, found: list[x509.Certificate]) -> bool:
    return any(other != certificate and other.issuer == certificate.subject for other in found)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        # Certificates of the first version have no extensions: a self-issued one is a root.
        return certificate.issuer == certificate.subject
    except (UnsupportedAlgorithm, ValueError):
        return False


def _name_of(certificate: x509.Certificate) -> str:
    """Return who a certificate is of, and why it is not used."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else fingerprint(certificate)
    return f"{name} ({'an authority' if _is_authority(certificate) else 'not meant for encryption'})"


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 fingerprint."""
    return certificate.fingerprint(SHA256()).hex()[:16]


def state(certificate: x509.Certificate, now: datetime | None = None) -> CertificateState:
    """Return whether the certificate can encrypt at this moment, and when it ends."""
    now = now or datetime.now(UTC)
    return CertificateState(
        fingerprint(certificate),
        certificate.not_valid_after_utc,
        _wrong_dates(certificate, now) or _wrong_key(certificate),
    )


def _wrong_dates(certificate: x509.Certificate, now: datetime) -> str | None:
    if now >= certificate.not_valid_after_utc:
        return "the certificate has expired"
    if now < certificate.not_valid_before_utc:
        return "the certificate is not valid yet"
    return None


def _wrong_key(certificate: x509.Certificate) -> str | None:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST_RSA_BITS:
        return f"the certificate's key is not RSA of {SMALLEST_RSA_BITS} bits or more"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    except (UnsupportedAlgorithm, ValueError):
        return "the certificate's key usage cannot be read"
    return None if usage.key_encipherment else "the certificate is not meant for encryption"


def encrypt(plain: bytes, certificates: list[x509.Certificate]) -> bytes:
    """Return an email for SMTP whose content only the holders of the certificates' keys can read.

    `plain` is the email as it would be sent; its headers other than Content-… stay outside, readable.
    """
    head, _, body = plain.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    content = [field for field in fields if field.lower().startswith((b"content-", b"mime-version"))]
    outer = [field for field in fields if field not in content]
    inner = b"\r\n".join(content) + b"\r\n\r\n" + body
    builder = PKCS7EnvelopeBuilder().set_data(inner).set_content_encryption_algorithm(AES256)
    for certificate in certificates:
        builder = builder.add_recipient(certificate)
    envelope = builder.encrypt(Encoding.DER, [PKCS7Options.Binary])
    return b"\r\n".join([*outer, *_SMIME_HEADERS, b"", base64.encodebytes(envelope).replace(b"\n", b"\r\n")])
