"""Parse the URL of a mail server, and remove duplicates from a list of email addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from form_service.config.host_name import is_host

LOOPBACK_PATTERN = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1", re.IGNORECASE)


@dataclass(frozen=True)
class MailServer:
    """A mail server, and how to connect to it."""

    host: str
    port: int
    uses_implicit_tls: bool  # TLS from the first byte
    requires_starttls: bool  # neither login nor email without STARTTLS and a verified certificate
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Return a text without the password, which must not reach a log."""
        return f"MailServer({self.host}:{self.port})"


def without_duplicates(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the email addresses or domains without duplicates, ignoring case. The first spelling of each is kept."""
    spellings_by_lower_case: dict[str, str] = {}
    for address in addresses:
        spellings_by_lower_case.setdefault(address.lower(), address)
    return tuple(spellings_by_lower_case.values())


def parse_smtp_url(url: str) -> MailServer:
    """Return the mail server that the URL describes. Raises ValueError if the URL is invalid.

    The error's message, such as "is not a URL", is meant to follow the name of the setting. It never contains the
    password.
    """
    if "#" in url or "?" in url.removesuffix("?tls=starttls"):
        # Otherwise part of the password would be read as the host name and looked up in DNS.
        raise ValueError("holds a # or a ?: in a user or a password write %23 and %3F")
    try:
        parts = urlsplit(url)
        host, port = unquote(parts.hostname or ""), parts.port
    except ValueError as error:
        raise ValueError(
            "is not a URL such as smtp://user:password@host:587 (in a user or a password write %2F for /, "
            "%5B for [ and %5D for ])"
        ) from error
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or port == 0:
        raise ValueError("must be smtp://user:password@host:port or smtps://user:password@host:port")
    if not is_host(host):
        raise ValueError("names a host that is not a host name")
    user, password = _parse_credentials(parts)
    uses_implicit_tls = parts.scheme == "smtps"
    # Plain SMTP never leaves this machine; ?tls=starttls asks for TLS on loopback too.
    is_unencrypted = bool(LOOPBACK_PATTERN.fullmatch(host)) and not parts.query
    return MailServer(
        host=host,
        port=port or (465 if uses_implicit_tls else 587),
        uses_implicit_tls=uses_implicit_tls,
        requires_starttls=not uses_implicit_tls and not is_unencrypted,
        user=user,
        password=password,
    )


def _parse_credentials(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("names a user without a password, or a password without a user")
    if not (user + password).isascii():
        raise ValueError("holds a user or a password with characters beyond ASCII, which SMTP cannot carry")
    if not (user + password).isprintable():
        raise ValueError("holds a user or a password with a control character, such as %0A")
    return user, password
