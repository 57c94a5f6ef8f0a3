"""If the worker is killed while it sends reminders, nobody is reminded twice on one day, and nobody is missed."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from form_service.config.local_time import local_time
from tests.support.fork_server import ForkServerClient
from tests.support.mail_server import MailServer, ReceivedEmail
from tests.support.receipts import DAY_SECONDS, OPERATOR_EMAIL, deliver_all, references_with_sealed_email, uk_time
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts, environment_of, parts_of, settings_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.server
REMINDER_STEPS = ["reminder-due", "reminder-recorded", "reminder-sent", "reminder-finished"]
ALL_RECIPIENTS = (OPERATOR_EMAIL, *TEAM_EMAILS)


@pytest.fixture(scope="module")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServerClient]:
    fork_server = ForkServerClient(tmp_path_factory.mktemp("fork_server"))
    yield fork_server
    fork_server.close()


class KillableService:
    """A service whose worker a test can run at any time and kill at any step."""

    def __init__(self, fork_server: ForkServerClient, server: MailServer, database_url: str, folder: Path) -> None:
        self.fork_server, self.server = fork_server, server
        self.clock = Clock(uk_time("2027-01-04 10:00"))  # a Monday
        settings = settings_of(
            folder, FORM_DATABASE_URL=database_url, FORM_SMTP_URL=server.url, FORM_TEAM_EMAIL=",".join(TEAM_EMAILS)
        )
        self.parts: ServiceParts = parts_of(settings, self.clock)
        self.sent_reminders: list[tuple[str, date, bytes]] = []

    def accept_and_deliver(self) -> str:
        """Accept a referral, deliver its emails, and return its reference."""
        reference = self.parts.accept()
        deliver_all(self.parts)
        return reference

    def run_worker(self, local_moment: str, fail_at: str = "") -> None:
        """Run the worker once at a UK time such as "2027-01-08 12:00", and record the reminders sent.

        If `fail_at` names a step, such as "reminder-sent:2", kill the worker the second time it reaches that step.
        """
        self.clock.now = uk_time(local_moment)
        environment = {
            "FORM_ALERT_EMAIL": OPERATOR_EMAIL,
            "TEST_MOMENT": str(self.clock.now),
            "FORM_FAIL_POINT": fail_at,
        }
        count = len(self.server.received_emails)
        pid = self.fork_server.start(
            "deliver", "--once", environment=environment_of(self.parts.settings, **environment)
        )
        wait_until(lambda: not self.fork_server.is_alive(pid), "the worker has ended")
        new_emails: list[ReceivedEmail] = self.server.received_emails[count:]
        reminders = [email for email in new_emails if b"Subject: Referrals to confirm" in email.data]
        self.sent_reminders += [
            (reminder.recipient, local_time(self.clock.now).date(), reminder.data) for reminder in reminders
        ]


@pytest.fixture
def service(
    fork_server: ForkServerClient, start_mail_server: Callable[..., MailServer], database_url: str, tmp_path: Path
) -> Iterator[KillableService]:
    service = KillableService(fork_server, start_mail_server(), database_url, tmp_path)
    yield service
    service.parts.store.close()


@pytest.mark.parametrize("occurrence", [1, pytest.param(2, marks=pytest.mark.soak), 3])
@pytest.mark.parametrize("step", REMINDER_STEPS)
def test_after_the_worker_is_killed_nobody_is_missed_or_reminded_twice_on_the_same_day(
    service: KillableService, step: str, occurrence: int
) -> None:
    reference = service.accept_and_deliver()
    service.run_worker(
        "2027-01-08 12:00", fail_at=f"{step}:{occurrence}"
    )  # four working days later: three reminders are due
    sent_count = occurrence if step in ("reminder-sent", "reminder-finished") else occurrence - 1
    assert [recipient for recipient, _, _ in service.sent_reminders] == list(ALL_RECIPIENTS[:sent_count]), (
        "the worker was killed at this step"
    )
    for minute in (2, 4):
        service.run_worker(f"2027-01-08 12:0{minute}")
    service.run_worker("2027-01-11 12:00")
    assert set(Counter((recipient, day) for recipient, day, _ in service.sent_reminders).values()) == {1}
    recipients_reminded_on_monday = {
        recipient for recipient, day, _ in service.sent_reminders if day == date(2027, 1, 11)
    }
    assert recipients_reminded_on_monday == set(ALL_RECIPIENTS), "nobody is missed"
    assert all(reference.encode() in data for _, _, data in service.sent_reminders)


@pytest.mark.parametrize("step", REMINDER_STEPS)
def test_after_the_worker_is_killed_no_copy_is_wiped_without_a_warning_to_the_team(
    service: KillableService, step: str
) -> None:
    reference = service.accept_and_deliver()
    service.run_worker("2027-02-01 09:00", fail_at=f"{step}:2")  # killed at the second email, the first to the team
    warned_recipients = {
        recipient for recipient, _, data in service.sent_reminders if b"COPY WILL BE DELETED SOON" in data
    }
    assert OPERATOR_EMAIL in warned_recipients, "a warning to the operator alone does not count"
    is_warned = not warned_recipients.isdisjoint(TEAM_EMAILS)
    assert is_warned is (step in ("reminder-sent", "reminder-finished"))
    service.clock.now = uk_time("2027-02-08 10:01")
    service.parts.store.purge(7, needs_confirmation=True)
    is_recorded = step == "reminder-finished"
    assert (references_with_sealed_email(service.parts) == []) is is_recorded
    if not is_recorded:
        service.run_worker("2027-02-09 09:00")
        assert any(
            reference.encode() in data and b"COPY WILL BE DELETED SOON" in data and recipient in TEAM_EMAILS
            for recipient, _, data in service.sent_reminders
        )
        service.clock.advance(6.9 * DAY_SECONDS)
        service.parts.store.purge(7, needs_confirmation=True)
        assert references_with_sealed_email(service.parts) == [reference], "a week is left after the warning"
        service.clock.advance(0.2 * DAY_SECONDS)
        service.parts.store.purge(7, needs_confirmation=True)
        assert references_with_sealed_email(service.parts) == []
