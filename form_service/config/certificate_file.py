"""Find out why a file cannot be used as the team's certificates."""

from pathlib import Path

_PEM_CERTIFICATE_HEADER = b"-----BEGIN CERTIFICATE-----"
_ASN1_SEQUENCE = b"\x30"  # the first byte of every DER file


def problem(path: Path) -> str | None:
    """Return why the file cannot be used as certificates of the team, or None if it can.

    The reason continues the words "names a file". An expired or invalid certificate is not reported here: it closes the
    form (see Sealer), but emails that are already in the outbox can still be delivered.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return f"that cannot be read: {path}"
    if _PEM_CERTIFICATE_HEADER in data:
        return None
    if b"PRIVATE KEY-----" in data:
        return f"with a private key, which belongs to the team alone, and no certificate: delete {path}"
    if b"-----BEGIN PKCS7-----" in data:
        return f"without a PEM certificate: {path}; convert it with: openssl pkcs7 -print_certs"
    if data.startswith(_ASN1_SEQUENCE):
        return f"in DER, not PEM: {path}; convert it with: openssl x509 -inform der"
    return f"without a certificate: {path}"
