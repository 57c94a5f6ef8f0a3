"""Encrypt emails to test certificates, and decrypt them as their recipients would, with OpenSSL."""

import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from form_service.crypto import Sealer
from tests.support import authority
from tests.support.service_parts import settings_of


def decrypt_with_openssl(email: bytes, pair: authority.CertificateFiles, folder: Path) -> EmailMessage:
    """Return the email inside an S/MIME email, decrypted by OpenSSL with the recipient's key."""
    file = folder / "mail.eml"
    file.write_bytes(email)
    command = ["openssl", "cms", "-decrypt", "-in", str(file), "-recip", str(pair.certificate), "-inkey", str(pair.key)]
    plaintext = subprocess.run(command, check=True, capture_output=True).stdout
    message = message_from_bytes(plaintext, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def sealer_for(folder: Path, *pairs: authority.CertificateFiles) -> Sealer:
    """Return a sealer whose FORM_TEAM_CERTIFICATES names the certificates of these pairs."""
    paths = ",".join(str(pair.certificate) for pair in pairs)
    return Sealer.from_settings(settings_of(folder, FORM_TEAM_CERTIFICATES=paths))
