"""Unconfirmed referrals lead to reminders, and copies of emails are kept for as long as the privacy page says."""

import re
from collections.abc import Callable
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from form_service.config.local_time import local_time
from form_service.operations.reminder_sender import ReminderSender
from form_service.operations.reminders import is_working_day
from form_service.store.outbox import DeliveryResult
from service_profile.retention_periods import WARNING_DAYS, retention_sentence
from tests.support.mail_server import MailServer
from tests.support.receipts import (
    CLOSED_DAYS,
    DAY_SECONDS,
    HOUR_SECONDS,
    OPERATOR_EMAIL,
    deliver_all,
    references_with_sealed_email,
    reminder_sender_for,
    uk_time,
)
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts, parts_of, settings_of
from tests.support.team_email import body_of

StartMailServer = Callable[..., MailServer]


def send_reminders(sender: ReminderSender, clock: Clock, moment: float | None = None) -> None:
    clock.now = clock.now + 61 if moment is None else moment
    sender.send_if_due()


def read_emails(server: MailServer) -> list[tuple[str, str, str]]:
    """Return the recipient, the subject and the text (on one line) of each email that the server received."""
    emails = []
    for email in server.received_emails:
        message = message_from_bytes(email.data, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        emails.append((email.recipient, str(message["Subject"]), " ".join(body_of(message).split())))
    return emails


@pytest.fixture
def service_with_two_mail_servers(
    tmp_path: Path, start_mail_server: StartMailServer
) -> tuple[ServiceParts, Clock, MailServer, MailServer]:
    """Return a service, its clock, the mail server for the team and the mail server for the operator."""
    # It is a Thursday.
    team_server, operator_server, clock = start_mail_server(), start_mail_server(), Clock(uk_time("2026-11-26 10:00"))
    settings = settings_of(
        tmp_path,
        FORM_SMTP_URL=team_server.url,
        FORM_ALERT_SMTP_URL=operator_server.url,
        FORM_ALERT_EMAIL=OPERATOR_EMAIL,
    )
    return parts_of(settings, clock), clock, team_server, operator_server


def accept_and_deliver(parts: ServiceParts) -> str:
    """Accept a referral, deliver its emails, and return its reference."""
    reference = parts.accept()
    deliver_all(parts)
    return reference


def test_no_copy_is_wiped_if_only_the_operator_got_the_last_warning(
    service_with_two_mail_servers: tuple[ServiceParts, Clock, MailServer, MailServer],
) -> None:
    parts, clock, team_server, operator_server = service_with_two_mail_servers
    reference, sender = accept_and_deliver(parts), reminder_sender_for(parts)
    team_server.behaviour.refusals = {TEAM_EMAILS[0]: "450 the mailbox is full"}
    clock.advance(50 * DAY_SECONDS)
    send_reminders(sender, clock, uk_time("2027-01-18 10:00"))
    assert any("COPY WILL BE DELETED SOON" in text for _, _, text in read_emails(operator_server)), (
        "the operator is warned"
    )
    clock.advance(30 * DAY_SECONDS)
    parts.store.purge(parts.settings.keep_days, needs_confirmation=True)
    assert references_with_sealed_email(parts) == [reference], "nobody who could read the referral was warned"
    team_server.behaviour.refusals.clear()
    send_reminders(sender, clock, uk_time("2027-03-01 10:00"))
    assert any("COPY WILL BE DELETED SOON" in text for _, _, text in read_emails(team_server))
    clock.advance(WARNING_DAYS * DAY_SECONDS + HOUR_SECONDS)
    parts.store.purge(parts.settings.keep_days, needs_confirmation=True)
    assert references_with_sealed_email(parts) == []


@pytest.mark.long
def test_an_unconfirmed_referral_is_raised_with_the_team_then_the_operator(
    service_with_two_mail_servers: tuple[ServiceParts, Clock, MailServer, MailServer],
) -> None:
    parts, clock, team_server, operator_server = service_with_two_mail_servers
    reference, sender = accept_and_deliver(parts), reminder_sender_for(parts)
    reminder_days: dict[str, list[date]] = {"team": [], "operator": []}
    for _ in range(14 * 24):  # two weeks, by the hour
        counts = len(team_server.received_emails), len(operator_server.received_emails)
        send_reminders(sender, clock, clock.now + HOUR_SECONDS)
        today = local_time(clock.now).date()
        reminder_days["team"] += [today] * (len(team_server.received_emails) - counts[0])
        reminder_days["operator"] += [today] * (len(operator_server.received_emails) - counts[1])
    assert reminder_days["team"][:2] == [date(2026, 11, 27), date(2026, 11, 30)]
    assert reminder_days["operator"][0] == date(2026, 12, 1)
    for days in reminder_days.values():
        assert len(days) == len(set(days)) and all(is_working_day(day, CLOSED_DAYS) for day in days)
    for recipient, subject, text in read_emails(team_server):
        assert (recipient, subject) == (TEAM_EMAILS[0], "Referrals to confirm")
        assert f"{reference}, sent on Thursday 26 November 2026 at 10:00 (UK time)" in text and "front-door" not in text
    assert all(recipient == OPERATOR_EMAIL for recipient, _, _ in read_emails(operator_server))
    parts.store.receipts.record(reference)
    count = len(team_server.received_emails) + len(operator_server.received_emails)
    send_reminders(sender, clock, clock.now + 3 * DAY_SECONDS)
    assert len(team_server.received_emails) + len(operator_server.received_emails) == count, (
        "no reminder once everything is received"
    )
    parts.store.close()


def test_one_reminder_names_every_unconfirmed_referral(
    service_with_two_mail_servers: tuple[ServiceParts, Clock, MailServer, MailServer],
) -> None:
    parts, clock, team_server, _ = service_with_two_mail_servers
    references = [parts.accept() for _ in range(3)]
    deliver_all(parts)
    parts.store.receipts.record(references[0])
    send_reminders(reminder_sender_for(parts), clock, uk_time("2026-11-27 12:00"))
    ((_, _, text),) = read_emails(team_server)
    assert references[0] not in text and references[1] in text and references[2] in text
    parts.store.close()


def test_a_service_without_receipts_sends_no_reminders(tmp_path: Path, start_mail_server: StartMailServer) -> None:
    server, clock = start_mail_server(), Clock(uk_time("2026-11-26 10:00"))
    parts = parts_of(settings_of(tmp_path, FORM_SMTP_URL=server.url, FORM_RECEIPT="off"), clock)
    parts.accept()
    deliver_all(parts)
    send_reminders(reminder_sender_for(parts, weekly=True), clock, uk_time("2026-12-07 12:00"))
    assert server.received_emails == []
    clock.advance(parts.settings.keep_days * DAY_SECONDS)
    assert parts.store.purge(parts.settings.keep_days, needs_confirmation=False).email_count == 1
    parts.store.close()


def test_the_weekly_summary_is_sent_even_if_there_were_no_referrals(
    service_with_two_mail_servers: tuple[ServiceParts, Clock, MailServer, MailServer],
) -> None:
    parts, clock, team_server, operator_server = service_with_two_mail_servers
    received_reference, unconfirmed_reference, withdrawn_reference = (parts.accept() for _ in range(3))
    deliver_all(parts)
    parts.store.receipts.record(received_reference)
    parts.store.referrals.withdraw(withdrawn_reference, parts.withdrawal_notice(withdrawn_reference))
    sender = reminder_sender_for(parts, weekly=True)
    send_reminders(sender, clock, uk_time("2026-11-30 08:30"))
    ((_, _, text),) = read_emails(team_server)
    assert "Monday 23 November 2026 to Sunday 29 November 2026: 3 referrals." in text
    assert (
        f"Received by the team: {received_reference}" in text and f"Not confirmed yet: {unconfirmed_reference}" in text
    )
    assert f"Cancelled: {withdrawn_reference}" in text
    parts.store.receipts.record(unconfirmed_reference)
    send_reminders(sender, clock, uk_time("2026-12-07 08:30"))
    assert read_emails(team_server)[-1][1:] == (
        "Referrals last week",
        "Referrals last week LAST WEEK --------- Monday 30 November 2026 to Sunday 6 December 2026: no referrals.",
    )
    assert operator_server.received_emails == []
    parts.store.close()


def test_no_weekly_summary_is_sent_if_the_service_has_switched_it_off(
    service_with_two_mail_servers: tuple[ServiceParts, Clock, MailServer, MailServer],
) -> None:
    parts, clock, team_server, operator_server = service_with_two_mail_servers
    parts.store.receipts.record(parts.accept())
    deliver_all(parts)
    for moment in ("2026-11-30 08:30", "2026-12-07 08:30"):
        send_reminders(reminder_sender_for(parts, weekly=False), clock, uk_time(moment))
    assert team_server.received_emails == operator_server.received_emails == []
    parts.store.close()


def test_a_reminder_that_the_mail_server_refuses_is_sent_later_that_day(
    service_with_two_mail_servers: tuple[ServiceParts, Clock, MailServer, MailServer],
) -> None:
    parts, clock, team_server, _ = service_with_two_mail_servers
    parts.accept()
    deliver_all(parts)
    team_server.behaviour.faults["mail"] = "451 later"
    sender = reminder_sender_for(parts)
    send_reminders(sender, clock, uk_time("2026-11-27 12:00"))
    assert team_server.received_emails == []
    team_server.behaviour.faults.clear()
    for _ in range(3):
        send_reminders(sender, clock)
    assert len(team_server.received_emails) == 1
    parts.store.close()


def test_a_copy_is_kept_until_receipt_is_confirmed_and_then_for_seven_days(parts: ServiceParts, clock: Clock) -> None:
    reference = parts.accept()
    deliver_all(parts)
    clock.advance(20 * DAY_SECONDS)
    assert parts.store.purge(7, needs_confirmation=True).email_count == 0
    parts.store.receipts.record(reference)
    clock.advance(6.9 * DAY_SECONDS)
    assert parts.store.purge(7, needs_confirmation=True).email_count == 0
    clock.advance(0.2 * DAY_SECONDS)
    assert parts.store.purge(7, dry_run=True, needs_confirmation=True).email_count == 1
    assert parts.store.purge(7, needs_confirmation=True).email_count == 1


def test_copies_are_kept_for_as_long_as_the_privacy_page_says(parts: ServiceParts, clock: Clock) -> None:
    """The numbers of days come from the sentence on the privacy page."""
    sentence = retention_sentence({"keep_days": parts.settings.keep_days, "receipt": True})
    days_after_receipt, max_days, days_after_late_warning = (int(days) for days in re.findall(r"(\d+) days", sentence))
    received_reference, warned_reference, warned_late_reference, never_warned_reference = (
        parts.accept() for _ in range(4)
    )
    deliver_all(parts)
    parts.store.receipts.record(received_reference)

    def purge_later_and_return_kept_references(days: float) -> set[str]:
        clock.advance(days * DAY_SECONDS)
        parts.store.purge(days_after_receipt, needs_confirmation=True)
        return set(references_with_sealed_email(parts))

    assert received_reference in purge_later_and_return_kept_references(
        days_after_receipt - 0.1
    ) and received_reference not in purge_later_and_return_kept_references(0.2)
    clock.advance((max_days - WARNING_DAYS - days_after_receipt) * DAY_SECONDS)
    parts.store.receipts.mark_warned([warned_reference])
    assert warned_reference in purge_later_and_return_kept_references(WARNING_DAYS - 0.2)
    assert purge_later_and_return_kept_references(0.2) == {warned_late_reference, never_warned_reference}
    clock.advance(20 * DAY_SECONDS)
    parts.store.receipts.mark_warned([warned_late_reference])
    assert warned_late_reference in purge_later_and_return_kept_references(days_after_late_warning - 0.1)
    assert purge_later_and_return_kept_references(100) == {never_warned_reference}


@pytest.mark.parametrize("team_confirms_receipt", [True, False])
def test_the_privacy_page_says_when_the_retention_time_begins(team_confirms_receipt: bool) -> None:
    sentence = retention_sentence({"keep_days": 9, "receipt": team_confirms_receipt})
    assert ("a member of the team has confirmed" in sentence) is team_confirms_receipt
    assert ("accepted it, and for 9 days after that" in sentence) is not team_confirms_receipt


def test_a_resent_email_has_the_same_message_id_and_is_wiped_as_planned(parts: ServiceParts, clock: Clock) -> None:
    reference = parts.accept()
    first_claim = parts.store.outbox.claim()
    assert first_claim is not None
    parts.store.outbox.finish(first_claim, DeliveryResult(True))
    clock.advance(34 * DAY_SECONDS)
    assert parts.store.receipts.resend(reference) == 1
    second_claim = parts.store.outbox.claim()
    assert (
        second_claim is not None
        and second_claim.message_id == first_claim.message_id
        and second_claim.sealed == first_claim.sealed
    )
    parts.store.outbox.finish(second_claim, DeliveryResult(True))
    parts.store.receipts.mark_warned([reference])
    clock.advance(WARNING_DAYS * DAY_SECONDS + 1)
    assert parts.store.purge(7, needs_confirmation=True).email_count == 1
    assert parts.store.receipts.resend(reference) == 0, "no copy is kept"


def test_each_kept_copy_is_listed_with_the_state_of_its_referral(parts: ServiceParts) -> None:
    undelivered_reference, received_reference, withdrawn_reference, delivered_reference = (
        parts.accept() for _ in range(4)
    )
    while (claim := parts.store.outbox.claim()) is not None:
        parts.store.outbox.finish(claim, DeliveryResult(claim.reference != undelivered_reference, "timeout"))
    parts.store.receipts.record(received_reference)
    parts.store.referrals.withdraw(withdrawn_reference, parts.withdrawal_notice(withdrawn_reference))
    assert {row.reference: row.state for row in parts.store.receipts.retained_emails()} == {
        received_reference: "received by the team",
        withdrawn_reference: "withdrawn",
        delivered_reference: "delivered",
    }
