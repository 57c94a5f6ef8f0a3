"""The team's confirmations that it has received a referral.

`referral.received_at` is the time of the confirmation. `referral.warned_at` is the time of the warning that the email
about an unconfirmed referral will be wiped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select, update

from form_service.store.engine.base import Queries
from form_service.store.reports import OutboxRow
from form_service.store.schema import delivery, mail, referral


@dataclass(frozen=True)
class LedgerEntry:
    """A referral with the times of its events, in seconds since 1970. A time is None if the event has not happened."""

    reference: str
    accepted_at: float
    delivered_at: float | None
    received_at: float | None
    withdrawn_at: float | None
    warned_at: float | None
    route: str

    @property
    def awaits_confirmation(self) -> bool:
        """Return whether a member of the team still has to confirm the referral."""
        return self.received_at is None and self.withdrawn_at is None


class Receipts(Queries):
    """The queries about the team's confirmations. A test referral needs no confirmation."""

    def record(self, reference: str) -> None:
        """Record that a member of the team has confirmed the referral. The time of an earlier confirmation stays."""
        with self._transactions.writing() as (connection, now):
            is_unconfirmed = (referral.c.reference == reference) & referral.c.received_at.is_(None)
            connection.execute(update(referral).where(is_unconfirmed).values(received_at=now))

    def entry(self, reference: str) -> LedgerEntry | None:
        """Return the referral with this reference, or None if it does not exist or is a test referral."""
        with self._transactions.reading() as (connection, _):
            entries = _entries(connection, referral.c.reference == reference)
        return entries[0] if entries else None

    def unconfirmed_referrals(self) -> tuple[list[LedgerEntry], float]:
        """Return the unconfirmed referrals whose email to the team is still stored, and the current time.

        The oldest referral comes first. Withdrawn referrals and test referrals are left out.
        """
        has_stored_email = exists().where(
            mail.c.reference == referral.c.reference, mail.c.kind == "team", mail.c.sealed.is_not(None)
        )
        with self._transactions.reading() as (connection, now):
            is_unconfirmed = referral.c.received_at.is_(None) & referral.c.withdrawn_at.is_(None)
            return _entries(connection, is_unconfirmed & has_stored_email), now

    def referrals_accepted_between(self, start: float, end: float) -> list[LedgerEntry]:
        """Return the referrals that were accepted at or after `start` and before `end`, except test referrals.

        Both times are in seconds since 1970.
        """
        with self._transactions.reading() as (connection, _):
            return _entries(connection, (referral.c.accepted_at >= start) & (referral.c.accepted_at < end))

    def mark_warned(self, references: Sequence[str]) -> None:
        """Record that the team was sent the last warning before the emails about these referrals are wiped."""
        with self._transactions.writing() as (connection, now):
            is_unwarned = referral.c.reference.in_(references) & referral.c.warned_at.is_(None)
            connection.execute(update(referral).where(is_unwarned).values(warned_at=now))

    def resend(self, reference: str) -> int:
        """Queue the email about a referral again for everyone who received it; return the number of recipients.

        Do nothing and return 0 if the email was wiped or the referral was withdrawn.
        """
        with self._transactions.writing() as (connection, now):
            row = connection.execute(
                select(mail.c.id)
                .join(referral, referral.c.reference == mail.c.reference)
                .where(mail.c.reference == reference, mail.c.kind == "team", mail.c.sealed.is_not(None))
                .where(referral.c.withdrawn_at.is_(None))
                .with_for_update()
            ).first()
            if row is None:
                return 0
            connection.execute(update(mail).where(mail.c.id == row.id).values(settled_at=None))
            values: dict[str, Any] = {"state": "waiting", "waiting_since": now, "next_try": now, "tries": 0}
            values |= {"failures": 0, "uncertain": 0, "settled_at": None}
            is_delivered = (delivery.c.mail_id == row.id) & (delivery.c.state == "delivered")
            return connection.execute(update(delivery).where(is_delivered).values(values)).rowcount

    def retained_emails(self) -> list[OutboxRow]:
        """Return the emails to the team that are no longer waiting for delivery but are not wiped yet, oldest first.

        The age of an email counts from the time when the service accepted the referral.
        """
        statement = (
            select(referral)
            .join(mail, mail.c.reference == referral.c.reference)
            .where(mail.c.kind == "team", mail.c.sealed.is_not(None), mail.c.settled_at.is_not(None))
            .order_by(referral.c.accepted_at)
        )
        with self._transactions.reading() as (connection, now):
            return [
                OutboxRow(row.reference, "team", _state_text(row), max(0.0, now - row.accepted_at), 0, "")
                for row in connection.execute(statement)
            ]


def _state_text(row: Any) -> str:
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "delivered" if row.received_at is None else "received by the team"


def _entries(connection: Connection, condition: ColumnElement[bool]) -> list[LedgerEntry]:
    columns = [referral.c[name] for name in LedgerEntry.__dataclass_fields__]
    statement = select(*columns).where(condition, referral.c.route != "test").order_by(referral.c.accepted_at)
    return [LedgerEntry(*row) for row in connection.execute(statement)]
