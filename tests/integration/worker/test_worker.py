"""The worker delivers each email once, however often it must retry. A failing email does not delay the others."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.config.settings import SettingsError
from form_service.mail.smtp_client import SendResult
from form_service.store.claims import LEASE_SECONDS
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import WithdrawalResult
from form_service.store.retry_pauses import LONGEST_PAUSE_SECONDS, pause_after
from form_service.store.worker_lock import AlreadyRunning
from form_service.worker import Worker
from tests.support.delivery import (
    ACCEPTED,
    GREYLISTED,
    UNKNOWN_RECIPIENT,
    UNREACHABLE,
    ScriptedRoute,
    deliver_due,
    deliver_one,
    pass_time,
    route_refusing,
    worker_of,
)
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts

StartMailServer = Callable[..., MailServer]


def test_each_recipient_gets_a_referral_once(parts: ServiceParts, start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    parts.settings = replace(parts.settings, team_email=TEAM_EMAILS, smtp_url=server.url)
    reference = parts.accept(copy_to="sam@example.org")
    Worker(parts.settings, parts.sealer, parts.store).run(once=True)
    senders = {(email.recipient, email.sender) for email in server.received_emails}
    assert len(server.received_emails) == 3
    assert senders == {
        (TEAM_EMAILS[0], "form@service.example"),
        (TEAM_EMAILS[1], "form@service.example"),
        ("sam@example.org", "copy@service.example"),
    }
    emails_to_team = [email for email in server.received_emails if email.recipient in TEAM_EMAILS]
    message_ids = {str(message_from_bytes(email.data)["Message-ID"]) for email in emails_to_team}
    assert len(message_ids) == 1
    assert parts.store.reports.counts_by_outcome()["delivered"] == 1
    assert reference in str(message_from_bytes(server.received_emails[0].data)["Subject"])


def test_a_permanently_refused_recipient_is_retried_and_the_other_gets_one_email(
    parts: ServiceParts, clock: Clock
) -> None:
    parts.settings = replace(parts.settings, team_email=TEAM_EMAILS)
    parts.accept()
    route = route_refusing(TEAM_EMAILS[1])
    worker = worker_of(parts, route, clock)
    pass_time(worker, clock, seconds=21_600, step=60)
    assert [recipient for recipient, _ in route.sent_emails] == [TEAM_EMAILS[0]], "the other recipient gets it once"
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.state, row.error) == ("refused", "rcpt-550")
    assert parts.store.reports.outbox_state().refused_count == 1
    assert 21_600 / LONGEST_PAUSE_SECONDS * 0.8 < row.tries < 30, "tried more and more slowly, but never given up"
    route.script = lambda recipient, data: ACCEPTED
    parts.store.outbox.make_due()
    deliver_due(worker)
    assert (
        parts.store.reports.outbox_state().refused_count == 0
        and parts.store.reports.counts_by_outcome()["delivered"] == 1
    )


def test_after_hours_of_temporary_refusals_each_email_arrives_once(parts: ServiceParts, clock: Clock) -> None:
    references = [parts.accept() for _ in range(3)]
    route = ScriptedRoute(lambda recipient, _: GREYLISTED)
    worker = worker_of(parts, route, clock)
    pass_time(worker, clock, seconds=21_600, step=60)
    assert parts.store.reports.outbox_state().waiting_count == 3
    assert 21_600 / LONGEST_PAUSE_SECONDS * 0.8 < len(route.attempted_references) < 40, (
        "one delivery is tried for all, at pauses up to 15 minutes"
    )
    route.script = lambda recipient, data: ACCEPTED
    pass_time(worker, clock, seconds=LONGEST_PAUSE_SECONDS + 60, step=30)
    assert sorted(reference for reference in route.attempted_references[-3:]) == sorted(references)
    assert len(route.sent_emails) == 3


def test_retries_begin_within_ten_seconds_and_are_at_most_15_minutes_apart() -> None:
    pauses = [pause_after(tries) for tries in range(1, 40)]
    assert pauses[0] <= 10 and pauses == sorted(pauses) and pauses[-1] == 900


@pytest.mark.parametrize("jump_seconds", [86_400.0, -86_400.0], ids=["forward", "back"])
def test_a_clock_that_jumps_by_a_day_does_not_stop_delivery(
    parts: ServiceParts, clock: Clock, jump_seconds: float
) -> None:
    first_reference = parts.accept()
    route = ScriptedRoute(lambda recipient, _: GREYLISTED)
    worker = worker_of(parts, route)
    worker._prepare_store()
    deliver_due(worker)
    route.script = lambda recipient, data: ACCEPTED
    clock.advance(jump_seconds)
    second_reference = parts.accept()
    worker._next_upkeep_at = 0.0
    worker.run_upkeep()
    pass_time(worker, clock, seconds=5, step=1)
    assert sorted(route.attempted_references[1:]) == sorted([first_reference, second_reference])
    assert parts.store.reports.counts_by_outcome()["delivered"] == 2


def test_an_email_stored_before_the_clock_was_set_back_is_delivered(parts: ServiceParts, clock: Clock) -> None:
    reference = parts.accept()
    clock.advance(-600)
    route = ScriptedRoute()
    worker = worker_of(parts, route)
    worker.run_upkeep()
    deliver_due(worker)
    assert route.attempted_references == [reference]


def test_a_claimed_delivery_cannot_be_claimed_again_for_a_minute(parts: ServiceParts, clock: Clock) -> None:
    parts.accept()
    first_claim = parts.store.outbox.claim()
    assert first_claim is not None and parts.store.outbox.claim() is None
    clock.advance(LEASE_SECONDS - 1)
    assert parts.store.outbox.claim() is None
    clock.advance(2)
    second_claim = parts.store.outbox.claim()
    assert second_claim is not None and second_claim.message_id == first_claim.message_id and second_claim.tries == 2
    assert LEASE_SECONDS <= 60
    assert not parts.store.outbox.finish(first_claim, DeliveryResult(True)), (
        "only the holder of the lease may record a result"
    )
    assert parts.store.reports.counts_by_outcome()["delivered"] == 0
    assert parts.store.outbox.finish(second_claim, DeliveryResult(True))
    assert parts.store.reports.counts_by_outcome()["delivered"] == 1


def test_starting_the_worker_makes_waiting_deliveries_due(parts: ServiceParts) -> None:
    parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(False, "content-451"))
    assert parts.store.outbox.claim() is None
    route = ScriptedRoute()
    worker_of(parts, route).run(once=True)
    assert len(route.sent_emails) == 1


@pytest.mark.long
def test_a_failing_recipient_does_not_delay_emails_to_another_recipient(parts: ServiceParts, clock: Clock) -> None:
    email_count = 200
    template_referral = parts.referral()
    sealed_mail = template_referral.emails[0]
    failing_references = set()
    from form_service.referral.reference import new_reference
    from form_service.store import referrals

    with parts.store.writing() as (connection, now):
        for number in range(email_count):
            reference = new_reference()
            recipient = "bad@x.example" if number % 10 == 0 else TEAM_EMAILS[0]
            email = replace(sealed_mail, message_id=f"<{number}@x>", recipients=(recipient,))
            referral = replace(template_referral, submission_id=f"{number:032d}", reference=reference, emails=(email,))
            assert referrals.insert_referral(connection, referral, now)
            if number % 10 == 0:
                failing_references.add(reference)

    route = ScriptedRoute(lambda recipient, _: UNKNOWN_RECIPIENT if recipient[:3] == "bad" else ACCEPTED)
    deliver_due(worker_of(parts, route, clock))
    delivered_count = parts.store.reports.counts_by_outcome()["delivered"]
    assert len(route.sent_emails) == email_count - len(failing_references) == delivered_count
    assert parts.store.reports.outbox_state().waiting_count == len(failing_references)
    assert len(route.attempted_references) == len(route.sent_emails) + 1, "only one failing delivery was tried"


def test_two_workers_never_send_the_same_delivery(parts: ServiceParts) -> None:
    references = [parts.accept() for _ in range(100)]
    routes = [ScriptedRoute(), ScriptedRoute()]
    workers = [worker_of(parts, route, sender_count=3) for route in routes]
    threads = [threading.Thread(target=worker._run_senders, args=(True,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver_due(workers[0])  # a sender ends once every due email of a recipient is being sent
    attempt_counts = Counter(reference for route in routes for reference in route.attempted_references)
    assert attempt_counts == Counter(references)


def test_on_sqlite_a_second_worker_waits_for_the_first(parts: ServiceParts, monkeypatch: pytest.MonkeyPatch) -> None:
    if parts.store.database.path is None:
        return
    monkeypatch.setattr("form_service.store.worker_lock.LOCK_POLL_SECONDS", 0.02)
    sending_started, sending_may_finish = threading.Event(), threading.Event()

    def send_slowly(recipient: str, data: bytes) -> SendResult:
        sending_started.set()
        sending_may_finish.wait(10)
        return ACCEPTED

    parts.accept()
    second_route = ScriptedRoute()
    with run_in_thread(worker_of(parts, ScriptedRoute(send_slowly))):
        assert sending_started.wait(10)
        with run_in_thread(worker_of(parts, second_route)):
            parts.accept()
            threading.Event().wait(0.1)  # longer than the second worker waits between attempts to take the lock
            assert second_route.attempted_references == []
        (row,) = [row for row in parts.store.reports.waiting_deliveries() if row.tries]
        assert row.state == "sending", "the worker that waited for the lock has changed no lease"
        sending_may_finish.set()


def test_the_command_deliver_once_ends_with_a_message_while_a_worker_is_running(parts: ServiceParts) -> None:
    if parts.store.database.path is None:
        return
    worker_started = threading.Event()

    @contextmanager
    def signal_start(_stop: threading.Event) -> Iterator[None]:
        worker_started.set()
        yield

    running_worker = Worker(parts.settings, parts.sealer, parts.store, run_alongside=signal_start)
    with run_in_thread(running_worker):
        assert worker_started.wait(10)
        with pytest.raises(AlreadyRunning):
            worker_of(parts, ScriptedRoute()).run(once=True)
        app = create_app(parts.settings)
        with app.app_context():
            result = app.test_cli_runner().invoke(args=["deliver", "--once"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "Error: Another worker is running, and delivers what is due."


def test_a_worker_lock_that_cannot_be_opened_is_reported_in_one_line(parts: ServiceParts, tmp_path: Path) -> None:
    if parts.store.database.path is None:
        return
    (tmp_path / "referrals.db.worker").mkdir()
    with pytest.raises(SettingsError, match=r"worker's lock .* cannot be opened .* remove that file"):
        worker_of(parts, ScriptedRoute()).run(once=True)


@contextmanager
def run_in_thread(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_an_unreachable_mail_server_is_tried_by_one_sender_at_a_time(parts: ServiceParts, clock: Clock) -> None:
    for _ in range(50):
        parts.accept()
    route = ScriptedRoute(lambda recipient, _: UNREACHABLE)
    worker = worker_of(parts, route, clock, sender_count=3)
    for _ in range(4):
        assert [deliver_one(sender) for sender in worker.senders] == [True, False, False]
        clock.advance(60)
    assert len(route.attempted_references) == 4
    route.script = lambda recipient, data: ACCEPTED
    deliver_due(worker)
    assert len(route.sent_emails) == 50, "once the server is back, all emails are sent"


def test_a_withdrawn_referral_is_not_sent(parts: ServiceParts) -> None:
    reference = parts.accept()
    assert parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.WITHDRAWN
    route = ScriptedRoute()
    worker_of(parts, route).run(once=True)
    assert route.attempted_references == []


def test_an_email_whose_key_is_missing_is_kept_and_reported(parts: ServiceParts) -> None:
    parts.accept()
    from form_service.crypto import Sealer

    sealer_without_the_key = Sealer.from_settings(
        replace(parts.settings, secret_keys=("another-key-" + "0123456789" * 3,))
    )
    parts.sealer = sealer_without_the_key
    worker_of(parts, ScriptedRoute()).run(once=True)
    (row,) = parts.store.reports.waiting_deliveries()
    assert row.error == "key-missing"
