"""Changing settings while emails wait to be sent has the effects that guides/operating.md lists."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path

import pytest

from form_service.crypto import Sealer
from form_service.operations.reminder_sender import ReminderSender
from form_service.store.outbox import DeliveryResult
from form_service.worker import Worker
from service_profile import load
from tests.support import authority
from tests.support.mail_server import MailServer
from tests.support.receipts import references_with_sealed_email
from tests.support.service_parts import SAFETY_NOTE, SECRET, TEAM_EMAILS, Clock, ServiceParts
from tests.support.smime import decrypt_with_openssl

StartMailServer = Callable[..., MailServer]
DAY_SECONDS = 86_400.0
NEW_SECRET_KEY = "a-newer-key-" * 4


def deliver(parts: ServiceParts, server: MailServer, **changes: object) -> list[Message]:
    """Apply `changes` to the settings and run a worker until no email is due.

    Return all emails that the server has accepted so far.
    """
    parts.settings = replace(parts.settings, smtp_url=server.url, **changes)  # type: ignore[arg-type]
    Worker(parts.settings, Sealer.from_settings(parts.settings), parts.store).run(once=True)
    return [message_from_bytes(email.data, policy=policy.SMTP) for email in server.received_emails]


def test_waiting_emails_are_sent_from_the_new_senders(parts: ServiceParts, start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    parts.accept(copy_to="sam@post.example")
    deliver(parts, server, mail_from="new@service.example", neutral_from="newcopy@service.example")
    senders = {email.recipient: email.sender for email in server.received_emails}
    assert senders == {TEAM_EMAILS[0]: "new@service.example", "sam@post.example": "newcopy@service.example"}
    for email in server.received_emails:
        message = message_from_bytes(email.data, policy=policy.SMTP)
        assert message.get_all("From") == [email.sender], "header and envelope have the same sender"
        assert message["Message-ID"], "the Message-ID, by which a repeat is recognised, is kept"
    assert SAFETY_NOTE.split(";")[0].encode() in server.received_emails[0].data + server.received_emails[1].data


def test_a_from_header_of_several_lines_is_replaced_and_nothing_else_changes() -> None:
    from form_service.mail.message import replace_sender

    stored_email = (
        b"Subject: x\r\nfrom: a@b.example,\r\n\tc@d.example\r\nTo: t@u.example\r\n\r\nFrom: me\r\n\r\nFrom: you"
    )
    expected_email = b"Subject: x\r\nFrom: new@e.example\r\nTo: t@u.example\r\n\r\nFrom: me\r\n\r\nFrom: you"
    assert replace_sender(stored_email, "new@e.example") == expected_email
    assert replace_sender(b"Subject: x\r\n\r\nFrom: me", "new@e.example") == b"Subject: x\r\n\r\nFrom: me"


def test_waiting_emails_go_to_the_new_address_of_the_team_only(
    parts: ServiceParts, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server()
    references = {parts.accept() for _ in range(3)}
    deliver(parts, server, team_email=("new@team.internal",))
    assert [email.recipient for email in server.received_emails] == ["new@team.internal"] * 3
    assert {
        str(message_from_bytes(email.data)["Subject"]).removeprefix("Referral ") for email in server.received_emails
    } == references
    assert parts.store.reports.outbox_state().waiting_count == 0


def test_an_address_added_to_the_team_gets_new_referrals_only(
    parts: ServiceParts, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server()
    parts.accept()
    deliver(parts, server, team_email=TEAM_EMAILS)
    assert [email.recipient for email in server.received_emails] == [TEAM_EMAILS[0]]
    parts.accept()
    deliver(parts, server, team_email=TEAM_EMAILS)
    assert sorted(email.recipient for email in server.received_emails) == [
        TEAM_EMAILS[0],
        TEAM_EMAILS[0],
        TEAM_EMAILS[1],
    ]


def test_a_changed_certificate_applies_to_new_referrals_only(
    parts: ServiceParts, start_mail_server: StartMailServer, tmp_path: Path
) -> None:
    old_pair, new_pair = (
        authority.make_certificate(tmp_path, f"team{number}", key=authority.rsa_key(number)) for number in (1, 2)
    )
    references = [parts.accept()]  # accepted without a certificate
    for pair in (old_pair, new_pair):
        parts.settings = replace(parts.settings, team_certificates=(pair.certificate,))
        parts.sealer = Sealer.from_settings(parts.settings)
        references.append(parts.accept())
    emails = deliver(parts, start_mail_server(), team_certificates=())
    emails_by_reference = {str(message["Subject"]).removeprefix("Referral "): message for message in emails}
    unencrypted_email, first_email, second_email = (emails_by_reference[name] for name in references)
    assert unencrypted_email.get_content_type() == "text/plain"
    for message, pair, other_pair in ((first_email, old_pair, new_pair), (second_email, new_pair, old_pair)):
        assert message.get_content_type() == "application/pkcs7-mime"
        assert SAFETY_NOTE in decrypt_with_openssl(message.as_bytes(), pair, tmp_path).get_content()
        with pytest.raises(Exception, match="returned non-zero"):
            decrypt_with_openssl(message.as_bytes(), other_pair, tmp_path)


def test_emails_encrypted_with_a_missing_key_are_kept_and_sent_once_the_key_is_back(
    parts: ServiceParts, start_mail_server: StartMailServer, clock: Clock
) -> None:
    server = start_mail_server()
    parts.accept()
    assert deliver(parts, server, secret_keys=(NEW_SECRET_KEY,)) == []
    assert [row.error for row in parts.store.reports.waiting_deliveries()] == ["key-missing"]
    clock.advance(DAY_SECONDS)
    parts.store.purge(0)
    assert len(deliver(parts, server, secret_keys=(NEW_SECRET_KEY, SECRET))) == 1


def test_without_receipts_an_email_is_wiped_seven_days_after_its_delivery(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server()
    reference = parts.accept()
    while (claim := parts.store.outbox.claim()) is not None:
        parts.store.outbox.finish(claim, DeliveryResult(True))
    clock.advance(6.9 * DAY_SECONDS)
    settings = replace(parts.settings, receipt=False, smtp_url=server.url)
    parts.store.purge(settings.keep_days, needs_confirmation=settings.receipt)
    assert references_with_sealed_email(parts) == [reference]
    ReminderSender(settings, parts.store, load()).send_if_due()
    assert server.received_emails == [], "nobody is reminded"
    clock.advance(0.2 * DAY_SECONDS)
    parts.store.purge(settings.keep_days, needs_confirmation=settings.receipt)
    assert references_with_sealed_email(parts) == []


def test_without_receipts_an_undelivered_email_is_kept_however_old(parts: ServiceParts, clock: Clock) -> None:
    reference = parts.accept()
    clock.advance(400 * DAY_SECONDS)
    parts.store.purge(0, needs_confirmation=False)
    assert references_with_sealed_email(parts) == [reference]


def test_a_neutral_copy_is_not_readdressed_to_the_team(parts: ServiceParts, start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    parts.accept(copy_to="sam@post.example")
    deliver(parts, server, team_email=("new@team.internal",))
    assert {email.recipient for email in server.received_emails} == {"new@team.internal", "sam@post.example"}
