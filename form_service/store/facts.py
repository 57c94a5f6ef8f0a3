"""The facts that the service stores about itself: the worker's heartbeat, open incidents, when a job last ran."""

from sqlalchemy import Connection, delete, select, update

from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_if_absent, insert_or_replace
from form_service.store.schema import fact


class Facts(Queries):
    """The facts that the service stores about itself: named values, each with the time when it was set."""

    def all(self) -> dict[str, tuple[str, float]]:
        """Return the value of each fact and when it was set (seconds since 1970), by the name of the fact."""
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
        """Return whether a periodic job is due, and if so record that this process runs it now.

        So only one process runs the job in each `interval_seconds`.
        """
        with self._transactions.writing() as (connection, now):
            return claim_job(connection, name, interval_seconds, now)


def delete_fact(connection: Connection, name: str) -> None:
    """Delete the fact `name`, if there is one."""
    connection.execute(delete(fact).where(fact.c.name == name))


def claim_job(connection: Connection, name: str, interval_seconds: float, now: float) -> bool:
    """Return whether a periodic job is due, and if so record in the caller's transaction that it runs now."""
    is_due = (fact.c.at <= now - interval_seconds) | (fact.c.at > now)
    if connection.execute(update(fact).where(fact.c.name == name, is_due).values(at=now)).rowcount:
        return True
    return insert_if_absent(connection, fact, {"name": name, "value": "", "at": now})
