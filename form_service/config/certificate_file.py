"""Explain why a file cannot be used as a certificate file of the team."""

from pathlib import Path

_PEM_CERTIFICATE_HEADER = b"-----BEGIN CERTIFICATE-----"
_ASN1_SEQUENCE = b"\x30"  # the first byte of every DER file


def problem(path: Path) -> str | None:
    """Return why the file cannot be used as a certificate file of the team, or None if it can.

    The reason continues the words "names a file". The certificate itself is not checked.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return f"that cannot be read: {path}"
    if _PEM_CERTIFICATE_HEADER in data:
        return None  # the sealer reports an expired or invalid one; emails in the outbox can still be delivered
    if b"PRIVATE KEY-----" in data:
        return f"with a private key, which belongs to the team alone, and no certificate: delete {path}"
    if b"-----BEGIN PKCS7-----" in data:
        return f"without a PEM certificate: {path}; convert it with: openssl pkcs7 -print_certs"
    if data.startswith(_ASN1_SEQUENCE):
        return f"in DER, not PEM: {path}; convert it with: openssl x509 -inform der"
    return f"without a certificate: {path}"
