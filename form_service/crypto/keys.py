"""Keys derived from FORM_SECRET_KEYS, and encryption at rest with AES-256-GCM."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class CannotSeal(Exception):
    """Raised if an email cannot be encrypted, because no certificate is usable or the email has no body."""


class CannotOpen(Exception):
    """Raised if data cannot be decrypted: a key is missing or wrong, or the bytes are damaged."""


def derive_key(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """Derive a key of `length` bytes from `secret` for one `purpose` (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"form_service " + purpose.encode()).derive(secret)


def seal_bytes(key: AESGCM, data: bytes, associated_data: bytes) -> bytes:
    """Encrypt `data` with AES-256-GCM and prepend the nonce. Decryption needs the same `associated_data`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, data, associated_data)


def open_bytes(key: AESGCM, sealed_bytes: bytes, associated_data: bytes) -> bytes:
    """Decrypt the result of `seal_bytes`. Raises CannotOpen for damaged bytes or a wrong key."""
    try:
        return key.decrypt(sealed_bytes[:NONCE_BYTES], sealed_bytes[NONCE_BYTES:], associated_data)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the bytes are damaged, or the key is a different one") from error


@dataclass(frozen=True)
class DerivedKeys:
    """The keys derived from one of the secrets in FORM_SECRET_KEYS, each for one purpose.

    `key_id` identifies the secret without revealing it, and is stored with encrypted data.
    """

    key_id: str
    at_rest_key: AESGCM = field(repr=False)
    signing_key: bytes = field(repr=False)
    form_token_key: bytes = field(repr=False)
    pseudonym_key: bytes = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> "DerivedKeys":
        """Derive the keys from one of the secrets in FORM_SECRET_KEYS."""
        secret_bytes = secret.encode()
        return cls(
            key_id="key:" + derive_key(secret_bytes, "key id", 8).hex(),
            at_rest_key=AESGCM(derive_key(secret_bytes, "mail at rest")),
            signing_key=derive_key(secret_bytes, "signed links"),
            form_token_key=derive_key(secret_bytes, "form tokens"),
            pseudonym_key=derive_key(secret_bytes, "pseudonyms"),
        )
