"""The SMTP client reports a result within its time limit. It sends nothing to a server with an invalid certificate."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from form_service import logs
from form_service.config.smtp_url import MailServer as MailServerSettings
from form_service.mail import smtp_client, smtp_connection
from form_service.mail.smtp_client import MailRoute, SendResult
from form_service.mail.smtp_errors import EXPLANATIONS, explain
from tests.support import authority
from tests.support.mail_server import MailServer

pytestmark = pytest.mark.long


EMAIL_BYTES = b"Subject: Referral 7KQ4-M2X6\r\nMessage-ID: <a@b>\r\n\r\nWords.\r\n.a line that starts with a dot\r\n"
StartMailServer = Callable[..., MailServer]


def route_to(
    server: MailServer, tls: bool = False, ca_file: str = "", implicit_tls: bool = False, user: str = ""
) -> MailRoute:
    address = MailServerSettings(
        "127.0.0.1", server.port, implicit_tls, tls and not implicit_tls, user, "secret" if user else ""
    )
    return MailRoute(address, ca_file, "form@service.example")


def test_an_email_arrives_byte_for_byte(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    route = route_to(server)
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(True)
    route.close()
    assert [(email.sender, email.recipient, email.data) for email in server.received_emails] == [
        ("form@service.example", "one@team.example", EMAIL_BYTES)
    ]


def test_the_connection_is_reused_for_the_next_emails(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    route = route_to(server)
    for _ in range(5):
        assert route.send("one@team.example", EMAIL_BYTES).accepted
    assert (len(server.received_emails), server.connection_count) == (5, 1)
    route.close()


def test_an_idle_connection_that_the_server_closed_is_reopened(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    route = route_to(server)
    assert route.send("one@team.example", EMAIL_BYTES).accepted
    server.behaviour.faults = OneTimeFaults(mail="421 idle too long")
    assert route.send("one@team.example", EMAIL_BYTES).accepted
    assert server.connection_count == 2
    route.close()


class OneTimeFaults(dict[str, str]):
    """The mail server's faults by stage. Reading a fault removes it, so that it happens once."""

    def get(self, stage: str, default: Any = None) -> Any:
        return self.pop(stage, default)


@pytest.mark.parametrize(
    ("stage", "reply", "expected_result"),
    [
        ("greeting", "554 go away", SendResult(False, "greeting-554", permanent=True, route_failed=True)),
        ("greeting", "421 busy", SendResult(False, "greeting-421", route_failed=True)),
        ("ehlo", "500 what", SendResult(False, "ehlo-500", permanent=True, route_failed=True)),
        ("mail", "530 log in first", SendResult(False, "mail-530", permanent=True, route_failed=True)),
        ("mail", "451 later", SendResult(False, "mail-451", route_failed=True)),
        ("rcpt", "450 greylisted", SendResult(False, "rcpt-450", recipient_failed=True)),
        ("rcpt", "550 unknown", SendResult(False, "rcpt-550", permanent=True, recipient_failed=True)),
        ("rcpt", "421 closing", SendResult(False, "rcpt-421", recipient_failed=True)),
        ("rcpt", "drop", SendResult(False, "connection-lost", recipient_failed=True)),
        ("rcpt", "what?", SendResult(False, "reply-unreadable", recipient_failed=True)),
        ("data", "451 later", SendResult(False, "data-451", recipient_failed=True)),
        ("content", "452 full", SendResult(False, "content-452")),
        ("content", "554 looks like spam", SendResult(False, "content-554", permanent=True)),
        ("content", "drop", SendResult(False, "lost-after-data", uncertain=True)),
        ("greeting", "drop", SendResult(False, "connection-lost", route_failed=True)),
        ("mail", "drop", SendResult(False, "connection-lost", route_failed=True)),
        ("data", "drop", SendResult(False, "connection-lost", recipient_failed=True)),
        ("content", "354 go on", SendResult(False, "content-354", uncertain=True)),
        ("content", "all is well", SendResult(False, "reply-unreadable", uncertain=True)),
        ("content", "251 will forward", SendResult(True)),
        ("content", "250 " + "x" * 9_000, SendResult(True)),
        ("content", "250-" + "x" * 9_000 + "\r\n250 done", SendResult(True)),
        ("content", "554 " + "x" * 9_000, SendResult(False, "content-554", permanent=True)),
        ("content", "250-" + "x" * 1_100_000, SendResult(False, "lost-after-data", uncertain=True)),
        ("quit", "421 closing", SendResult(True)),
        ("quit", "drop", SendResult(True)),
    ],
)
def test_every_reply_of_a_mail_server_is_classified(
    start_mail_server: StartMailServer, stage: str, reply: str, expected_result: SendResult
) -> None:
    server = start_mail_server(faults={stage: reply})
    route = route_to(server)
    assert route.send("one@team.example", EMAIL_BYTES) == expected_result
    route.close()
    server.behaviour.faults.clear()
    assert route.send("one@team.example", EMAIL_BYTES).accepted, "a failure does not affect the next email"
    route.close()


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "content", "quit"])
@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_mail_server_that_hangs_or_answers_too_slowly_is_abandoned_at_the_deadline(
    start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch, stage: str, fault: str
) -> None:
    monkeypatch.setattr(smtp_client, "QUIT_SECONDS", 0.3)
    server = start_mail_server(faults={stage: fault})
    route = route_to(server)
    started_at = time.monotonic()
    result = route.send("one@team.example", EMAIL_BYTES, seconds=0.4)
    assert time.monotonic() - started_at < 1.5
    route.close()
    assert time.monotonic() - started_at < 3
    if stage == "quit":
        assert result.accepted
        return
    assert result.route_failed == (stage in ("greeting", "ehlo", "mail"))
    assert not result.accepted
    assert result.uncertain == (stage == "content")
    assert result.error_class in ("timeout", "timeout-after-data")


