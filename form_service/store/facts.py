"""Facts that the service keeps about itself: the worker's heartbeat, open incidents, when a job last ran."""

from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from form_service.store.engine.base import Transactions
from form_service.store.schema import fact


class Facts:
    """Named values, each with the time when it was set."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def all(self) -> dict[str, tuple[str, float]]:
        """Return the value and the time of each fact."""
        with self._transactions.reading() as (connection, _):
            return {row.name: (row.value, row.at) for row in connection.execute(select(fact))}

    def set(self, name: str, value: str = "") -> None:
        """Set a fact, whether or not there is one of this name."""
        with self._transactions.writing() as (connection, now):
            set_fact(connection, name, value, now)

    def delete(self, name: str) -> None:
        """Remove a fact."""
        with self._transactions.writing() as (connection, _):
            connection.execute(delete(fact).where(fact.c.name == name))

    def take_turn(self, name: str, every: float) -> bool:
        """Return whether this process, of all, is the one to do a job that is due every so many seconds."""
        with self._transactions.writing() as (connection, now):
            return take_turn(connection, name, every, now)


def set_fact(connection: Connection, name: str, value: str, now: float) -> None:
    """Insert or replace a fact."""
    connection.execute(_UPSERT[connection.dialect.name], {"name": name, "value": value, "at": now})


def take_turn(connection: Connection, name: str, every: float, now: float) -> bool:
    """See Facts.take_turn."""
    is_due = (fact.c.at <= now - every) | (fact.c.at > now)
    if connection.execute(update(fact).where(fact.c.name == name, is_due).values(at=now)).rowcount:
        return True
    return insert_fact(connection, name, "", now)


def insert_fact(connection: Connection, name: str, value: str, now: float) -> bool:
    """Insert a fact unless there is one of this name; whether it was inserted."""
    row = {"name": name, "value": value, "at": now}
    return connection.execute(_INSERT[connection.dialect.name], row).first() is not None


def _upsert(insert: Any) -> Any:
    statement = insert(fact)
    values = {"value": statement.excluded.value, "at": statement.excluded.at}
    return statement.on_conflict_do_update(index_elements=["name"], set_=values)


_INSERT = {
    "sqlite": sqlite.insert(fact).on_conflict_do_nothing().returning(fact.c.name),
    "postgresql": postgresql.insert(fact).on_conflict_do_nothing().returning(fact.c.name),
}
_UPSERT = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
