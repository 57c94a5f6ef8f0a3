"""While mail servers fail at random, nobody is reminded twice on the same day, and no overdue referral is forgotten."""

from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from form_service.config.local_time import local_time
from form_service.mail.smtp_client import MailRoute, SendResult
from form_service.operations.reminders import (
    OPERATOR_REMINDER_WORKING_DAYS,
    TEAM_REMINDER_WORKING_DAYS,
    deadline,
    is_working_day,
)
from form_service.store.schema import referral
from tests.support.delivery import ACCEPTED, UNREACHABLE, ScriptedRoute, deliver_due, worker_of
from tests.support.receipts import (
    CLOSED_DAYS,
    DAY_SECONDS,
    HOUR_SECONDS,
    OPERATOR_EMAIL,
    references_with_sealed_email,
    reminder_sender_for,
    uk_time,
)
from tests.support.service_parts import TEAM_EMAILS, Clock, parts_of, settings_of
from tests.support.team_email import body_of

pytestmark = pytest.mark.long


class SimulatedWeeks(RuleBasedStateMachine):
    """Weeks of random referrals, receipts, withdrawals and mail server failures."""

    folder: Path
    run_count = 0

    @initialize()
    def begin(self) -> None:
        SimulatedWeeks.run_count += 1
        folder = self.folder / str(SimulatedWeeks.run_count)
        folder.mkdir()
        self.clock = Clock(uk_time("2026-11-26 10:00"))
        self.parts = parts_of(settings_of(folder, FORM_ALERT_EMAIL=OPERATOR_EMAIL), self.clock)
        self.sender = reminder_sender_for(self.parts)
        self.worker = worker_of(self.parts, ScriptedRoute(self.simulate_sending_referral), self.clock)
        self.sent_reminders: list[tuple[str, date, str]] = []
        self.unreachable_recipients: set[str] = set()
        self.last_break_or_repair_time_by_recipient = {TEAM_EMAILS[0]: self.clock.now, OPERATOR_EMAIL: self.clock.now}
        self.received_references: set[str] = set()
        self.withdrawn_references: set[str] = set()
        self.warned_references: set[str] = set()

    def simulate_sending_referral(self, recipient: str, _data: bytes) -> SendResult:
        """Pretend to send an email. Return UNREACHABLE if the recipient is unreachable, otherwise ACCEPTED."""
        return UNREACHABLE if recipient in self.unreachable_recipients else ACCEPTED

    def simulate_sending_reminder(self, recipient: str, data: bytes) -> SendResult:
        """Record a reminder instead of sending it.

        If the recipient is unreachable, record nothing and return a failure.
        """
        if recipient in self.unreachable_recipients:
            return SendResult(accepted=False, error_class="timeout")
        message = message_from_bytes(data, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        text = body_of(message)
        self.sent_reminders.append((recipient, local_time(self.clock.now).date(), text))
        copies_to_be_deleted = text.partition("COPY WILL BE DELETED SOON")[2]
        self.warned_references |= {reference for reference in self.references() if reference in copies_to_be_deleted}
        return SendResult(accepted=True)

    def references(self) -> list[str]:
        with self.parts.store.reading() as (connection, _):
            return list(connection.execute(select(referral.c.reference)).scalars())

    @rule(hours=st.sampled_from([0, 6]))
    def send_referral(self, hours: int) -> None:
        self.parts.accept()
        self.pass_hours(hours)

    @rule(data=st.data(), should_withdraw=st.booleans())
    def confirm_or_withdraw(self, data: st.DataObject, should_withdraw: bool) -> None:
        if references := self.references():
            reference = data.draw(st.sampled_from(references))
            if should_withdraw:
                self.parts.store.referrals.withdraw(reference, self.parts.withdrawal_notice(reference))
                self.withdrawn_references.add(reference)
            else:
                self.parts.store.receipts.record(reference)
                self.received_references.add(reference)

    @rule(recipient=st.sampled_from([TEAM_EMAILS[0], OPERATOR_EMAIL]))
    def break_or_repair_mail_server(self, recipient: str) -> None:
        self.unreachable_recipients ^= {recipient}
        self.last_break_or_repair_time_by_recipient[recipient] = self.clock.now

    @rule(days=st.integers(1, 12))
    def pass_days(self, days: int) -> None:
        self.pass_hours(days * 24)

    def pass_hours(self, hours: int) -> None:
        """Advance the clock six hours at a time. After each step, let the worker and the reminder sender do their work.

        `hours` is a multiple of six.
        """
        for _ in range(hours // 6):
            self.clock.advance(6 * HOUR_SECONDS)
            deliver_due(self.worker)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(
                    MailRoute,
                    "send",
                    lambda _, recipient, data, **options: self.simulate_sending_reminder(recipient, data),
                )
                self.sender.send_if_due()
            self.worker.run_upkeep()

    @invariant()
    def nobody_is_reminded_twice_on_the_same_day(self) -> None:
        reminders = [(recipient, day) for recipient, day, _ in getattr(self, "sent_reminders", [])]
        assert len(reminders) == len(set(reminders))
        assert all(is_working_day(day, CLOSED_DAYS) for _, day in reminders)

    @invariant()
    def only_received_withdrawn_or_warned_copies_are_wiped(self) -> None:
        if hasattr(self, "parts"):
            wiped_references = set(self.references()) - set(references_with_sealed_email(self.parts))
            assert wiped_references <= self.received_references | self.withdrawn_references | self.warned_references

    @invariant()
    def every_overdue_referral_is_in_a_reminder_to_each_recipient(self) -> None:
        if not hasattr(self, "parts"):
            return
        unconfirmed_referrals, now = self.parts.store.receipts.unconfirmed_referrals()
        working_days_by_recipient = {
            TEAM_EMAILS[0]: TEAM_REMINDER_WORKING_DAYS,
            OPERATOR_EMAIL: OPERATOR_REMINDER_WORKING_DAYS,
        }
        for entry in unconfirmed_referrals:
            for recipient, days in working_days_by_recipient.items():
                # That day's email may precede the deadline; then the next working day's email names the referral.
                start_time = max(entry.accepted_at, self.last_break_or_repair_time_by_recipient[recipient])
                if (
                    recipient not in self.unreachable_recipients
                    and now > deadline(start_time, days + 1, CLOSED_DAYS) + DAY_SECONDS
                ):
                    assert any(
                        reminded_recipient == recipient and entry.reference in text
                        for reminded_recipient, _, text in self.sent_reminders
                    )

    def teardown(self) -> None:
        if hasattr(self, "parts"):
            self.parts.store.close()


def test_random_weeks_lose_no_referral_and_remind_nobody_twice_on_the_same_day(tmp_path: Path) -> None:
    SimulatedWeeks.folder = tmp_path
    run_state_machine_as_test(
        SimulatedWeeks,
        settings=settings(
            max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
