"""Readdress deliveries to a recipient whose address the operator has since corrected."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from form_service.store.claims import IS_WAITING, drop
from form_service.store.engine.base import Transactions
from form_service.store.outbox import mark_delivered
from form_service.store.schema import delivery, mail
from service_profile.validation import SAMPLE


@dataclass(frozen=True)
class ReaddressResult:
    """How many deliveries got another recipient, and how many were dropped because the whole team has the email."""

    moved: int
    ended: int


def readdress(
    transactions: Transactions, team: Sequence[str], references: Sequence[str] | None = None
) -> ReaddressResult:
    """Readdress deliveries whose recipient is no longer in `team` to members who have not received the email.

    The recipient is stored when a referral is accepted; a mistyped address would keep the referral waiting for ever.
    Nothing is ever sent to a sample address, which may belong to a stranger.
    """
    real = [recipient for recipient in team if not SAMPLE.search(recipient)]
    statement = (
        select(delivery.c.id, delivery.c.mail_id, mail.c.reference)
        .join(mail, mail.c.id == delivery.c.mail_id)
        .where(
            IS_WAITING,
            delivery.c.lease.is_(None),
            delivery.c.recipient.not_in(team),
            mail.c.kind.in_(("team", "withdrawn", "stopped", "new_ways")),
        )
        .order_by(delivery.c.id)
        .with_for_update(of=delivery)
    )
    if references is not None:
        statement = statement.where(mail.c.reference.in_(references))
    moved = ended = 0
    with transactions.writing() as (connection, now):
        for row in connection.execute(statement).all():
            states = _states(connection, row.mail_id)
            missing = [recipient for recipient in real if recipient not in states]
            if missing:
                changed = {"recipient": missing[0], "refused": 0, "error": None}
                connection.execute(update(delivery).where(delivery.c.id == row.id).values(changed))
                moved += 1
            elif all(states.get(recipient) == "delivered" for recipient in team):
                drop(connection, row.id, row.reference, now)
                mark_delivered(connection, row.reference, now)
                ended += 1
    return ReaddressResult(moved, ended)


def _states(connection: Connection, mail_id: str) -> dict[str, str]:
    rows = connection.execute(select(delivery.c.recipient, delivery.c.state).where(delivery.c.mail_id == mail_id))
    return {str(recipient): str(state) for recipient, state in rows}
