"""Addresses: of a mail server, as FORM_SMTP_URL holds it, and of several people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1", re.IGNORECASE)


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `starttls` means that nothing is sent before a verified STARTTLS."""

    host: str
    port: int
    implicit_tls: bool
    starttls: bool
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Without the password, because objects end up in logs."""
        return f"MailServer({self.host}:{self.port})"


def each_once(addresses: Iterable[str]) -> tuple[str, ...]:
    """Email addresses in their order, each once: one that is written again, perhaps in other letters, gets no more."""
    found: dict[str, str] = {}
    for one in addresses:
        found.setdefault(one.lower(), one)
    return tuple(found.values())


def parse(url: str) -> MailServer:
    """The mail server; raises ValueError with words that show nothing of a password."""
    if "#" in url or "?" in url.removesuffix("?tls=starttls"):
        # Else what comes before it would be taken for the host, and a password for a name to look up.
        raise ValueError("holds a # or a ?: in a user or a password write %23 and %3F")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("is not an address such as smtp://user:password@host:587") from error
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or port == 0:
        raise ValueError("must be smtp://user:password@host:port or smtps://user:password@host:port")
    user, password = _login(parts)
    implicit = parts.scheme == "smtps"
    # Plain SMTP never leaves this machine; ?tls=starttls asks for TLS on loopback too.
    plain = bool(LOOPBACK.fullmatch(host)) and not parts.query
    return MailServer(
        host=host,
        port=port or (465 if implicit else 587),
        implicit_tls=implicit,
        starttls=not implicit and not plain,
        user=user,
        password=password,
    )


def _login(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("names a user without a password, or a password without a user")
    if not (user + password).isascii():
        raise ValueError("holds a user or a password with characters beyond ASCII, which SMTP cannot carry")
    return user, password
