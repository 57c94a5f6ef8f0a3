"""Keys derived from FORM_SECRET_KEYS, and encryption at rest with AES-256-GCM."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class CannotSeal(Exception):
    """The data cannot be encrypted for its reader, so it must not be accepted."""


class CannotOpen(Exception):
    """The data cannot be decrypted: its key is not in FORM_SECRET_KEYS, or the bytes are damaged."""


def derive(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """Derive a key for one purpose only (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"form_service " + purpose.encode()).derive(secret)


def seal_bytes(key: AESGCM, data: bytes, bound_to: bytes) -> bytes:
    """Encrypt with AES-256-GCM and prepend the nonce. `bound_to` is the associated data, needed again to decrypt."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, data, bound_to)


def open_bytes(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """Decrypt what seal_bytes encrypted. Raises CannotOpen."""
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the bytes are damaged, or the key is a different one") from error


@dataclass(frozen=True)
class SecretKey:
    """One of the secrets in FORM_SECRET_KEYS, with a key derived for each purpose. `key_id` is safe to store."""

    key_id: str
    at_rest: AESGCM = field(repr=False)
    signing: bytes = field(repr=False)
    form_tokens: bytes = field(repr=False)
    pseudonyms: bytes = field(repr=False)

    @classmethod
    def from_text(cls, text: str) -> "SecretKey":
        """Derive the keys from one of the secrets in FORM_SECRET_KEYS."""
        secret = text.encode()
        return cls(
            key_id="key:" + derive(secret, "key id", 8).hex(),
            at_rest=AESGCM(derive(secret, "mail at rest")),
            signing=derive(secret, "signed links"),
            form_tokens=derive(secret, "form tokens"),
            pseudonyms=derive(secret, "pseudonyms"),
        )
