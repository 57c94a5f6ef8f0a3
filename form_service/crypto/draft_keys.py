"""Derive a draft's id, encryption key and form token from its cookie.

The server stores neither the cookie nor the key.
"""

import base64
import hashlib
import hmac
import re
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from form_service.crypto.keys import CannotOpen, derive_key, open_bytes, seal_bytes

# 32 bytes in URL-safe base64. The last character encodes four bits, and two padding bits that are always 0.
_COOKIE_PATTERN = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


def new_cookie() -> str:
    """Return a new cookie value: 256 random bits."""
    return secrets.token_urlsafe(32)


def cookie_secret(cookie: str) -> bytes | None:
    """Return the 32 bytes that the cookie encodes, or None if the cookie is malformed."""
    return base64.urlsafe_b64decode(f"{cookie}=") if _COOKIE_PATTERN.fullmatch(cookie) else None


def draft_id(cookie: str) -> str | None:
    """Return the id under which the draft of `cookie` is stored. It does not reveal the cookie.

    Return None if the cookie is malformed.
    """
    secret = cookie_secret(cookie)
    return None if secret is None else derive_key(secret, "draft id", 16).hex()


def _draft_key(cookie: str) -> AESGCM:
    secret = cookie_secret(cookie)
    if secret is None:
        raise CannotOpen("this is not a draft key")
    return AESGCM(derive_key(secret, "draft"))


def seal_draft(cookie: str, data: bytes) -> bytes:
    """Encrypt a draft with the key that belongs to `cookie`. Raises CannotOpen for a malformed cookie."""
    return seal_bytes(_draft_key(cookie), data, b"draft")


def open_draft(cookie: str, sealed_bytes: bytes) -> bytes | None:
    """Decrypt a draft with the key that belongs to `cookie`. Return None if that fails."""
    try:
        return open_bytes(_draft_key(cookie), sealed_bytes, b"draft")
    except CannotOpen:
        return None


def form_token(key: bytes, cookie: str) -> str:
    """Return the anti-forgery token for the forms of the draft that belongs to `cookie`.

    The token never expires, so that a person who takes a long time loses no answer.
    """
    return hmac.new(key, cookie.encode(), hashlib.sha256).hexdigest()
