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
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
)

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
        """Days until it ends, negative afterwards."""
        return (self.ends - now).total_seconds() / 86400


def load(paths: Iterable[Path]) -> list[x509.Certificate]:
    """The certificates of the PEM files; raises CannotSeal with words for the operator."""
    found: list[x509.Certificate] = []
    for path in paths:
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise CannotSeal(f"the certificate file {path.name} cannot be read: {type(error).__name__}") from error
    return found


def fingerprint(certificate: x509.Certificate) -> str:
    """The first 16 hexadecimal digits of its SHA-256 fingerprint."""
    return certificate.fingerprint(SHA256()).hex()[:16]


def state(certificate: x509.Certificate, now: datetime | None = None) -> CertificateState:
    """Whether the certificate can encrypt at this moment, and when it ends."""
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
    """A mail ready for SMTP whose content only the holders of the certificates' keys can read.

    `plain` is the mail in its form on the wire; its headers other than Content-… stay outside, readable.
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
    return b"\r\n".join(
        [
            *outer,
            *_SMIME_HEADERS,
            b"",
            base64.encodebytes(envelope).replace(b"\n", b"\r\n"),
        ]
    )
