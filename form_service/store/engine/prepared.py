"""Statements that are compiled once a database, for the few that run for every referral."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}


class Answer(NamedTuple):
    """What a statement gave: its rows, whose columns are attributes, and how many rows it changed."""

    rows: Sequence[Any]
    changed: int

    @property
    def first(self) -> Any | None:
        """The first row, if there is one."""
        return self.rows[0] if self.rows else None


class Prepared:
    """A statement for both databases. Values go to the driver as they are: text, numbers, bytes and None.

    SQLite's driver is called directly, because SQLAlchemy's own work for a statement takes five times as long as
    SQLite's. Failures are then sqlite3's errors, which the store names like SQLAlchemy's.
    """

    def __init__(self, on_sqlite: Any, on_postgresql: Any | None = None, columns: Sequence[str] | None = None) -> None:
        """`columns` are those that an INSERT gets; other statements name their own parameters."""
        statements = {"sqlite": on_sqlite, "postgresql": on_sqlite if on_postgresql is None else on_postgresql}
        self._sql: dict[str, tuple[str, dict[str, Any]]] = {}
        self._row: Any = None
        for name, statement in statements.items():
            compiled = statement.compile(dialect=_DIALECTS[name], column_keys=list(columns) if columns else None)
            fixed = {key: value for key, value in compiled.params.items() if not compiled.binds[key].required}
            self._sql[name] = (str(compiled), fixed)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Answer:
        """Execute with these values."""
        name = connection.dialect.name
        sql, fixed = self._sql[name]
        if name == "sqlite":
            return self._run_sqlite(connection, sql, {**fixed, **values})
        result = connection.exec_driver_sql(sql, {**fixed, **values})
        return Answer(result.all() if result.returns_rows else (), result.rowcount)

    def _run_sqlite(self, connection: Connection, sql: str, values: dict[str, Any]) -> Answer:
        driver: Any = connection.connection.driver_connection
        cursor = driver.execute(sql, values)
        found = cursor.fetchall()
        if found and self._row is None:
            self._row = namedtuple("Row", [column[0] for column in cursor.description])  # type: ignore[misc]
        rows = list(map(self._row._make, found)) if found else ()
        return Answer(rows, cursor.rowcount)
