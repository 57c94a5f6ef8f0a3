"""If one IP address of a mail server is unreachable, email is delivered through another."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

from form_service.config.smtp_url import MailServer as Address
from form_service.mail import happy_eyeballs, smtp_connection
from form_service.mail.smtp_client import MailRoute
from tests.support.mail_server import MailServer

StartMailServer = Callable[..., MailServer]
EMAIL_BYTES = b"Subject: Referral 7KQ4-M2X6\r\n\r\nWords.\r\n"


class UnresponsiveAddress:
    """An address that answers no connection attempt: a listener whose backlog is full."""

    def __init__(self) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.2", 0))
        self._listener.listen(0)
        self.sockaddr = self._listener.getsockname()
        self._connections = []
        for _ in range(4):
            connection = socket.socket()
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.connect(self.sockaddr)
            self._connections.append(connection)

    def close(self) -> None:
        for open_socket in (self._listener, *self._connections):
            open_socket.close()


class SilentAddress:
    """An address that accepts connections but never sends the SMTP greeting."""

    def __init__(self) -> None:
        self.close_requested = threading.Event()
        address = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                address.close_requested.wait(20)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.3", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.sockaddr = self._server.server_address
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.close_requested.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def dead_address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    if request.param == "refusing":
        yield ("127.0.0.4", 1)
        return
    simulated_address = UnresponsiveAddress() if request.param == "unresponsive" else SilentAddress()
    yield simulated_address.sockaddr  # type: ignore[misc]
    simulated_address.close()


def make_names_resolve_to(monkeypatch: pytest.MonkeyPatch, *sockaddrs: object) -> None:
    results = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", sockaddr) for sockaddr in sockaddrs]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: results)


@pytest.mark.long
@pytest.mark.parametrize("dead_address", ["unresponsive", "refusing", "silent"], indirect=True)
@pytest.mark.parametrize("is_dead_address_first", [True, False])
def test_an_email_reaches_a_server_with_one_dead_address(
    start_mail_server: StartMailServer,
    monkeypatch: pytest.MonkeyPatch,
    dead_address: tuple[str, int],
    is_dead_address_first: bool,
) -> None:
    monkeypatch.setattr(happy_eyeballs, "ATTEMPT_DELAY_SECONDS", 0.02)
    monkeypatch.setattr(smtp_connection, "CONNECTION_SECONDS", 3.0)
    server = start_mail_server()
    working_address = ("127.0.0.1", server.port)
    make_names_resolve_to(
        monkeypatch, *((dead_address, working_address) if is_dead_address_first else (working_address, dead_address))
    )
    route = MailRoute(Address("mail.example", 25, False, False), "", "form@service.example")
    assert route.send("one@team.example", EMAIL_BYTES).accepted
    route.close()
    assert len(server.received_emails) == 1


def test_a_wrong_password_is_tried_at_one_address_only(
    start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = [start_mail_server(faults={"auth": "535 wrong"}) for _ in range(2)]
    make_names_resolve_to(monkeypatch, *(("127.0.0.1", server.port) for server in servers))
    route = MailRoute(Address("mail.example", 25, False, False, "form", "secret"), "", "form@service.example")
    assert route.send("one@team.example", EMAIL_BYTES).error_class == "auth-535"
    assert sum(server.connection_count for server in servers) == 1, "an account must not be locked"


def test_ipv6_and_ipv4_addresses_are_tried_alternately(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [(socket.AF_INET6, 1, 6, "", (f"2001:db8::{number}", 25, 0, 0)) for number in (1, 2, 3)]
    results += [(socket.AF_INET, 1, 6, "", ("192.0.2.1", 25))]  # type: ignore[list-item]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: results)
    hosts_to_try = [address.sockaddr[0] for address in happy_eyeballs.resolve("mail.example", 25)]
    assert hosts_to_try == ["2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"]


def test_when_every_address_fails_the_reason_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_names_resolve_to(monkeypatch, ("127.0.0.4", 1), ("127.0.0.5", 1))
    route = MailRoute(Address("mail.example", 25, False, False), "", "form@service.example")
    assert route.send("one@team.example", EMAIL_BYTES).error_class == "connection-refused"