def test_a_refused_connection_is_a_failure_of_the_mail_server() -> None:
    route = MailRoute(MailServerSettings("127.0.0.1", 1, False, False), "", "form@service.example")
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(False, "connection-refused", route_failed=True)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.CertificateFiles:
    return authority.make_certificate(tmp_path_factory.mktemp("ca"), "Test authority", key=authority.rsa_key(1))


@pytest.mark.parametrize("implicit_tls", [False, True], ids=["starttls", "smtps"])
def test_an_email_is_delivered_over_verified_tls(
    start_mail_server: StartMailServer, ca: authority.CertificateFiles, tmp_path: Path, implicit_tls: bool
) -> None:
    pair = authority.make_certificate(tmp_path, "127.0.0.1", issuer=ca)
    server = start_mail_server(tls_context=pair.server_context(), implicit_tls=implicit_tls)
    route = route_to(server, tls=True, ca_file=str(ca.certificate), implicit_tls=implicit_tls, user="form")
    assert route.send("one@team.example", EMAIL_BYTES).accepted
    route.close()
    assert server.received_emails[0].over_tls


@pytest.mark.parametrize("implicit_tls", [False, True], ids=["starttls", "smtps"])
@pytest.mark.parametrize("fault", ["wrong name", "expired", "self-signed"])
def test_nothing_is_sent_to_a_server_with_an_invalid_certificate(
    start_mail_server: StartMailServer, ca: authority.CertificateFiles, tmp_path: Path, fault: str, implicit_tls: bool
) -> None:
    name = "mail.elsewhere.example" if fault == "wrong name" else "127.0.0.1"
    validity_days = (-30.0, -1.0) if fault == "expired" else (-1.0, 365.0)
    pair = authority.make_certificate(
        tmp_path, name, validity_days=validity_days, issuer=None if fault == "self-signed" else ca
    )
    server = start_mail_server(tls_context=pair.server_context(), implicit_tls=implicit_tls)
    route = route_to(server, tls=True, ca_file=str(ca.certificate), implicit_tls=implicit_tls, user="form")
    expected_error = {"wrong name": "tls-certificate-name", "expired": "tls-certificate-expired"}.get(
        fault, "tls-certificate"
    )
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(False, expected_error, route_failed=True)
    assert server.delivery_attempt_count == 0 and not server.received_emails


