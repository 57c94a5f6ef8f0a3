"""The outbox: record how an attempt to send ended, and decide when the delivery is tried again.

Back-off applies to the part that failed. An unreachable recipient pauses with all its deliveries, then one of them
probes. An email that fails by itself pauses alone. If the route to the mail server fails, neither pauses: the worker
waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, update

from form_service.store.claims import IS_HELD, IS_NOT_HELD, IS_WAITING, LEASE_SECONDS, ClaimedDelivery, claim, drop
from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_or_replace
from form_service.store.referrals import settle_mails, unsettled
from form_service.store.retry_pauses import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, pause_after
from form_service.store.schema import UNCERTAIN_LIMIT, delivery, mail, recipient_backoff, referral

# A neutral copy goes to an email address that a person typed: after this long it is given up, and the address wiped.
NEUTRAL_SECONDS = 3 * 86400.0


class FailureScope(Enum):
    """What a failure applies to, and so what has to wait."""

    EMAIL = "email"
    RECIPIENT = "recipient"
    ROUTE = "route"


@dataclass(frozen=True)
class DeliveryResult:
    """How an attempt ended.

    `error` is a class such as "rcpt-550", never the server's text. `permanent`: the server said that trying again is
    useless. `maybe_sent`: the server may have accepted the email. `uncertain`: all of it was sent, but no reply came,
    so that the number of tries is limited. `reached`: the recipient was accepted.
    """

    delivered: bool
    error: str = ""
    permanent: bool = False
    maybe_sent: bool = False
    uncertain: bool = False
    scope: FailureScope = FailureScope.EMAIL
    reached: bool = False


_NO_LEASE = {"lease": None, "lease_until": None}
_DELIVERED = _NO_LEASE | {"state": "delivered", "error": None, "refused": 0, "maybe_sent": 0}
_LOCK = select(referral.c.reference).where(referral.c.reference == bindparam("its_reference")).with_for_update()
_HAS_IT = (
    update(referral)
    .where(
        referral.c.reference == bindparam("its_reference"),
        referral.c.delivered_at.is_(None),
        ~exists().where(
            mail.c.reference == bindparam("its_reference"),
            mail.c.kind == "team",
            delivery.c.mail_id == mail.c.id,
            delivery.c.state == "waiting",
        ),
    )
    .values(delivered_at=bindparam("now"))
)


def finish(connection: Connection, claimed: ClaimedDelivery, result: DeliveryResult, now: float) -> bool:
    """Record the result; return False when the lease has been lost, and then nothing was changed."""
    _lock(connection, claimed.reference)
    if result.delivered:
        delivered = update(delivery).where(_is_held_by(claimed)).values(_DELIVERED | {"settled_at": now})
        if connection.execute(delivered).rowcount == 0:
            return False
        settle_mails(connection, claimed.reference, now)
        if claimed.kind == "team":
            connection.execute(_HAS_IT, {"its_reference": claimed.reference, "now": now})
    elif not _record_failure(connection, claimed, result, now):
        return False
    if claimed.is_probe and (result.delivered or result.reached):
        connection.execute(delete(recipient_backoff).where(recipient_backoff.c.recipient == claimed.recipient))
    return True


def _is_held_by(claimed: ClaimedDelivery) -> ColumnElement[bool]:
    return and_(delivery.c.id == claimed.delivery_id, delivery.c.lease == claimed.lease)


def _record_failure(connection: Connection, claimed: ClaimedDelivery, result: DeliveryResult, now: float) -> bool:
    row = connection.execute(select(delivery).where(_is_held_by(claimed))).first()
    if row is None:
        return False
    scope = result.scope
    if claimed.kind == "neutral" and scope is FailureScope.RECIPIENT:
        scope = FailureScope.EMAIL  # its address is inside the sealed email, so each copy backs off by itself
    failures = row.failures + int(scope is FailureScope.EMAIL)
    pauses = {
        FailureScope.EMAIL: pause_after(failures, result.permanent),
        FailureScope.RECIPIENT: 0.0,
        FailureScope.ROUTE: FIRST_PAUSE_SECONDS,  # so that no other sender runs into the same failure with it at once
    }
    values: dict[str, Any] = {
        "next_try": now + pauses[scope],
        "error": result.error,
        "failures": failures,
        "refused": int(result.permanent and scope is not FailureScope.ROUTE),
        "maybe_sent": max(row.maybe_sent, int(result.maybe_sent or result.uncertain)),
        "uncertain": row.uncertain + int(result.uncertain),
    }
    connection.execute(update(delivery).where(_is_held_by(claimed)).values(_NO_LEASE | values))
    if scope is FailureScope.RECIPIENT:
        _pause_recipient(connection, claimed.recipient, result, now)
    withdrawn_at = select(referral.c.withdrawn_at).where(referral.c.reference == claimed.reference)
    is_withdrawn = connection.execute(withdrawn_at).scalar_one() is not None and claimed.kind != "withdrawn"
    if is_withdrawn or (claimed.kind == "neutral" and _is_given_up(result, row, now)):
        drop(connection, claimed.delivery_id, claimed.reference, now)
    return True


def _is_given_up(result: DeliveryResult, row: Any, now: float) -> bool:
    """Return whether a neutral copy was refused, may have arrived, or failed for so long that its address is wrong."""
    may_have_arrived = row.uncertain + int(result.uncertain) >= UNCERTAIN_LIMIT
    return result.permanent or may_have_arrived or now - row.waiting_since >= NEUTRAL_SECONDS


def _pause_recipient(connection: Connection, recipient: str, result: DeliveryResult, now: float) -> None:
    last = connection.execute(
        select(recipient_backoff).where(recipient_backoff.c.recipient == recipient).with_for_update()
    ).first()
    if last is not None and now < last.next_try <= now + LONGEST_PAUSE_SECONDS:
        return  # this attempt began before the current pause
    failures = (0 if last is None else last.failures) + 1
    next_try = now + pause_after(failures, result.permanent)
    row = {"recipient": recipient, "failures": failures, "next_try": next_try, "error": result.error}
    insert_or_replace(connection, recipient_backoff, row)


def _lock(connection: Connection, reference: str) -> None:
    """Lock the referral before any of its emails or deliveries, as withdrawing does, to avoid deadlocks."""
    connection.execute(_LOCK, {"its_reference": reference})


def settle_forgotten(connection: Connection, now: float) -> None:
    """Settle emails that have nothing left to send but were not settled at the time, so that their copy is wiped."""
    for reference in unsettled(connection):
        _lock(connection, reference)
        settle_mails(connection, reference, now)
        mark_delivered(connection, reference, now)


def mark_delivered(connection: Connection, reference: str, now: float) -> None:
    """Record that the team has a referral, if no delivery of it to the team is waiting and it was not withdrawn."""
    kept = _HAS_IT.where(referral.c.withdrawn_at.is_(None))
    connection.execute(kept, {"its_reference": reference, "now": now})


class Outbox(Queries):
    """The waiting deliveries, for the worker and the operator's commands."""

    def claim(self, copies: bool = True) -> ClaimedDelivery | None:
        """Claim a delivery: see `claim`. The claim is durable when this returns."""
        with self._transactions.writing() as (connection, now):
            return claim(connection, now, copies)

    def extend_lease(self, claimed: ClaimedDelivery) -> bool:
        """Renew the lease; return False when it has been lost."""
        with self._transactions.writing() as (connection, now):
            ends = {"lease_until": now + LEASE_SECONDS, "next_try": now + LEASE_SECONDS}
            return connection.execute(update(delivery).where(_is_held_by(claimed)).values(ends)).rowcount == 1

    def finish(self, claimed: ClaimedDelivery, result: DeliveryResult) -> bool:
        """Record a result; return False when the lease had been lost, and then nothing was recorded."""
        with self._transactions.writing() as (connection, now):
            return finish(connection, claimed, result, now)

    def finish_and_claim(
        self, claimed: ClaimedDelivery, result: DeliveryResult, copies: bool = True
    ) -> tuple[bool, ClaimedDelivery | None]:
        """Record a result and claim the next delivery in one transaction, so that the disk is synced only once."""
        with self._transactions.writing() as (connection, now):
            return finish(connection, claimed, result, now), claim(connection, now, copies)

    def make_due(self) -> int:
        """Make waiting deliveries due now; return how many are due. Leased and held ones stay as they are."""
        with self._transactions.writing() as (connection, now):
            return _make_due(connection, now, and_(_of(None), IS_NOT_HELD))

    def retry(self, references: Sequence[str] | None = None) -> int:
        """Make waiting and held deliveries due now; return how many are due."""
        with self._transactions.writing() as (connection, now):
            connection.execute(update(delivery).where(_of(references), IS_HELD).values(uncertain=0))
            return _make_due(connection, now, _of(references))

    def end_leases(self) -> int:
        """End every lease; return how many. Call only while no other worker can be running."""
        is_leased = and_(IS_WAITING, delivery.c.lease.is_not(None))
        with self._transactions.writing() as (connection, now):
            ended = _NO_LEASE | {"next_try": now, "maybe_sent": 1}
            return connection.execute(update(delivery).where(is_leased).values(ended)).rowcount

    def correct_clock(self) -> int:
        """Make due the deliveries left beyond the longest pause by a clock that was set back; return how many."""
        with self._transactions.writing() as (connection, now):
            is_too_late = or_(
                delivery.c.next_try > now + LONGEST_PAUSE_SECONDS,
                and_(delivery.c.tries == 0, delivery.c.next_try > now),
            )
            return connection.execute(update(delivery).where(IS_WAITING, is_too_late).values(next_try=now)).rowcount


def _of(references: Sequence[str] | None) -> Any:
    """Return the condition for the unleased deliveries of these references, or of all."""
    rows = and_(IS_WAITING, delivery.c.lease.is_(None))
    if references is None:
        return rows
    return and_(rows, delivery.c.mail_id.in_(select(mail.c.id).where(mail.c.reference.in_(references))))


def _make_due(connection: Connection, now: float, rows: Any) -> int:
    connection.execute(update(delivery).where(rows, delivery.c.next_try > now).values(next_try=now))
    recipients = select(delivery.c.recipient).where(rows)
    paused = recipient_backoff.c.recipient.in_(recipients)
    connection.execute(update(recipient_backoff).where(paused).values(next_try=now))
    return connection.execute(select(func.count()).select_from(delivery).where(rows)).scalar_one()
