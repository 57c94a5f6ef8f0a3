"""Handing over by SMTP: whatever a server does, the answer is right, in time, and nothing goes out unverified."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from form_service.config.smtp_url import MailServer as Address
from form_service.mail import smtp_client
from form_service.mail.smtp_client import Handed, MailRoute
from tests.support import authority
from tests.support.mail_server import MailServer

MAIL = b"Subject: Referral 7KQ4-M2X6\r\nMessage-ID: <a@b>\r\n\r\nWords.\r\n.a line that starts with a dot\r\n"
Start = Callable[..., MailServer]


def route_to(
    server: MailServer, tls: bool = False, ca_file: str = "", implicit: bool = False, user: str = ""
) -> MailRoute:
    address = Address("127.0.0.1", server.port, implicit, tls and not implicit, user, "secret" if user else "")
    return MailRoute(address, ca_file, "form@service.example")


def test_a_mail_arrives_byte_for_byte(mail_server: Start) -> None:
    server = mail_server()
    route = route_to(server)
    assert route.send("one@team.example", MAIL) == Handed(True)
    route.close()
    assert [(one.sender, one.recipient, one.data) for one in server.taken] == [
        ("form@service.example", "one@team.example", MAIL)
    ]


def test_the_connection_is_used_again(mail_server: Start) -> None:
    server = mail_server()
    route = route_to(server)
    for _ in range(5):
        assert route.send("one@team.example", MAIL).taken
    assert (len(server.taken), server.connections) == (5, 1)
    route.close()


def test_a_kept_connection_that_the_server_closed_is_no_failure(mail_server: Start) -> None:
    server = mail_server()
    route = route_to(server)
    assert route.send("one@team.example", MAIL).taken
    server.behaviour.faults = Once(mail="421 idle too long")
    assert route.send("one@team.example", MAIL).taken
    assert server.connections == 2
    route.close()


class Once(dict[str, str]):
    """Faults that happen once."""

    def get(self, stage: str, default: Any = None) -> Any:
        return self.pop(stage, default)


@pytest.mark.parametrize(
    ("stage", "reply", "expected"),
    [
        ("greeting", "554 go away", Handed(False, "greeting-554", permanent=True, route=True)),
        ("greeting", "421 busy", Handed(False, "greeting-421", route=True)),
        ("ehlo", "500 what", Handed(False, "ehlo-500", permanent=True, route=True)),
        ("mail", "530 log in first", Handed(False, "mail-530", permanent=True, route=True)),
        ("mail", "451 later", Handed(False, "mail-451", route=True)),
        ("rcpt", "450 greylisted", Handed(False, "rcpt-450")),
        ("rcpt", "550 unknown", Handed(False, "rcpt-550", permanent=True)),
        ("rcpt", "421 closing", Handed(False, "rcpt-421", route=True)),
        ("data", "451 later", Handed(False, "data-451")),
        ("content", "452 full", Handed(False, "content-452")),
        ("content", "554 looks like spam", Handed(False, "content-554", permanent=True)),
        ("content", "drop", Handed(False, "lost-after-data", maybe=True)),
        ("greeting", "drop", Handed(False, "connection-lost", route=True)),
        ("mail", "drop", Handed(False, "connection-lost", route=True)),
        ("data", "drop", Handed(False, "connection-lost", route=True)),
        ("quit", "421 closing", Handed(True)),
        ("quit", "drop", Handed(True)),
    ],
)
def test_every_refusal_is_told_apart(mail_server: Start, stage: str, reply: str, expected: Handed) -> None:
    server = mail_server(faults={stage: reply})
    route = route_to(server)
    assert route.send("one@team.example", MAIL) == expected
    route.close()
    server.behaviour.faults.clear()
    assert route.send("one@team.example", MAIL).taken, "a failure must not spoil the next mail"
    route.close()


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "content", "quit"])
@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_server_that_hangs_or_drips_holds_nobody_past_the_deadline(
    mail_server: Start, monkeypatch: pytest.MonkeyPatch, stage: str, how: str
) -> None:
    monkeypatch.setattr(smtp_client, "QUIT_SECONDS", 0.3)
    server = mail_server(faults={stage: how})
    route = route_to(server)
    begun = time.monotonic()
    answer = route.send("one@team.example", MAIL, seconds=0.4)
    assert time.monotonic() - begun < 1.5
    route.close()
    assert time.monotonic() - begun < 3
    if stage == "quit":
        assert answer.taken
        return
    assert not answer.taken
    assert answer.maybe == (stage == "content")
    assert answer.error in ("timeout", "timeout-after-data")


def test_nobody_listens() -> None:
    route = MailRoute(Address("127.0.0.1", 1, False, False), "", "form@service.example")
    assert route.send("one@team.example", MAIL) == Handed(False, "connection-refused", route=True)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.Pair:
    return authority.make(tmp_path_factory.mktemp("ca"), "Test authority", key=authority.rsa_key(1))


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "smtps"])
def test_verified_tls_delivers(mail_server: Start, ca: authority.Pair, tmp_path: Path, implicit: bool) -> None:
    pair = authority.make(tmp_path, "127.0.0.1", issuer=ca)
    server = mail_server(context=pair.server_context(), implicit_tls=implicit)
    route = route_to(server, tls=True, ca_file=str(ca.certificate), implicit=implicit, user="form")
    assert route.send("one@team.example", MAIL).taken
    route.close()
    assert server.taken[0].encrypted


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "smtps"])
@pytest.mark.parametrize("fault", ["wrong name", "expired", "self-signed"])
def test_nothing_is_sent_to_a_server_that_cannot_prove_itself(
    mail_server: Start, ca: authority.Pair, tmp_path: Path, fault: str, implicit: bool
) -> None:
    name = "mail.elsewhere.example" if fault == "wrong name" else "127.0.0.1"
    days = (-30.0, -1.0) if fault == "expired" else (-1.0, 365.0)
    pair = authority.make(tmp_path, name, days=days, issuer=None if fault == "self-signed" else ca)
    server = mail_server(context=pair.server_context(), implicit_tls=implicit)
    route = route_to(server, tls=True, ca_file=str(ca.certificate), implicit=implicit, user="form")
    assert route.send("one@team.example", MAIL) == Handed(False, "tls-certificate", route=True)
    assert server.attempts == 0 and not server.taken


def test_nothing_is_sent_where_starttls_is_not_offered(mail_server: Start) -> None:
    server = mail_server()
    route = route_to(server, tls=True, user="form")
    assert route.send("one@team.example", MAIL) == Handed(False, "no-starttls", route=True)
    assert server.attempts == 0 and not server.taken


def test_a_wrong_password_is_told_and_nothing_is_sent(mail_server: Start) -> None:
    server = mail_server(faults={"auth": "535 wrong"})
    route = route_to(server, user="form")
    assert route.send("one@team.example", MAIL) == Handed(False, "auth-535", permanent=True, route=True)
    assert server.attempts == 0


def test_a_server_that_never_stops_answering_is_cut_off(mail_server: Start) -> None:
    server = mail_server(faults={"ehlo": "\r\n".join(["250-more of the same " + "x" * 400] * 4000)})
    assert not route_to(server).send("one@team.example", MAIL, seconds=5).taken