def test_nothing_is_sent_to_a_server_that_does_not_offer_starttls(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    route = route_to(server, tls=True, user="form")
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(False, "no-starttls", route_failed=True)
    assert server.delivery_attempt_count == 0 and not server.received_emails


def test_a_wrong_password_is_reported_and_nothing_is_sent(start_mail_server: StartMailServer) -> None:
    server = start_mail_server(faults={"auth": "535 wrong"})
    route = route_to(server, user="form")
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(
        False, "auth-535", permanent=True, route_failed=True
    )
    assert server.delivery_attempt_count == 0


def test_a_server_that_never_stops_answering_is_cut_off(start_mail_server: StartMailServer) -> None:
    server = start_mail_server(faults={"ehlo": "\r\n".join(["250-more of the same " + "x" * 400] * 4000)})
    assert not route_to(server).send("one@team.example", EMAIL_BYTES, seconds=5).accepted


@pytest.mark.parametrize(
    ("mechanisms", "error"), [("", "login-not-offered"), ("GSSAPI NTLM XOAUTH2", "login-mechanism")]
)
def test_a_login_that_the_server_does_not_support_is_reported_as_such(
    start_mail_server: StartMailServer, mechanisms: str, error: str
) -> None:
    server = start_mail_server(auth_mechanisms=mechanisms)
    assert route_to(server, user="form").send("one@team.example", EMAIL_BYTES) == SendResult(
        False, error, route_failed=True
    )
    assert server.delivery_attempt_count == 0


def test_a_refused_starttls_is_reported_as_such(
    start_mail_server: StartMailServer, ca: authority.CertificateFiles, tmp_path: Path
) -> None:
    pair = authority.make_certificate(tmp_path, "127.0.0.1", issuer=ca)
    server = start_mail_server(tls_context=pair.server_context(), faults={"starttls": "454 not now"})
    result = route_to(server, tls=True, ca_file=str(ca.certificate)).send("one@team.example", EMAIL_BYTES)
    assert result == SendResult(False, "starttls-454", route_failed=True)
    assert not server.received_emails


@pytest.mark.parametrize(
    ("host", "error"),
    [("mail.nowhere.invalid", "name-not-found"), ("mail..internal", "name-not-found"), ("a" * 70, "name-not-found")],
)
def test_a_host_name_that_does_not_resolve_is_reported_as_such(
    monkeypatch: pytest.MonkeyPatch, host: str, error: str
) -> None:
    def fail_to_look_up(name: str, *_: object, **__: object) -> None:
        name.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fail_to_look_up)
    route = MailRoute(MailServerSettings(host, 25, False, False), "", "form@service.example")
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(False, error, route_failed=True)


def test_a_renewed_ca_file_is_read_without_a_restart(
    start_mail_server: StartMailServer, ca: authority.CertificateFiles, tmp_path: Path
) -> None:
    pair = authority.make_certificate(tmp_path, "127.0.0.1", issuer=ca)
    server = start_mail_server(tls_context=pair.server_context())
    bundle_file = tmp_path / "bundle.pem"
    bundle_file.write_bytes(
        authority.make_certificate(tmp_path / "other", "Another authority").certificate.read_bytes()
    )
    route = route_to(server, tls=True, ca_file=str(bundle_file))
    assert route.send("one@team.example", EMAIL_BYTES).error_class == "tls-certificate"
    bundle_file.unlink()
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(False, "ca-file", route_failed=True)
    bundle_file.write_bytes(ca.certificate.read_bytes())
    assert route.send("one@team.example", EMAIL_BYTES).accepted
    route.close()


def test_an_email_that_was_only_partly_sent_is_reported_as_failed(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    route = route_to(server)
    assert route.send("one@team.example", EMAIL_BYTES).accepted
    connection = route._connection
    assert connection is not None
    send = connection.send

    def close_before_body(data: Any) -> None:
        if len(data) > 40 and b"Words" in bytes(data):
            connection.close()
        send(data)

    connection.send = close_before_body  # type: ignore[method-assign]
    assert route.send("one@team.example", EMAIL_BYTES) == SendResult(False, "connection-lost")
    assert len(server.received_emails) == 1


def test_a_long_wait_for_a_reply_is_reported_regularly_and_can_be_cut_short(
    start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_connection, "WAIT_SLICE_SECONDS", 0.01)
    monkeypatch.setattr(smtp_connection, "ON_WAIT_INTERVAL_SECONDS", 0.02)
    server = start_mail_server(faults={"content": "hang"})
    route = route_to(server)
    report_times: list[float] = []

    def on_wait() -> None:
        report_times.append(time.monotonic())
        if len(report_times) == 5:
            route.shorten_deadline(0.05)

    result = route.send("one@team.example", EMAIL_BYTES, on_wait=on_wait)
    assert result == SendResult(False, "timeout-after-data", uncertain=True)
    assert len(report_times) >= 5


@pytest.mark.parametrize("error", [*EXPLANATIONS, "rcpt-550", "mail-451", "auth-535", "starttls-454", "content-554"])
def test_every_smtp_error_is_explained_and_can_be_stored_and_logged(error: str) -> None:
    assert explain(error) != explain("no-such-class")
    assert len(error) <= 40
    logs.event("test", error=error)
