"""The copies that people ask for never delay the team's emails and never flood a mailbox."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.mail.message import plain_email, to_bytes
from form_service.operations import self_check
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import NewEmail
from form_service.store.retry_pauses import LONGEST_PAUSE_SECONDS
from form_service.worker import Worker
from tests.support.delivery import ACCEPTED, UNCERTAIN, UNREACHABLE, ScriptedRoute, pass_time, worker_of
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts, settings_of
from tests.support.waiting import wait_until

StartMailServer = Callable[..., MailServer]
COPY_SENDER = "copy@service.example"


def test_emails_to_the_team_are_sent_before_copies_that_have_waited_longer(parts: ServiceParts, clock: Clock) -> None:
    for number in range(3):
        parts.accept(copy_to=f"sam{number}@post.example")
    while (claim := parts.store.outbox.claim()) is not None and claim.kind == "team":
        parts.store.outbox.finish(claim, DeliveryResult(True))
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450"))
    clock.advance(LONGEST_PAUSE_SECONDS)
    team_reference = parts.accept()
    route = ScriptedRoute()
    worker_of(parts, route).run(once=True)
    assert route.attempted_references[0] == team_reference
    assert len(route.sent_emails) == 4


def test_referrals_are_not_delayed_if_the_sender_of_copies_is_refused(
    parts: ServiceParts, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server(refusals={COPY_SENDER: "550 5.7.60 you may not send as this sender"})
    parts.settings = replace(parts.settings, smtp_url=server.url)
    for number in range(5):
        parts.accept(copy_to=f"sam{number}@post.example")
    worker = Worker(parts.settings, parts.sealer, parts.store)
    worker.run(once=True)
    assert [email.recipient for email in server.received_emails] == [TEAM_EMAILS[0]] * 5
    assert parts.store.reports.outbox_state().waiting_count == 0, "a copy that can never be delivered is wiped"
    assert worker.route_backoff.is_over and worker.copies_backoff.is_over


def test_a_hanging_copy_delays_no_referral(parts: ServiceParts, start_mail_server: StartMailServer) -> None:
    server = start_mail_server(refusals={"sam0@post.example": "hang"})
    parts.settings = replace(parts.settings, smtp_url=server.url)
    for number in range(3):
        parts.accept(copy_to=f"sam{number}@post.example")
    worker = Worker(parts.settings, parts.sealer, parts.store)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    wait_until(lambda: "sam0@post.example" in server.rcpt_addresses, "the copy hangs")
    later_reference = parts.accept()
    wait_until(
        lambda: any(later_reference.encode() in email.data for email in server.received_emails),
        "the referral arrives meanwhile",
    )
    assert worker.route_backoff.is_over
    worker.stop()
    server.close()
    thread.join(20)
    assert [email.recipient for email in server.received_emails].count(TEAM_EMAILS[0]) == 4


def test_a_temporarily_refused_sender_of_copies_pauses_copies_only(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server(refusals={COPY_SENDER: "451 later"})
    parts.settings = replace(parts.settings, smtp_url=server.url)
    for number in range(3):
        parts.accept(copy_to=f"sam{number}@post.example")
    worker = Worker(parts.settings, parts.sealer, parts.store, monotonic=clock)
    worker.run(once=True)
    assert not worker.copies_backoff.is_over and worker.route_backoff.is_over
    assert [email.recipient for email in server.received_emails] == [TEAM_EMAILS[0]] * 3
    server.behaviour.refusals.clear()
    clock.advance(5)
    worker.run(once=True)
    assert len(server.received_emails) == 6


def test_copies_pause_together_when_their_server_cannot_be_reached(parts: ServiceParts) -> None:
    for number in range(3):
        parts.accept(copy_to=f"sam{number}@post.example")
    route = ScriptedRoute(lambda recipient, _: ACCEPTED if recipient in TEAM_EMAILS else UNREACHABLE)
    worker_of(parts, route).run(once=True)
    assert len(route.attempted_references) == 4, "three to the team, and one copy that failed"
    assert sorted(row.error for row in parts.store.reports.waiting_deliveries()) == ["", "", "connection-refused"]


def test_waiting_copies_are_dropped_when_their_sender_is_unset(
    parts: ServiceParts, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server()
    parts.accept(copy_to="sam@post.example")
    parts.settings = replace(parts.settings, smtp_url=server.url, neutral_from="")
    Worker(parts.settings, parts.sealer, parts.store).run(once=True)
    assert [email.recipient for email in server.received_emails] == [TEAM_EMAILS[0]], (
        "no copy leaves under another sender"
    )
    assert parts.store.reports.outbox_state().waiting_count == 0


def test_a_copy_with_three_uncertain_attempts_is_given_up(parts: ServiceParts, clock: Clock) -> None:
    parts.accept(copy_to="sam@post.example")
    route = ScriptedRoute(lambda recipient, _: ACCEPTED if recipient in TEAM_EMAILS else UNCERTAIN)
    pass_time(worker_of(parts, route, clock), clock, seconds=3_600, step=60)
    assert len(route.attempted_references) == 1 + 3
    assert parts.store.reports.outbox_state().waiting_count == 0


def test_check_reports_that_the_sender_of_copies_is_refused(tmp_path: Path, start_mail_server: StartMailServer) -> None:
    server = start_mail_server(refusals={COPY_SENDER: "550 not yours"})
    findings = list(self_check._check_mail_servers(settings_of(tmp_path, FORM_SMTP_URL=server.url)))
    assert [finding.level for finding in findings] == ["ok", "wrong"]
    assert "mail-550 for FORM_NEUTRAL_FROM" in findings[1].text
    server.behaviour.refusals = {"form@service.example": "550 not yours"}
    findings = list(self_check._check_mail_servers(settings_of(tmp_path, FORM_SMTP_URL=server.url)))
    assert [finding.level for finding in findings] == ["wrong"]


@pytest.mark.parametrize(
    "email_address",
    [
        ".b+{$./?^|@a.b-x9a-99xz1-9cxb1c-xxy-0xazy-yaca-0---cx0b-b-x9x-ybxy-99aza-zza",
        "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + ".example",
        "..X+09_Ya'bY@ceeggdff.aaaee--egfbfegceb-ffagbbfddb-bb-ac-gcfh-.baegbhg-.hgh",
        "sam@post.example",
    ],
)
def test_a_copy_goes_to_exactly_the_address_that_was_typed(
    parts: ServiceParts, start_mail_server: StartMailServer, email_address: str
) -> None:
    server = start_mail_server()
    parts.settings = replace(parts.settings, smtp_url=server.url)
    referral = parts.referral()
    sealed_copy = parts.sealer.seal_at_rest(
        to_bytes(plain_email("Hello\n", f"Your reference {referral.reference}", COPY_SENDER, email_address))
    )
    neutral_mail = NewEmail("neutral", "<copy@service.example>", sealed_copy.key_id, sealed_copy.sealed, ("",))
    parts.store.referrals.accept(replace(referral, emails=(*referral.emails, neutral_mail)))
    Worker(parts.settings, parts.sealer, parts.store).run(once=True)
    assert {email.recipient for email in server.received_emails} == {TEAM_EMAILS[0], email_address}
