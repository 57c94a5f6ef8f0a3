"""Encrypt emails with test certificates, and decrypt them with OpenSSL."""

import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from form_service.crypto import Sealer
from tests.support import authority
from tests.support.service_parts import settings_of


def decrypt_with_openssl(email: bytes, recipient: authority.CertificateFiles, folder: Path) -> EmailMessage:
    """Decrypt an S/MIME email with OpenSSL and the recipient's key; return the email inside."""
    file = folder / "mail.eml"
    file.write_bytes(email)
    command = ["openssl", "cms", "-decrypt", "-in", str(file), "-recip", str(recipient.certificate)]
    command += ["-inkey", str(recipient.key)]
    plaintext = subprocess.run(command, check=True, capture_output=True).stdout
    message = message_from_bytes(plaintext, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def sealer_for(folder: Path, *recipients: authority.CertificateFiles) -> Sealer:
    """Return a sealer that encrypts emails with these recipients' certificates."""
    paths = ",".join(str(recipient.certificate) for recipient in recipients)
    return Sealer.from_settings(settings_of(folder, FORM_TEAM_CERTIFICATES=paths))
