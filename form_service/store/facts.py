"""Facts that the service records about itself, such as the delivery worker's last heartbeat."""

from sqlalchemy import Connection, delete, select, update

from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_if_absent, insert_or_replace
from form_service.store.schema import fact


class Facts(Queries):
    """The facts that the service records about itself. A fact is a named value with a time."""

    def all(self) -> dict[str, tuple[str, float]]:
        """Return (value, time) for each fact, keyed by its name. The time is in seconds since 1970."""
        with self._transactions.reading() as (connection, _):
            return {row.name: (row.value, row.at) for row in connection.execute(select(fact))}

    def set(self, name: str, value: str = "") -> None:
        """Store the fact `name` with a value and the current time, replacing an earlier fact of that name."""
        with self._transactions.writing() as (connection, now):
            insert_or_replace(connection, fact, {"name": name, "value": value, "at": now})

    def delete(self, name: str) -> None:
        """Delete the fact `name`, if there is one."""
        with self._transactions.writing() as (connection, _):
            delete_fact(connection, name)

    def claim_job(self, name: str, interval_seconds: float) -> bool:
        """Claim a periodic job for this process; return True.

        If the job was claimed in the last `interval_seconds`, change nothing and return False.
        """
        with self._transactions.writing() as (connection, now):
            return claim_job(connection, name, interval_seconds, now)


def delete_fact(connection: Connection, name: str) -> None:
    """Delete the fact `name`, if there is one."""
    connection.execute(delete(fact).where(fact.c.name == name))


def claim_job(connection: Connection, name: str, interval_seconds: float, now: float) -> bool:
    """Claim a periodic job in the caller's transaction; return True.

    If the job was claimed in the last `interval_seconds`, change nothing and return False.
    """
    is_due = (fact.c.at <= now - interval_seconds) | (fact.c.at > now)
    if connection.execute(update(fact).where(fact.c.name == name, is_due).values(at=now)).rowcount:
        return True
    return insert_if_absent(connection, fact, {"name": name, "value": "", "at": now})
