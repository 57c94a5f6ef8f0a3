"""Claim deliveries for the senders, which are threads of a delivery worker.

Only the sender that holds the lease of a delivery may send it. A lease is a random token that expires.
No recipient or email can occupy all senders of a worker.
"""

import secrets
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, case, func, literal_column, or_, select, update

from form_service.store.referrals import settle_emails
from form_service.store.retry_pauses import LONGEST_PAUSE_SECONDS
from form_service.store.schema import MAX_UNCERTAIN_TRIES, delivery, mail, recipient_backoff, referral

LEASE_SECONDS = 60.0
# Of a worker's three senders, so that one is always free for other recipients. After a failure the limit is one.
MAX_SENDERS_PER_RECIPIENT = 2
MAX_SENDERS_FOR_NEUTRAL_COPIES = 1
_CLAIM_LOCK_ID = 0x636C6169  # an arbitrary number that identifies the lock for one claim at a time on PostgreSQL


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that a sender has claimed. Until the lease ends, only the sender with this `lease` may send it."""

    delivery_id: str
    lease: str
    reference: str
    kind: str
    message_id: str
    recipient: str
    key_id: str
    sealed: bytes
    tries: int  # including the one about to be made
    is_probe: bool = False  # whether this recipient could not be reached last time


# Literal values, so that the partial indexes are used.
IS_WAITING = delivery.c.state == literal_column("'waiting'")
IS_HELD = and_(IS_WAITING, delivery.c.uncertain >= literal_column(str(MAX_UNCERTAIN_TRIES)))
IS_NOT_HELD = delivery.c.uncertain < literal_column(str(MAX_UNCERTAIN_TRIES))
IS_FOR_THE_TEAM = delivery.c.recipient != literal_column("''")  # the recipient of a neutral copy is in its sealed email
_HAS_LIVE_LEASE = and_(
    delivery.c.lease.is_not(None),
    delivery.c.lease_until > bindparam("now"),
    delivery.c.lease_until <= bindparam("latest_lease"),  # a lease that ends later began before the clock was set back
)
_RECIPIENT_PAUSES_QUERY = select(recipient_backoff.c.recipient, recipient_backoff.c.next_try)
_IN_FLIGHT_DELIVERIES_QUERY = select(delivery.c.recipient, delivery.c.mail_id).where(IS_WAITING, _HAS_LIVE_LEASE)
_NEXT_DELIVERY_QUERY = (
    select(delivery.c.id, delivery.c.recipient, delivery.c.tries)
    .add_columns(mail.c.reference, mail.c.kind, mail.c.message_id, mail.c.key_id, mail.c.sealed)
    .add_columns(referral.c.withdrawn_at)
    .join(mail, mail.c.id == delivery.c.mail_id)
    .join(referral, referral.c.reference == mail.c.reference)
    .where(
        IS_WAITING,
        IS_NOT_HELD,
        delivery.c.next_try <= bindparam("now"),
        or_(delivery.c.lease.is_(None), ~_HAS_LIVE_LEASE),
        delivery.c.recipient.not_in(bindparam("busy_recipients", expanding=True)),
        delivery.c.mail_id.not_in(bindparam("busy_mail_ids", expanding=True)),
    )
    .order_by(delivery.c.tries, delivery.c.waiting_since)
    .limit(literal_column("1"))
    .with_for_update(of=delivery, skip_locked=True)
)
_NEXT_TEAM_DELIVERY_QUERY = _NEXT_DELIVERY_QUERY.where(IS_FOR_THE_TEAM)
_CLAIM_STATEMENT = (
    update(delivery)
    .where(delivery.c.id == bindparam("claimed_id"))
    .values(
        lease=bindparam("token"),
        lease_until=bindparam("ends"),
        next_try=bindparam("ends"),
        tries=delivery.c.tries + 1,
        # The last lease ended without a result: it is unknown whether that worker sent the email.
        maybe_sent=case((delivery.c.lease.is_not(None), 1), else_=delivery.c.maybe_sent),
    )
)


def claim(connection: Connection, now: float, include_neutral_copies: bool = True) -> ClaimedDelivery | None:
    """Claim the next due delivery and return it, or return None if none is due.

    A neutral copy, which goes to the person who sent the form, is claimed only with `include_neutral_copies`, and only
    if no email to the team is due. Deliveries with fewer tries come first, and older ones come before newer ones. A
    delivery about a withdrawn referral is cancelled instead of claimed, unless it is the notice of the withdrawal.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK_ID)))
    time_parameters = {"now": now, "latest_lease": now + LEASE_SECONDS}
    pause_ends = {row.recipient: row.next_try for row in connection.execute(_RECIPIENT_PAUSES_QUERY)}
    parameters = time_parameters | _busy_parameters(connection, time_parameters, pause_ends)
    while True:
        row = connection.execute(_NEXT_TEAM_DELIVERY_QUERY, parameters).first()
        if row is None and include_neutral_copies:
            row = connection.execute(_NEXT_DELIVERY_QUERY, parameters).first()
        if row is None:
            return None
        if row.withdrawn_at is not None and row.kind != "withdrawn":
            cancel_delivery(connection, row.id, row.reference, now)
            continue
        lease = secrets.token_hex(16)
        connection.execute(_CLAIM_STATEMENT, {"claimed_id": row.id, "token": lease, "ends": now + LEASE_SECONDS})
        mail_columns = (row.reference, row.kind, row.message_id, row.recipient, row.key_id, row.sealed)
        return ClaimedDelivery(row.id, lease, *mail_columns, row.tries + 1, row.recipient in pause_ends)


def _busy_parameters(
    connection: Connection, time_parameters: dict[str, float], pause_ends: dict[str, float]
) -> dict[str, list[str]]:
    """Return the recipients and the emails that the next claim has to skip, as query parameters.

    A recipient is skipped while it is paused or has enough senders, and an email while it has enough senders.
    `pause_ends` maps each recipient to the end of its pause, in seconds since 1970.
    """
    in_flight_rows = connection.execute(_IN_FLIGHT_DELIVERIES_QUERY, time_parameters).all()
    # A pause beyond the longest one was set before the clock was set back.
    busy_recipients = {
        recipient
        for recipient, paused_until in pause_ends.items()
        if time_parameters["now"] < paused_until <= time_parameters["now"] + LONGEST_PAUSE_SECONDS
    }
    for recipient, count in Counter(row.recipient for row in in_flight_rows).items():
        limit = MAX_SENDERS_FOR_NEUTRAL_COPIES if recipient == "" else MAX_SENDERS_PER_RECIPIENT
        if count >= (1 if recipient in pause_ends else limit):
            busy_recipients.add(recipient)
    sender_counts = Counter(row.mail_id for row in in_flight_rows)
    busy_mail_ids = [mail_id for mail_id, count in sender_counts.items() if count >= MAX_SENDERS_PER_RECIPIENT]
    return {"busy_recipients": sorted(busy_recipients), "busy_mail_ids": busy_mail_ids}


def cancel_delivery(connection: Connection, delivery_id: str, reference: str, now: float) -> None:
    """Cancel a delivery. If its email has no other waiting delivery, mark the email as settled."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(state="withdrawn", settled_at=now, lease=None, lease_until=None)
    )
    settle_emails(connection, reference, now)
