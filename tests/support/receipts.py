"""Closed days, a reminder sender and local times for the tests of receipts and reminders."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from form_service.config.local_time import LONDON
from form_service.operations.reminder_sender import ReminderSender
from form_service.store.schema import mail
from service_profile import load
from tests.support.delivery import ScriptedRoute, deliver_due, worker_of
from tests.support.service_parts import ServiceParts

OPERATOR_EMAIL = "ops@ops.example"
HOUR_SECONDS, DAY_SECONDS = 3600.0, 86_400.0
CLOSED_DAYS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})


def uk_time(text: str) -> float:
    """Return the Unix time of a UK local time such as "2026-11-26 14:05"."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp()


def reminder_sender_for(parts: ServiceParts, weekly: bool = False) -> ReminderSender:
    """Return the reminder sender of a service that is closed on CLOSED_DAYS.

    With `weekly`, it also sends the weekly summary.
    """
    service = load()
    values = {
        **service.values,
        "closed_days": [day.isoformat() for day in sorted(CLOSED_DAYS)],
        "weekly_summary": weekly,
    }
    return ReminderSender(parts.settings, parts.store, replace(service, values=values))


def deliver_all(parts: ServiceParts) -> None:
    """Deliver every email that is due, over a mail route that accepts every email."""
    deliver_due(worker_of(parts, ScriptedRoute()))


def references_with_sealed_email(parts: ServiceParts) -> list[str]:
    """Return the references of the referrals whose sealed email to the team is still in the store."""
    with parts.store.reading() as (connection, _):
        query = select(mail.c.reference).where(mail.c.sealed.is_not(None), mail.c.kind == "team")
        return list(connection.execute(query).scalars())
