"""Connect to whichever of a host's addresses answers first: Happy Eyeballs (RFC 8305) without its DNS part."""

import os
import selectors
import socket
import time
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import NamedTuple

# RFC 8305, section 8: the recommended connection attempt delay.
ATTEMPT_DELAY_SECONDS = 0.25


class HostAddress(NamedTuple):
    """One address of a host, with the arguments for `socket.socket` and for the socket's `connect`."""

    family: socket.AddressFamily
    kind: socket.SocketKind
    protocol: int
    sockaddr: tuple[object, ...]


def resolve(host: str, port: int) -> list[HostAddress]:
    """Return the host's addresses, alternating between IPv6 and IPv4.

    The address that the system prefers comes first. Raises OSError if the name cannot be looked up, and UnicodeError if
    it cannot be encoded.
    """
    address_infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [HostAddress(family, kind, protocol, sockaddr) for family, kind, protocol, _, sockaddr in address_infos]
    preferred_addresses = [address for address in addresses if address.family == addresses[0].family]
    other_addresses = [address for address in addresses if address.family != addresses[0].family]
    return [
        address
        for address in chain.from_iterable(zip_longest(preferred_addresses, other_addresses))
        if address is not None
    ]


def connect(addresses: Iterable[HostAddress], seconds: float) -> tuple[socket.socket, HostAddress]:
    """Connect to the first address that answers. Return the connection and that address.

    Until one answers, another attempt starts every 250 ms. Raises TimeoutError after `seconds`, or OSError if every
    attempt has failed.
    """
    attempts = _ConnectionAttempts(list(addresses), time.monotonic() + seconds)
    try:
        return attempts.run()
    finally:
        attempts.close()


class _ConnectionAttempts:
    def __init__(self, untried_addresses: list[HostAddress], deadline: float) -> None:
        self._untried_addresses = untried_addresses
        self._deadline = deadline
        self._next_attempt_at = 0.0
        self._last_error: OSError = OSError("the host has no address")
        self._selector = selectors.DefaultSelector()

    def run(self) -> tuple[socket.socket, HostAddress]:
        while self._untried_addresses or self._selector.get_map():
            now = time.monotonic()
            if now >= self._deadline:
                raise TimeoutError
            if self._untried_addresses and (now >= self._next_attempt_at or not self._selector.get_map()):
                self._start_attempt(self._untried_addresses.pop(0))
                self._next_attempt_at = now + ATTEMPT_DELAY_SECONDS
            wake_at = min(self._deadline, self._next_attempt_at) if self._untried_addresses else self._deadline
            for key, _ in self._selector.select(max(0.0, wake_at - now)):
                if self._finish_attempt(key):
                    return key.fileobj, key.data  # type: ignore[return-value]
        raise self._last_error

    def close(self) -> None:
        """Close every connection but the one that `run` returned."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _start_attempt(self, address: HostAddress) -> None:
        connection = socket.socket(address.family, address.kind, address.protocol)
        connection.setblocking(False)
        try:
            connection.connect(address.sockaddr)
        except BlockingIOError:
            pass
        except OSError as error:
            connection.close()
            self._last_error = error
            return
        self._selector.register(connection, selectors.EVENT_WRITE, address)

    def _finish_attempt(self, key: selectors.SelectorKey) -> bool:
        """Return whether the connection of `key` was made. If not, close it and let the next attempt start at once."""
        connection: socket.socket = key.fileobj  # type: ignore[assignment]
        self._selector.unregister(connection)
        error_number = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error_number == 0:
            return True
        connection.close()
        self._last_error = OSError(error_number, os.strerror(error_number))
        self._next_attempt_at = 0.0
        return False
