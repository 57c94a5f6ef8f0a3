"""Read-only queries about deliveries and referrals, for alerts, metrics and the operator's commands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal_column, select

from form_service.store.claims import IS_FOR_THE_TEAM, IS_HELD, IS_WAITING
from form_service.store.engine.base import Queries
from form_service.store.schema import MAX_UNCERTAIN_TRIES, delivery, fact, mail, recipient_backoff, referral

_IS_REFUSED = delivery.c.refused == literal_column("1")  # a literal value, so that the partial index is used
_IS_NOT_TEST = referral.c.route != "test"
_OUTCOME = case(
    (referral.c.withdrawn_at.is_not(None), literal_column("'withdrawn'")),
    (referral.c.delivered_at.is_not(None), literal_column("'delivered'")),
    else_=literal_column("'waiting'"),
)


@dataclass(frozen=True)
class OutboxState:
    """The numbers of waiting, refused and held deliveries, and two ages in seconds.

    Refused and held deliveries are waiting too: a refused one is tried again automatically, a held one only on the
    operator's command. Only `waiting_count` includes the copies to people who sent the form.
    `oldest_age` is the age of the oldest waiting delivery to the team, or None if none is waiting.
    `heartbeat_age` is the age of the worker's last heartbeat, or None if no heartbeat was recorded.
    """

    waiting_count: int
    refused_count: int
    held_count: int
    oldest_age: float | None
    heartbeat_age: float | None


@dataclass(frozen=True)
class OutboxRow:
    """One row in the output of the command `outbox list`, without personal data. `age` is in seconds."""

    reference: str
    kind: str
    state: str
    age: float
    tries: int
    error: str


class Reports(Queries):
    """Read-only queries about deliveries and referrals. The counts of referrals leave out test referrals."""

    def outbox_state(self) -> OutboxState:
        oldest_query = select(delivery.c.waiting_since).where(IS_WAITING, IS_FOR_THE_TEAM)
        oldest_query = oldest_query.order_by(delivery.c.waiting_since).limit(1)
        refused_query = select(func.count()).where(IS_WAITING, IS_FOR_THE_TEAM, _IS_REFUSED)
        held_query = select(func.count()).where(IS_HELD)
        with self._transactions.reading() as (connection, now):
            waiting_since = connection.execute(oldest_query).scalar()
            heartbeat_at = connection.execute(select(fact.c.at).where(fact.c.name == "heartbeat")).scalar()
            return OutboxState(
                waiting_count=connection.execute(select(func.count()).where(IS_WAITING)).scalar_one(),
                refused_count=connection.execute(refused_query).scalar_one(),
                held_count=connection.execute(held_query).scalar_one(),
                oldest_age=None if waiting_since is None else max(0.0, now - waiting_since),
                # A heartbeat in the future, after the clock was set back, does not count as recent either.
                heartbeat_age=None if heartbeat_at is None else abs(now - heartbeat_at),
            )

    def waiting_deliveries(self) -> Sequence[OutboxRow]:
        """Return the waiting deliveries, oldest first."""
        statement = (
            select(mail.c.reference, mail.c.kind, delivery, recipient_backoff.c.error.label("recipient_error"))
            .join(mail, mail.c.id == delivery.c.mail_id)
            .outerjoin(recipient_backoff, recipient_backoff.c.recipient == delivery.c.recipient)
            .where(IS_WAITING)
            .order_by(delivery.c.waiting_since)
        )
        with self._transactions.reading() as (connection, now):
            return [
                OutboxRow(
                    row.reference,
                    row.kind,
                    _state_text(row),
                    max(0.0, now - row.waiting_since),
                    row.tries,
                    row.error or row.recipient_error or "",
                )
                for row in connection.execute(statement)
            ]

    def counts_by_outcome(self) -> dict[str, int]:
        """Return the number of referrals for each outcome: "delivered", "waiting" and "withdrawn".

        Test referrals are not counted.
        """
        statement = select(_OUTCOME, func.count()).where(_IS_NOT_TEST).group_by(_OUTCOME)
        with self._transactions.reading() as (connection, _):
            counts = {str(outcome): int(number) for outcome, number in connection.execute(statement)}
        return {"delivered": 0, "waiting": 0, "withdrawn": 0} | counts

    def counts_by_route_and_outcome(self, start: float, end: float) -> list[tuple[str, str, int]]:
        """Count the referrals for each route and outcome; return (route, outcome, number) tuples.

        Count those that were accepted at or after `start` and before `end`, except test referrals. Both times are in
        seconds since 1970.
        """
        statement = (
            select(referral.c.route, _OUTCOME, func.count())
            .where(referral.c.accepted_at >= start, referral.c.accepted_at < end, _IS_NOT_TEST)
            .group_by(referral.c.route, _OUTCOME)
            .order_by(referral.c.route, _OUTCOME)
        )
        with self._transactions.reading() as (connection, _):
            rows = connection.execute(statement)
            return [(str(route), str(outcome), int(number)) for route, outcome, number in rows]

    def last_test_delivered_at(self) -> float | None:
        """Return when a test email last reached the team's mail server, in seconds since 1970.

        Return None if no test email has reached it.
        """
        statement = select(func.max(referral.c.delivered_at)).where(~_IS_NOT_TEST)
        with self._transactions.reading() as (connection, _):
            return connection.execute(statement).scalar()


def _state_text(row: Any) -> str:
    if row.lease:
        return "sending"
    if row.uncertain >= MAX_UNCERTAIN_TRIES:
        return "held"
    is_recipient_refused = re.search(r"-5\d\d$", row.recipient_error or "")
    return "refused" if row.refused or is_recipient_refused else "waiting"
