"""The worker's side of the outbox: claim a delivery under a lease, then record what became of it.

A lease is a random token: only its holder can finish the row, so a worker held up past its lease changes nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Integer, and_, bindparam, case, exists, func, literal_column, or_, select, update

from form_service.store.engine.base import Transactions
from form_service.store.referrals import settle_mails, unsettled
from form_service.store.schema import delivery, mail, referral

LEASE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 900.0
FIRST_PAUSE_SECONDS = 5.0
# A neutral copy goes to an address that somebody typed: after this long it is given up, and the address wiped.
NEUTRAL_SECONDS = 3 * 86400.0


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours to send until the lease ends."""

    delivery_id: str
    lease: str
    reference: str
    kind: str
    message_id: str
    recipient: str
    key_id: str
    sealed: bytes
    tries: int  # this one included


@dataclass(frozen=True)
class Outcome:
    """What became of a try. `error` is a class such as "refused" or "timeout", never the server's words."""

    delivered: bool
    error: str = ""
    permanent: bool = False
    maybe_sent: bool = False


def pause_after(tries: int, permanent: bool = False) -> float:
    """Seconds until the next try: 5, 10, 20 … 900; a permanent refusal is tried again slowly, never given up.

    Only a neutral copy is given up: it is a courtesy to an address that somebody typed, and nobody could mend it.
    """
    if permanent:
        return LONGEST_PAUSE_SECONDS
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 20), LONGEST_PAUSE_SECONDS))


_WAITS = delivery.c.state == literal_column("'waiting'")  # literal, so that the partial indexes serve
_FOR_THE_TEAM = delivery.c.recipient != literal_column("''")
_DUE = (
    select(delivery.c.id, delivery.c.recipient, delivery.c.tries, delivery.c.lease)
    .add_columns(mail.c.reference, mail.c.kind, mail.c.message_id, mail.c.key_id, mail.c.sealed)
    .add_columns(referral.c.withdrawn_at)
    .join(mail, mail.c.id == delivery.c.mail_id)
    .join(referral, referral.c.reference == mail.c.reference)
    .where(
        _WAITS,
        delivery.c.next_try <= bindparam("now"),
        or_(
            delivery.c.lease.is_(None),
            delivery.c.lease_until <= bindparam("now"),
            delivery.c.lease_until > bindparam("longest_lease"),
        ),
    )
    .order_by(delivery.c.next_try)
    .limit(literal_column("1"))
    .with_for_update(of=delivery, skip_locked=True)
)
_TEAM_DUE = _DUE.where(_FOR_THE_TEAM)
_TAKE = (
    update(delivery)
    .where(delivery.c.id == bindparam("its_id"))
    .values(
        lease=bindparam("token"),
        lease_until=bindparam("ends"),
        next_try=bindparam("ends"),
        tries=delivery.c.tries + 1,
        # A lease that its holder never finished: nobody knows how far that worker came.
        maybe_sent=case((delivery.c.lease.is_not(None), 1), else_=delivery.c.maybe_sent),
    )
)


def _is_due(connection: Connection, now: float, copies: bool = True) -> bool:
    """Whether anything may be due: a look that takes no lock."""
    due = select(delivery.c.id).where(_WAITS, delivery.c.next_try <= now)
    if not copies:
        due = due.where(_FOR_THE_TEAM)
    return connection.execute(due.limit(1)).first() is not None


def claim(connection: Connection, now: float, copies: bool = True) -> Claim | None:
    """Claim what has been due longest for the team, else the neutral copy that has, unless there are to be none.

    Mails of a withdrawn referral are dropped on the way.
    """
    while True:
        times = {"now": now, "longest_lease": now + LEASE_SECONDS}
        row = connection.execute(_TEAM_DUE, times).first()
        if row is None and copies:
            row = connection.execute(_DUE, times).first()
        if row is None:
            return None
        if row.withdrawn_at is not None and row.kind != "withdrawn":
            drop(connection, row.id, row.reference, now)
            continue
        lease = secrets.token_hex(16)
        connection.execute(_TAKE, {"its_id": row.id, "token": lease, "ends": now + LEASE_SECONDS})
        mail_columns = (row.reference, row.kind, row.message_id, row.recipient, row.key_id, row.sealed)
        return Claim(row.id, lease, *mail_columns, row.tries + 1)


