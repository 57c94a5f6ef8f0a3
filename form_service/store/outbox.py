"""The outbox: it records the result of each attempt to deliver an email, and sets the time of the next attempt.

A `FailureScope` says how much has to wait after a failed attempt: only that email, all emails to the same recipient,
or all emails over the same route to the mail server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, update

from form_service.store.claims import (
    IS_HELD,
    IS_NOT_HELD,
    IS_WAITING,
    LEASE_SECONDS,
    ClaimedDelivery,
    cancel_delivery,
    claim,
)
from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_or_replace
from form_service.store.referrals import overlooked_references, settle_emails
from form_service.store.retry_pauses import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, pause_after
from form_service.store.schema import MAX_UNCERTAIN_TRIES, delivery, mail, recipient_backoff, referral

# A neutral copy goes to an email address that a person typed. Attempts end after this long, and the address is wiped.
NEUTRAL_COPY_MAX_AGE_SECONDS = 3 * 86400.0


class FailureScope(Enum):
    """What a failed attempt delays: the email, all emails to its recipient, or all emails over the same route."""

    EMAIL = "email"
    RECIPIENT = "recipient"
    ROUTE = "route"


@dataclass(frozen=True)
class DeliveryResult:
    """The result of an attempt to deliver an email."""

    delivered: bool
    error: str = ""  # a short code such as "rcpt-550", never the server's text
    permanent: bool = False  # the server said that trying again is useless
    maybe_sent: bool = False  # the server may have accepted the email
    uncertain: bool = False  # the whole email was sent, but no final reply came
    scope: FailureScope = FailureScope.EMAIL
    recipient_reached: bool = False  # the server accepted the recipient


_NO_LEASE_VALUES = {"lease": None, "lease_until": None}
_DELIVERED_VALUES = _NO_LEASE_VALUES | {"state": "delivered", "error": None, "refused": 0, "maybe_sent": 0}
_LOCK_REFERRAL_QUERY = (
    select(referral.c.reference).where(referral.c.reference == bindparam("referral_reference")).with_for_update()
)
_MARK_DELIVERED_STATEMENT = (
    update(referral)
    .where(
        referral.c.reference == bindparam("referral_reference"),
        referral.c.delivered_at.is_(None),
        ~exists().where(
            mail.c.reference == bindparam("referral_reference"),
            mail.c.kind == "team",
            delivery.c.mail_id == mail.c.id,
            delivery.c.state == "waiting",
        ),
    )
    .values(delivered_at=bindparam("now"))
)


def finish(connection: Connection, claimed_delivery: ClaimedDelivery, result: DeliveryResult, now: float) -> bool:
    """Record the result of an attempt to deliver an email; return True.

    If the delivery no longer has the lease in `claimed_delivery`, change nothing and return False.
    """
    _lock_referral(connection, claimed_delivery.reference)
    if result.delivered:
        statement = (
            update(delivery).where(_is_leased_by(claimed_delivery)).values(_DELIVERED_VALUES | {"settled_at": now})
        )
        if connection.execute(statement).rowcount == 0:
            return False
        settle_emails(connection, claimed_delivery.reference, now)
        if claimed_delivery.kind == "team":
            connection.execute(
                _MARK_DELIVERED_STATEMENT, {"referral_reference": claimed_delivery.reference, "now": now}
            )
    elif not _record_failure(connection, claimed_delivery, result, now):
        return False
    if claimed_delivery.is_probe and (result.delivered or result.recipient_reached):
        connection.execute(delete(recipient_backoff).where(recipient_backoff.c.recipient == claimed_delivery.recipient))
    return True


def _is_leased_by(claimed_delivery: ClaimedDelivery) -> ColumnElement[bool]:
    return and_(delivery.c.id == claimed_delivery.delivery_id, delivery.c.lease == claimed_delivery.lease)


def _record_failure(
    connection: Connection, claimed_delivery: ClaimedDelivery, result: DeliveryResult, now: float
) -> bool:
    row = connection.execute(select(delivery).where(_is_leased_by(claimed_delivery))).first()
    if row is None:
        return False
    scope = result.scope
    if claimed_delivery.kind == "neutral" and scope is FailureScope.RECIPIENT:
        scope = FailureScope.EMAIL  # the address is inside the sealed email, so each copy has its own back-off
    failures = row.failures + int(scope is FailureScope.EMAIL)
    pauses = {
        FailureScope.EMAIL: pause_after(failures, result.permanent),
        FailureScope.RECIPIENT: 0.0,
        FailureScope.ROUTE: FIRST_PAUSE_SECONDS,  # so that no other sender tries the delivery immediately
    }
    values: dict[str, Any] = {
        "next_try": now + pauses[scope],
        "error": result.error,
        "failures": failures,
        "refused": int(result.permanent and scope is not FailureScope.ROUTE),
        "maybe_sent": max(row.maybe_sent, int(result.maybe_sent or result.uncertain)),
        "uncertain": row.uncertain + int(result.uncertain),
    }
    connection.execute(update(delivery).where(_is_leased_by(claimed_delivery)).values(_NO_LEASE_VALUES | values))
    if scope is FailureScope.RECIPIENT:
        _pause_recipient(connection, claimed_delivery.recipient, result, now)
    withdrawn_query = select(referral.c.withdrawn_at).where(referral.c.reference == claimed_delivery.reference)
    is_obsolete = connection.execute(withdrawn_query).scalar_one() is not None and claimed_delivery.kind != "withdrawn"
    if is_obsolete or (claimed_delivery.kind == "neutral" and _is_copy_given_up(result, row, now)):
        cancel_delivery(connection, claimed_delivery.delivery_id, claimed_delivery.reference, now)
    return True


def _is_copy_given_up(result: DeliveryResult, row: Any, now: float) -> bool:
    """Return whether to give up a neutral copy because it was refused, may have arrived or has waited too long."""
    may_have_arrived = row.uncertain + int(result.uncertain) >= MAX_UNCERTAIN_TRIES
    return result.permanent or may_have_arrived or now - row.waiting_since >= NEUTRAL_COPY_MAX_AGE_SECONDS


def _pause_recipient(connection: Connection, recipient: str, result: DeliveryResult, now: float) -> None:
    backoff = connection.execute(
        select(recipient_backoff).where(recipient_backoff.c.recipient == recipient).with_for_update()
    ).first()
    if backoff is not None and now < backoff.next_try <= now + LONGEST_PAUSE_SECONDS:
        return  # this attempt began before the current pause
    failures = (0 if backoff is None else backoff.failures) + 1
    next_try = now + pause_after(failures, result.permanent)
    row = {"recipient": recipient, "failures": failures, "next_try": next_try, "error": result.error}
    insert_or_replace(connection, recipient_backoff, row)


def _lock_referral(connection: Connection, reference: str) -> None:
    """Lock the row of the referral. Call this before locking the rows of its emails and deliveries.

    `referrals.withdraw` locks the rows in the same order, which prevents deadlocks.
    """
    connection.execute(_LOCK_REFERRAL_QUERY, {"referral_reference": reference})


def settle_overlooked_emails(connection: Connection, now: float) -> None:
    """Mark as settled each email that has no waiting delivery but is not settled yet, so that it can be wiped later.

    Also call `mark_delivered` for the referral of each email.
    """
    for reference in overlooked_references(connection):
        _lock_referral(connection, reference)
        settle_emails(connection, reference, now)
        mark_delivered(connection, reference, now)


def mark_delivered(connection: Connection, reference: str, now: float) -> None:
    """Record that a referral was delivered to the team.

    Change nothing if the referral was withdrawn, or if an email that tells the team about it is still waiting.
    """
    statement = _MARK_DELIVERED_STATEMENT.where(referral.c.withdrawn_at.is_(None))
    connection.execute(statement, {"referral_reference": reference, "now": now})


class Outbox(Queries):
    """The queries that read and change waiting deliveries, for the delivery worker and the operator's commands."""

    def claim(self, include_neutral_copies: bool = True) -> ClaimedDelivery | None:
        """Claim the next due delivery and return it, or return None if none is due.

        A neutral copy, which goes to the person who sent the form, is claimed only with `include_neutral_copies`, and
        only if no email to the team is due. The claim is on the disk before this method returns.
        """
        with self._transactions.writing() as (connection, now):
            return claim(connection, now, include_neutral_copies)

    def extend_lease(self, claimed_delivery: ClaimedDelivery) -> bool:
        """Extend the lease of a claimed delivery; return True.

        If the delivery no longer has the lease in `claimed_delivery`, change nothing and return False.
        """
        with self._transactions.writing() as (connection, now):
            values = {"lease_until": now + LEASE_SECONDS, "next_try": now + LEASE_SECONDS}
            return (
                connection.execute(update(delivery).where(_is_leased_by(claimed_delivery)).values(values)).rowcount == 1
            )

    def finish(self, claimed_delivery: ClaimedDelivery, result: DeliveryResult) -> bool:
        """Record the result of an attempt to deliver an email; return True.

        If the delivery no longer has the lease in `claimed_delivery`, change nothing and return False.
        """
        with self._transactions.writing() as (connection, now):
            return finish(connection, claimed_delivery, result, now)

    def finish_and_claim(
        self, claimed_delivery: ClaimedDelivery, result: DeliveryResult, include_neutral_copies: bool = True
    ) -> tuple[bool, ClaimedDelivery | None]:
        """Call `finish` and then `claim` in one transaction, and return the results of both."""
        with self._transactions.writing() as (connection, now):
            return finish(connection, claimed_delivery, result, now), claim(connection, now, include_neutral_copies)

    def make_due(self) -> int:
        """Make waiting deliveries due now; return their number.

        Deliveries that are held or that a sender of the worker has claimed stay unchanged.
        """
        with self._transactions.writing() as (connection, now):
            return _make_due(connection, now, and_(_is_unleased(None), IS_NOT_HELD))

    def retry(self, references: Sequence[str] | None = None) -> int:
        """Make waiting deliveries due now, even if they are held; return their number.

        Include only deliveries about the referrals in `references`, or about all referrals if it is None. Deliveries
        that a sender of the worker has claimed stay unchanged.
        """
        with self._transactions.writing() as (connection, now):
            connection.execute(update(delivery).where(_is_unleased(references), IS_HELD).values(uncertain=0))
            return _make_due(connection, now, _is_unleased(references))

    def end_leases(self) -> int:
        """End all leases, and make the leased deliveries due now; return their number.

        Call this only while no other delivery worker can be running.
        """
        is_leased = and_(IS_WAITING, delivery.c.lease.is_not(None))
        with self._transactions.writing() as (connection, now):
            values = _NO_LEASE_VALUES | {"next_try": now, "maybe_sent": 1}
            return connection.execute(update(delivery).where(is_leased).values(values)).rowcount

    def correct_due_times(self) -> int:
        """Find the deliveries that would wait too long because the clock was set back, and make them due now.

        Return their number.
        """
        with self._transactions.writing() as (connection, now):
            is_due_too_late = or_(
                delivery.c.next_try > now + LONGEST_PAUSE_SECONDS,
                and_(delivery.c.tries == 0, delivery.c.next_try > now),
            )
            return connection.execute(update(delivery).where(IS_WAITING, is_due_too_late).values(next_try=now)).rowcount


def _is_unleased(references: Sequence[str] | None) -> Any:
    """Return the SQL condition for deliveries that are waiting and have no lease.

    Include only deliveries about the referrals in `references`, or about all referrals if it is None.
    """
    is_unleased = and_(IS_WAITING, delivery.c.lease.is_(None))
    if references is None:
        return is_unleased
    return and_(is_unleased, delivery.c.mail_id.in_(select(mail.c.id).where(mail.c.reference.in_(references))))


def _make_due(connection: Connection, now: float, condition: Any) -> int:
    connection.execute(update(delivery).where(condition, delivery.c.next_try > now).values(next_try=now))
    recipients = select(delivery.c.recipient).where(condition)
    is_paused = recipient_backoff.c.recipient.in_(recipients)
    connection.execute(update(recipient_backoff).where(is_paused).values(next_try=now))
    return connection.execute(select(func.count()).select_from(delivery).where(condition)).scalar_one()
