"""Keys derived from FORM_SECRET_KEYS, and sealing at rest with AES-256-GCM."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class CannotSeal(Exception):
    """Nothing may be accepted, because it could not be sealed to its reader."""


class CannotOpen(Exception):
    """A sealed row cannot be opened: its key is not among FORM_SECRET_KEYS, or the bytes are damaged."""


def derive(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose only (HKDF, RFC 5869)."""
    return HKDF(
        algorithm=SHA256(),
        length=length,
        salt=None,
        info=b"form_service " + purpose.encode(),
    ).derive(secret)


def seal_bytes(key: AESGCM, data: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM with a random nonce in front; `bound_to` must be given again to open."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, data, bound_to)


def open_bytes(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """The inverse of seal_bytes; raises CannotOpen."""
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the seal is broken or the key is another one") from error


@dataclass(frozen=True)
class SecretKey:
    """One of FORM_SECRET_KEYS, turned into a key for each purpose. `key_id` is safe to store."""

    key_id: str
    at_rest: AESGCM = field(repr=False)
    signing: bytes = field(repr=False)
    form_tokens: bytes = field(repr=False)
    pseudonyms: bytes = field(repr=False)

    @classmethod
    def from_text(cls, text: str) -> "SecretKey":
        """Derive the keys from one secret of the settings."""
        secret = text.encode()
        return cls(
            key_id="key:" + derive(secret, "key id", 8).hex(),
            at_rest=AESGCM(derive(secret, "mail at rest")),
            signing=derive(secret, "signed links"),
            form_tokens=derive(secret, "form tokens"),
            pseudonyms=derive(secret, "pseudonyms"),
        )
