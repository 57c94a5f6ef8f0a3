"""The sender of reminders, at most one a day to each recipient.

The day is recorded before the email is sent, so that a killed process never causes a second email.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from form_service import failpoints, logs
from form_service.config.local_time import local_time
from form_service.config.settings import Settings
from form_service.mail.message import to_bytes
from form_service.mail.smtp_client import MailRoute
from form_service.operations.reminder_emails import compose_reminder
from form_service.operations.reminders import (
    Reminder,
    WeeklySummary,
    may_send_reminder,
    reminder_for,
    week_to_summarise,
)
from form_service.store import Store, StoreUnavailable
from form_service.store.receipts import LedgerEntry
from service_profile import Service

_REMINDED_PREFIX = "reminded:"
CHECK_INTERVAL_SECONDS = 60.0
# The time limit for all emails of one check together.
CHECK_SECONDS = 15.0


@dataclass(frozen=True)
class _Recipient:
    email: str
    kind: str  # operator or team

    @property
    def reminder_key(self) -> str:
        """Return the key under which the store keeps the day of this recipient's last reminder."""
        # A hash, so that the store does not hold the email address.
        digest = hashlib.sha256(self.email.lower().encode()).hexdigest()[:16]
        return f"{_REMINDED_PREFIX}{self.kind}:{digest}"


class ReminderSender:
    """A sender of reminders about unconfirmed referrals.

    Every process calls `send_if_due` once a minute, but only one of them sends the reminders.
    """

    def __init__(self, settings: Settings, store: Store, service: Service) -> None:
        self._settings = settings
        self._store = store
        self._closed_days = closed_days(service)
        self._has_weekly_summary = bool(service.values.get("weekly_summary", True))

    def send_if_due(self) -> None:
        """Send the reminders that are due, unless another process has just done so or FORM_RECEIPT is off.

        Failures of the store and of mail servers are logged, not raised.
        """
        if not self._settings.receipt:
            return
        try:
            if self._store.facts.claim_job("reminders", CHECK_INTERVAL_SECONDS * 0.9):
                self._send_all()
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)

    def _send_all(self) -> None:
        unconfirmed_referrals, now = self._store.receipts.unconfirmed_referrals()
        facts = self._store.facts.all()
        recipients = [
            recipient
            for recipient in self._recipients()
            if may_send_reminder(now, _last_reminder_day(facts.get(recipient.reminder_key)), self._closed_days)
        ]
        if not recipients:
            return
        weekly_summary = self._weekly_summary(now)
        deadline = time.monotonic() + CHECK_SECONDS
        for recipient in recipients:
            reminder = reminder_for(
                recipient.kind == "operator", unconfirmed_referrals, now, self._closed_days, weekly_summary
            )
            if reminder is not None and time.monotonic() < deadline:
                failpoints.reach("reminder-due")
                self._send(recipient, reminder, now, deadline)

    def _recipients(self) -> Iterator[_Recipient]:
        """Yield the recipients of reminders, the operator first."""
        # The operator's mail server may work when the team's fails.
        if self._settings.alert_email:
            yield _Recipient(self._settings.alert_email, "operator")
        for email in self._settings.team_email:
            yield _Recipient(email, "team")

    def _weekly_summary(self, now: float) -> WeeklySummary | None:
        week = week_to_summarise(now, self._closed_days) if self._has_weekly_summary else None
        if week is None:
            return None
        entries: list[LedgerEntry] = self._store.receipts.referrals_accepted_between(*week)
        return WeeklySummary(local_time(week[0]).date(), tuple(entries))

    def _send(self, recipient: _Recipient, reminder: Reminder, now: float, deadline: float) -> None:
        self._store.facts.set(recipient.reminder_key, local_time(now).date().isoformat())
        failpoints.reach("reminder-recorded")
        is_operator = recipient.kind == "operator"
        server = (self._settings.alert_mail_server if is_operator else None) or self._settings.mail_server
        route = MailRoute(server, self._settings.smtp_ca_file, self._settings.mail_from)
        message = compose_reminder(reminder, now, is_operator, self._settings.mail_from, recipient.email)
        try:
            result = route.send(recipient.email, to_bytes(message), seconds=max(1.0, deadline - time.monotonic()))
        finally:
            route.close()
        failpoints.reach("reminder-sent")
        if result.accepted:
            logs.event("reminder-sent", kind=recipient.kind, count=len(reminder.overdue_referrals))
            if reminder.expiring_referrals and not is_operator:  # only the team can read referrals
                self._store.receipts.mark_warned([entry.reference for entry in reminder.expiring_referrals])
            failpoints.reach("reminder-finished")
        elif not result.uncertain:
            logs.warn("reminder-not-sent", kind=recipient.kind, error=result.error_class)
            self._store.facts.delete(recipient.reminder_key)


def closed_days(service: Service) -> frozenset[date]:
    """Return the days besides weekends on which the service is closed."""
    return frozenset(date.fromisoformat(str(day)) for day in service.values.get("closed_days", ()))


def _last_reminder_day(fact: tuple[str, float] | None) -> date | None:
    return None if fact is None else date.fromisoformat(fact[0])
