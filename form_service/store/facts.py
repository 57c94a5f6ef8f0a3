"""Facts that the service keeps about itself: the worker's heartbeat, open incidents, when a job last ran."""

from sqlalchemy import Connection, delete, select, update

from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_if_absent, insert_or_replace
from form_service.store.schema import fact


class Facts(Queries):
    """Named values, each with the time when it was set."""

    def all(self) -> dict[str, tuple[str, float]]:
        """Return the value and the time of each fact, by name."""
        with self._transactions.reading() as (connection, _):
            return {row.name: (row.value, row.at) for row in connection.execute(select(fact))}

    def set(self, name: str, value: str = "") -> None:
        """Set a fact, replacing any of the same name."""
        with self._transactions.writing() as (connection, now):
            insert_or_replace(connection, fact, {"name": name, "value": value, "at": now})

    def delete(self, name: str) -> None:
        """Remove a fact, if there is one of this name."""
        with self._transactions.writing() as (connection, _):
            delete_fact(connection, name)

    def take_turn(self, name: str, interval_seconds: float) -> bool:
        """Take the turn at a job that one process does every `interval_seconds`; return False if it is not due."""
        with self._transactions.writing() as (connection, now):
            return take_turn(connection, name, interval_seconds, now)


def delete_fact(connection: Connection, name: str) -> None:
    """Remove a fact, if there is one of this name."""
    connection.execute(delete(fact).where(fact.c.name == name))


def take_turn(connection: Connection, name: str, interval_seconds: float, now: float) -> bool:
    """See Facts.take_turn."""
    is_due = (fact.c.at <= now - interval_seconds) | (fact.c.at > now)
    if connection.execute(update(fact).where(fact.c.name == name, is_due).values(at=now)).rowcount:
        return True
    return insert_if_absent(connection, fact, {"name": name, "value": "", "at": now})
