"""Decrypt an S/MIME email as its recipient would, with OpenSSL."""

import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.support import authority


def decrypt_with_openssl(email: bytes, pair: authority.CertificateFiles, folder: Path) -> EmailMessage:
    """Return the email inside an S/MIME email, decrypted by OpenSSL with the recipient's key."""
    file = folder / "mail.eml"
    file.write_bytes(email)
    command = ["openssl", "cms", "-decrypt", "-in", str(file), "-recip", str(pair.certificate), "-inkey", str(pair.key)]
    plain = subprocess.run(command, check=True, capture_output=True).stdout
    message = message_from_bytes(plain, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message