def drop(connection: Connection, delivery_id: str, reference: str, now: float) -> None:
    """End a delivery that is not to be made, and settle its mail."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(state="withdrawn", settled_at=now, lease=None, lease_until=None)
    )
    settle_mails(connection, reference, now)


_MINE = and_(delivery.c.id == bindparam("its_id"), delivery.c.lease == bindparam("token"))
_DELIVERED = (
    update(delivery)
    .where(_MINE)
    .values(
        state="delivered",
        settled_at=bindparam("now"),
        lease=None,
        lease_until=None,
        error=None,
        refused=0,
        maybe_sent=0,
    )
)
_FAILED = (
    update(delivery)
    .where(_MINE)
    .values(
        next_try=bindparam("then"),
        lease=None,
        lease_until=None,
        error=bindparam("class_"),
        refused=bindparam("permanent"),
        maybe_sent=case((bindparam("maybe", type_=Integer) == 1, 1), else_=delivery.c.maybe_sent),
    )
)
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


def finish(connection: Connection, done: Claim, outcome: Outcome, now: float) -> bool:
    """Record the outcome; False when the lease is no longer ours, and then nothing was changed."""
    _lock(connection, done.reference)
    mine = {"its_id": done.delivery_id, "token": done.lease}
    if outcome.delivered:
        if connection.execute(_DELIVERED, mine | {"now": now}).rowcount == 0:
            return False
        settle_mails(connection, done.reference, now)
        if done.kind == "team":
            connection.execute(_HAS_IT, {"its_reference": done.reference, "now": now})
        return True
    failure = {
        "then": now + pause_after(done.tries, outcome.permanent),
        "class_": outcome.error,
        "permanent": int(outcome.permanent),
        "maybe": int(outcome.maybe_sent),
    }
    if connection.execute(_FAILED, mine | failure).rowcount == 0:
        return False
    withdrawn = connection.execute(
        select(referral.c.withdrawn_at).where(referral.c.reference == done.reference)
    ).scalar_one()
    if (withdrawn is not None and done.kind != "withdrawn") or _is_given_up(connection, done, outcome, now):
        drop(connection, done.delivery_id, done.reference, now)
    return True


def _is_given_up(connection: Connection, done: Claim, outcome: Outcome, now: float) -> bool:
    """Whether a neutral copy has been refused, or has failed for so long that its address cannot be right."""
    if done.kind != "neutral":
        return False
    waits = select(delivery.c.waiting_since).where(delivery.c.id == done.delivery_id)
    return outcome.permanent or now - float(connection.execute(waits).scalar_one()) >= NEUTRAL_SECONDS


def _lock(connection: Connection, reference: str) -> None:
    """Take the referral's row before any of its mails' or deliveries', as withdrawing does: no deadlock."""
    connection.execute(select(referral.c.reference).where(referral.c.reference == reference).with_for_update())


def settle_forgotten(connection: Connection, now: float) -> None:
    """Settle what has nothing left to send and was not settled at the time: its sealed copy must not stay for ever."""
    for reference in unsettled(connection):
        _lock(connection, reference)
        settle_mails(connection, reference, now)
        team_has_it(connection, reference, now)


def team_has_it(connection: Connection, reference: str, now: float) -> None:
    """Note that the team has a referral, if nothing of it waits for the team and it was not withdrawn."""
    kept = _HAS_IT.where(referral.c.withdrawn_at.is_(None))
    connection.execute(kept, {"its_reference": reference, "now": now})


class Outbox:
    """The deliveries that wait, for the worker and the operator's commands."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def claim(self, copies: bool = True) -> Claim | None:
        """Claim what has been due longest, the team's before neutral copies; it is durable when this returns."""
        with self._transactions.reading() as (connection, now):
            if not _is_due(connection, now, copies):
                return None
        with self._transactions.writing() as (connection, now):
            return claim(connection, now, copies)

    def finish(
        self, done: Claim, outcome: Outcome, claim_next: bool = False, copies: bool = True
    ) -> tuple[bool, Claim | None]:
        """Record an outcome and, in the same transaction, claim the next delivery.

        The first value is False when the lease had been lost, and then nothing was recorded.
        """
        with self._transactions.writing() as (connection, now):
            recorded = finish(connection, done, outcome, now)
            return recorded, claim(connection, now, copies) if claim_next else None

    def make_due(self, references: Sequence[str] | None = None) -> int:
        """Make what waits, of these references or all, due now; return how many are due then. Leases stay."""
        rows = and_(_WAITS, delivery.c.lease.is_(None))
        if references is not None:
            rows = and_(rows, delivery.c.mail_id.in_(select(mail.c.id).where(mail.c.reference.in_(references))))
        with self._transactions.writing() as (connection, now):
            connection.execute(update(delivery).where(rows, delivery.c.next_try > now).values(next_try=now))
            return connection.execute(select(func.count()).select_from(delivery).where(rows)).scalar_one()

    def end_leases(self) -> int:
        """End every lease; return how many. Only for a worker that knows itself to be the only one."""
        is_leased = and_(_WAITS, delivery.c.lease.is_not(None))
        with self._transactions.writing() as (connection, now):
            ended = {"lease": None, "lease_until": None, "next_try": now, "maybe_sent": 1}
            return connection.execute(update(delivery).where(is_leased).values(ended)).rowcount

    def correct_clock(self) -> int:
        """Make due what a clock that was set back has left beyond the longest pause; return how many."""
        with self._transactions.writing() as (connection, now):
            is_too_late = or_(
                delivery.c.next_try > now + LONGEST_PAUSE_SECONDS,
                and_(delivery.c.tries == 0, delivery.c.next_try > now),
            )
            return connection.execute(update(delivery).where(_WAITS, is_too_late).values(next_try=now)).rowcount
