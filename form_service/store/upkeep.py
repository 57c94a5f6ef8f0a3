"""What the store knows about itself, and what it wipes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from form_service.store.schema import counter, delivery, draft, fact, mail, referral

_WAITING = delivery.c.state == literal_column("'waiting'")
# A neutral copy's recipient stands in its sealed mail only.
_TO_THE_TEAM = delivery.c.recipient != literal_column("''")
_OLDEST = select(delivery.c.waiting_since).where(_WAITING, _TO_THE_TEAM).order_by(delivery.c.waiting_since).limit(1)


@dataclass(frozen=True)
class State:
    """The outbox at a glance. Ages are in seconds; None where there is nothing.

    `refused` and `oldest_age` are about mails to the team: a neutral copy's failures are nobody's incident.
    """

    waiting: int
    refused: int
    oldest_age: float | None
    heartbeat_age: float | None


@dataclass(frozen=True)
class Waiting:
    """One row of `outbox list`: nothing personal."""

    reference: str
    kind: str
    state: str
    age: float
    tries: int
    error: str


@dataclass(frozen=True)
class Purged:
    """How much a purge wiped."""

    mails: int
    drafts: int
    counters: int


def _fact_statement(insert: Any) -> Any:
    statement = insert(fact)
    return statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"value": statement.excluded.value, "at": statement.excluded.at},
    )


_FIRST_FACT = {
    "sqlite": sqlite.insert(fact).on_conflict_do_nothing().returning(fact.c.name),
    "postgresql": postgresql.insert(fact).on_conflict_do_nothing().returning(fact.c.name),
}
_COUNT = (
    postgresql.insert(counter)
    .on_conflict_do_update(
        index_elements=["bucket", "window_start"], set_={"count": counter.c.count + bindparam("weight")}
    )
    .returning(counter.c.count)
)
_SET_FACT = {
    "sqlite": _fact_statement(sqlite.insert),
    "postgresql": _fact_statement(postgresql.insert),
}


def count(connection: Connection, bucket: str, window: int, now: float, weight: int) -> int:
    """Count `weight` more in the bucket's present window of `window` seconds; the count so far. PostgreSQL only."""
    # Nothing is promised about a count: it need not wait for the disk.
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    start = int(now) // window * window
    row = {
        "bucket": bucket,
        "window_start": start,
        "window_end": start + window,
        "count": weight,
        "weight": weight,
    }
    return int(connection.execute(_COUNT, row).scalar_one())


def set_fact(connection: Connection, name: str, value: str, now: float) -> None:
    """Remember a fact about the service."""
    connection.execute(_SET_FACT[connection.dialect.name], {"name": name, "value": value, "at": now})


def take_turn(connection: Connection, name: str, every: float, now: float) -> bool:
    """Whether this caller is the one of all processes to do a job that is due every so many seconds."""
    due = (fact.c.at <= now - every) | (fact.c.at > now)
    if connection.execute(update(fact).where(fact.c.name == name, due).values(at=now)).rowcount:
        return True
    row = {"name": name, "value": "", "at": now}
    return connection.execute(_FIRST_FACT[connection.dialect.name], row).first() is not None


def facts(connection: Connection) -> dict[str, tuple[str, float]]:
    """All facts: the value and when it was set."""
    return {row.name: (row.value, row.at) for row in connection.execute(select(fact))}


def forget_fact(connection: Connection, name: str) -> None:
    """Remove a fact."""
    connection.execute(delete(fact).where(fact.c.name == name))


def state(connection: Connection, now: float) -> State:
    """The outbox at a glance."""
    waiting = connection.execute(select(func.count()).where(_WAITING)).scalar_one()
    refused = connection.execute(
        select(func.count()).where(_WAITING, _TO_THE_TEAM, delivery.c.refused == literal_column("1"))
    ).scalar_one()
    oldest = connection.execute(_OLDEST).scalar()
    heartbeat = connection.execute(select(fact.c.at).where(fact.c.name == "heartbeat")).scalar()
    return State(
        waiting,
        refused,
        None if oldest is None else max(0.0, now - oldest),
        # A heartbeat from the future is a clock's mistake: as good as none until the next one.
        None if heartbeat is None else abs(now - heartbeat),
    )


def waiting_list(connection: Connection, now: float) -> Sequence[Waiting]:
    """What waits, the oldest first."""
    rows = connection.execute(
        select(mail.c.reference, mail.c.kind, delivery)
        .join(mail, mail.c.id == delivery.c.mail_id)
        .where(_WAITING)
        .order_by(delivery.c.waiting_since)
    )
    return [
        Waiting(
            row.reference,
            row.kind,
            "sending" if row.lease else "refused" if row.refused else "waiting",
            max(0.0, now - row.waiting_since),
            row.tries,
            row.error or "",
        )
        for row in rows
    ]


def purge(connection: Connection, now: float, keep_seconds: float, dry_run: bool = False) -> Purged:
    """Wipe what has been kept long enough. What was not delivered stays, however old it is."""
    old_mail = (mail.c.settled_at <= now - keep_seconds) & mail.c.sealed.is_not(None)
    old_draft = draft.c.lives_until <= now
    old_counter = counter.c.window_end <= now
    if dry_run:
        return Purged(
            *(
                connection.execute(select(func.count()).select_from(table).where(old)).scalar_one()
                for table, old in (
                    (mail, old_mail),
                    (draft, old_draft),
                    (counter, old_counter),
                )
            )
        )
    return Purged(
        connection.execute(update(mail).where(old_mail).values(sealed=None)).rowcount,
        connection.execute(delete(draft).where(old_draft)).rowcount,
        connection.execute(delete(counter).where(old_counter)).rowcount,
    )


_OUTCOME = case(
    (referral.c.withdrawn_at.is_not(None), literal_column("'withdrawn'")),
    (referral.c.delivered_at.is_not(None), literal_column("'delivered'")),
    else_=literal_column("'waiting'"),
)


def totals(connection: Connection) -> dict[str, int]:
    """How many referrals of the ledger were delivered, wait, or were withdrawn; tests are left out."""
    rows = connection.execute(select(_OUTCOME, func.count()).where(referral.c.route != "test").group_by(_OUTCOME))
    return {"delivered": 0, "waiting": 0, "withdrawn": 0} | {str(outcome): int(number) for outcome, number in rows}


def by_route_and_outcome(connection: Connection, start: float, end: float) -> list[tuple[str, str, int]]:
    """Counts of the referrals accepted from `start` until before `end`; tests are left out."""
    rows = connection.execute(
        select(referral.c.route, _OUTCOME, func.count())
        .where(referral.c.accepted_at >= start, referral.c.accepted_at < end, referral.c.route != "test")
        .group_by(referral.c.route, _OUTCOME)
        .order_by(referral.c.route, _OUTCOME)
    )
    return [(str(route), str(outcome), int(number)) for route, outcome, number in rows]


def last_test(connection: Connection) -> float | None:
    """When the last test mail was handed over."""
    return connection.execute(select(func.max(referral.c.delivered_at)).where(referral.c.route == "test")).scalar()
