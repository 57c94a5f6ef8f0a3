"""Load the team's certificates, and encrypt emails to them with S/MIME (RFC 8551)."""

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
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from form_service.crypto.keys import CannotSeal

_SMIME_HEADERS = (
    b"MIME-Version: 1.0",
    b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
    b"Content-Transfer-Encoding: base64",
    b'Content-Disposition: attachment; filename="smime.p7m"',
)
MIN_RSA_BITS = 2048
PRIVATE_KEY_HEADER_PATTERN = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# Accepted extended key usages (RFC 8550, 4.4.4). A web server's certificate is refused: its key is on the server.
_EMAIL_KEY_USAGES = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


@dataclass(frozen=True)
class CertificateState:
    """The state of one certificate. `problem` says why nothing can be encrypted to it, or is None."""

    fingerprint: str
    expires_at: datetime
    problem: str | None
    name: str = ""  # of the certificate's subject
    is_authority: bool = False  # whether it is marked as a certificate authority's

    def days_left(self, now: datetime) -> float:
        """Return the days until the certificate expires, negative afterwards."""
        return (self.expires_at - now).total_seconds() / 86400


@dataclass(frozen=True)
class TeamCertificates:
    """The result of loading the team's certificate files."""

    recipient_certificates: tuple[x509.Certificate, ...] = ()
    unused_certificate_descriptions: tuple[str, ...] = ()  # one description for each unused certificate
    files_with_private_key: tuple[str, ...] = ()  # file names without folders


def load_certificates(paths: Iterable[Path]) -> TeamCertificates:
    """Load the certificates of the team's recipients from PEM files, and describe the other certificates in them.

    Raises CannotSeal, with a message for the operator, if a file is unusable.
    """
    files = [(path.name, *_read_pem(path)) for path in paths]
    all_certificates = [certificate for _, file_certificates, _ in files for certificate in file_certificates]
    recipient_certificates: dict[x509.Certificate, None] = {}  # deduplicated, in order
    unused_certificate_descriptions: dict[str, None] = {}
    for name, file_certificates, _ in files:
        chosen_certificates = _choose_certificates(file_certificates, all_certificates)
        recipient_certificates |= dict.fromkeys(chosen_certificates)
        unused_certificate_descriptions |= {
            f"{name}: {_describe_unused_certificate(certificate)}": None
            for certificate in file_certificates
            if certificate not in chosen_certificates
        }
    files_with_private_key = tuple(name for name, _, has_private_key in files if has_private_key)
    return TeamCertificates(
        tuple(recipient_certificates), tuple(unused_certificate_descriptions), files_with_private_key
    )


def _read_pem(path: Path) -> tuple[list[x509.Certificate], bool]:
    """Return the certificates in a PEM file, and whether it also contains a private key.

    Raises CannotSeal if the file cannot be read or holds no certificate.
    """
    try:
        data = path.read_bytes()
        return x509.load_pem_x509_certificates(data), PRIVATE_KEY_HEADER_PATTERN.search(data) is not None
    except (OSError, ValueError) as error:
        raise CannotSeal(f"the certificate file {path.name} cannot be read: {type(error).__name__}") from error


def _choose_certificates(
    file_certificates: list[x509.Certificate], all_certificates: list[x509.Certificate]
) -> list[x509.Certificate]:
    """Return the usable certificates of email recipients in one file. Authorities' certificates are left out.

    If no recipient's certificate is usable, the unusable ones are returned, so that their problem is reported.
    """
    candidates = [certificate for certificate in file_certificates if not _is_authority(certificate)]
    # A self-signed mailbox certificate is often marked as a CA, but has issued no other certificate.
    candidates = candidates or [
        certificate
        for certificate in file_certificates
        if certificate.issuer == certificate.subject and not _has_issued_another(certificate, all_certificates)
    ]
    return [certificate for certificate in candidates if _key_problem(certificate) is None] or candidates


def _has_issued_another(certificate: x509.Certificate, certificates: list[x509.Certificate]) -> bool:
    return any(
        other_certificate != certificate and other_certificate.issuer == certificate.subject
        for other_certificate in certificates
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        # X.509 v1 certificates have no extensions: a self-issued one counts as a root.
        return certificate.issuer == certificate.subject
    except (UnsupportedAlgorithm, ValueError):
        return False


def _subject_name(certificate: x509.Certificate) -> str:
    """Return the common name of the certificate's subject, or else the fingerprint."""
    common_names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common_names[0].value) if common_names else fingerprint(certificate)


def _describe_unused_certificate(certificate: x509.Certificate) -> str:
    """Return the subject of a certificate, followed by the reason why it is unused, in parentheses."""
    reason = "an authority" if _is_authority(certificate) else _key_problem(certificate)
    return f"{_subject_name(certificate)} ({(reason or 'not a recipient').removeprefix('the certificate is ')})"


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the first 16 hexadecimal digits of the certificate's SHA-256 fingerprint."""
    return certificate.fingerprint(SHA256()).hex()[:16]


def certificate_state(certificate: x509.Certificate, now: datetime | None = None) -> CertificateState:
    """Return the certificate's state at `now`, by default the current time."""
    now = now or datetime.now(UTC)
    return CertificateState(
        fingerprint(certificate),
        certificate.not_valid_after_utc,
        _date_problem(certificate, now) or _key_problem(certificate),
        _subject_name(certificate),
        _is_authority(certificate),
    )


def _date_problem(certificate: x509.Certificate, now: datetime) -> str | None:
    if now >= certificate.not_valid_after_utc:
        return "the certificate has expired"
    if now < certificate.not_valid_before_utc:
        return "the certificate is not valid yet"
    return None


def _key_problem(certificate: x509.Certificate) -> str | None:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        return f"the certificate's key is not RSA of {MIN_RSA_BITS} bits or more"
    try:
        extensions = list(certificate.extensions)
    except (UnsupportedAlgorithm, ValueError):
        return "the certificate's key usage cannot be read"
    for value in (extension.value for extension in extensions):
        if isinstance(value, x509.KeyUsage) and not value.key_encipherment:
            return "the certificate is not meant for encryption"
        if isinstance(value, x509.ExtendedKeyUsage) and not _EMAIL_KEY_USAGES & set(value):
            return "the certificate is not meant for email"
    return None


def encrypt(email: bytes, certificates: list[x509.Certificate]) -> bytes:
    """Encrypt an email with S/MIME to each of the certificates.

    `email` has headers and CRLF line ends. Its body and its Content-… and MIME-Version headers are encrypted. Its other
    headers stay readable.
    """
    headers, _, body = email.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", headers)
    content_fields = [field for field in fields if field.lower().startswith((b"content-", b"mime-version"))]
    outer_fields = [field for field in fields if field not in content_fields]
    inner_part = b"\r\n".join(content_fields) + b"\r\n\r\n" + body
    # AES-256-CBC, because Outlook can read it.
    builder = PKCS7EnvelopeBuilder().set_data(inner_part).set_content_encryption_algorithm(AES256)
    for certificate in certificates:
        builder = builder.add_recipient(certificate)
    envelope = builder.encrypt(Encoding.DER, [PKCS7Options.Binary])
    return b"\r\n".join([*outer_fields, *_SMIME_HEADERS, b"", base64.encodebytes(envelope).replace(b"\n", b"\r\n")])
