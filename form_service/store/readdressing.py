"""Change the recipients of waiting deliveries when the team's addresses in the settings have changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from form_service.store.claims import IS_WAITING, cancel_delivery
from form_service.store.engine.base import Transactions
from form_service.store.outbox import mark_delivered
from form_service.store.schema import delivery, mail
from service_profile.validation import SAMPLE_PATTERN


@dataclass(frozen=True)
class ReaddressResult:
    """How many deliveries were readdressed, and how many were cancelled.

    A delivery is cancelled if every address of the team has received the email already.
    """

    readdressed_count: int
    cancelled_count: int


def readdress(
    transactions: Transactions, team_emails: Sequence[str], references: Sequence[str] | None = None
) -> ReaddressResult:
    """Send waiting emails for former addresses of the team to its present addresses, which are `team_emails`.

    The new recipient of a delivery is an address to which the same email was not queued yet. If the email was delivered
    to all present addresses already, cancel the delivery instead. If it was queued to all of them, but not delivered
    to all, the delivery stays unchanged. So does a delivery that a sender of the worker has claimed. A sample address
    never becomes a recipient.

    Include only emails about the referrals in `references`, or about all referrals if it is None.
    """
    real_recipients = [recipient for recipient in team_emails if not SAMPLE_PATTERN.search(recipient)]
    statement = (
        select(delivery.c.id, delivery.c.mail_id, mail.c.reference)
        .join(mail, mail.c.id == delivery.c.mail_id)
        .where(
            IS_WAITING,
            delivery.c.lease.is_(None),
            delivery.c.recipient.not_in(team_emails),
            mail.c.kind.in_(("team", "withdrawn", "stopped", "new_ways")),
        )
        .order_by(delivery.c.id)
        .with_for_update(of=delivery)
    )
    if references is not None:
        statement = statement.where(mail.c.reference.in_(references))
    readdressed_count = cancelled_count = 0
    with transactions.writing() as (connection, now):
        for row in connection.execute(statement).all():
            states = _states_by_recipient(connection, row.mail_id)
            missing_recipients = [recipient for recipient in real_recipients if recipient not in states]
            if missing_recipients:
                values = {"recipient": missing_recipients[0], "refused": 0, "error": None}
                connection.execute(update(delivery).where(delivery.c.id == row.id).values(values))
                readdressed_count += 1
            elif all(states.get(recipient) == "delivered" for recipient in team_emails):
                cancel_delivery(connection, row.id, row.reference, now)
                mark_delivered(connection, row.reference, now)
                cancelled_count += 1
    return ReaddressResult(readdressed_count, cancelled_count)


def _states_by_recipient(connection: Connection, mail_id: str) -> dict[str, str]:
    rows = connection.execute(select(delivery.c.recipient, delivery.c.state).where(delivery.c.mail_id == mail_id))
    return {str(recipient): str(state) for recipient, state in rows}
