"""Validate the host in a server's URL: a DNS name, an IPv4 address or an IPv6 address."""

import ipaddress
import re

_DNS_NAME_PATTERN = re.compile(r"(?=.{1,253}\Z)[A-Z0-9_]([A-Z0-9_-]{0,62})(\.[A-Z0-9_-]{1,63})*\.?", re.IGNORECASE)
_NUMERIC_LAST_LABEL_PATTERN = re.compile(r"(.*\.)?[0-9]+\.?")  # no top-level domain consists of digits only
MAX_PORT = 65_535


def is_host(host: str) -> bool:
    """Return whether `host` is a valid DNS name or IP address (IPv6 without brackets)."""
    if ":" not in host and not _NUMERIC_LAST_LABEL_PATTERN.fullmatch(host):
        return _DNS_NAME_PATTERN.fullmatch(host) is not None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
