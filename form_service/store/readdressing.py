"""Deliveries to an address that the operator has since corrected."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, literal_column, select, update

from form_service.store.engine.base import Transactions
from form_service.store.outbox import drop, team_has_it
from form_service.store.schema import delivery, mail
from service_profile.validation import SAMPLE


@dataclass(frozen=True)
class Readdressed:
    """How many deliveries go to another address now, and how many ended because everybody named has the mail."""

    moved: int
    ended: int


def readdress(transactions: Transactions, team: Sequence[str], references: Sequence[str] | None = None) -> Readdressed:
    """Change recipients that are no longer in `team`: see _readdress."""
    with transactions.writing() as (connection, now):
        return _readdress(connection, now, team, references)


def _readdress(
    connection: Connection, now: float, team: Sequence[str], references: Sequence[str] | None
) -> Readdressed:
    """Give what waits for somebody who is no longer of the team to one who is, never to one who has it already.

    A recipient is written down when a referral is taken in; a mistyped one would hold it for ever. Nothing ever goes
    to a sample address: whoever has that one is nobody's team.
    """
    real = [one for one in team if not SAMPLE.search(one)]
    statement = (
        select(delivery.c.id, delivery.c.mail_id, mail.c.reference)
        .join(mail, mail.c.id == delivery.c.mail_id)
        .where(
            delivery.c.state == literal_column("'waiting'"),
            delivery.c.lease.is_(None),
            delivery.c.recipient.not_in(team),
            mail.c.kind.in_(("team", "withdrawn")),
        )
        .order_by(delivery.c.id)
        .with_for_update(of=delivery)
    )
    if references is not None:
        statement = statement.where(mail.c.reference.in_(references))
    moved = ended = 0
    for row in connection.execute(statement).all():
        states = _states(connection, row.mail_id)
        free = [one for one in real if one not in states]
        if free:
            changed = {"recipient": free[0], "refused": 0, "error": None}
            connection.execute(update(delivery).where(delivery.c.id == row.id).values(changed))
            moved += 1
        elif all(states.get(one) == "delivered" for one in team):
            drop(connection, row.id, row.reference, now)
            team_has_it(connection, row.reference, now)
            ended += 1
    return Readdressed(moved, ended)


def _states(connection: Connection, mail_id: str) -> dict[str, str]:
    rows = connection.execute(select(delivery.c.recipient, delivery.c.state).where(delivery.c.mail_id == mail_id))
    return {str(recipient): str(state) for recipient, state in rows}
