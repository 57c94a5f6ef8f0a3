"""Statements of SQLAlchemy that are compiled once a database, for the few that run for every referral."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.dialects import postgresql, sqlite

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}


class Prepared:
    """A statement for both databases. Values go to the driver as they are: text, numbers, bytes and None."""

    def __init__(self, on_sqlite: Any, on_postgresql: Any | None = None, columns: Sequence[str] | None = None) -> None:
        """`columns` are those that an INSERT gets; other statements name their own parameters."""
        statements = {"sqlite": on_sqlite, "postgresql": on_sqlite if on_postgresql is None else on_postgresql}
        self._sql: dict[str, tuple[str, dict[str, Any]]] = {}
        for name, statement in statements.items():
            compiled = statement.compile(dialect=_DIALECTS[name], column_keys=list(columns) if columns else None)
            fixed = {key: value for key, value in compiled.params.items() if not compiled.binds[key].required}
            self._sql[name] = (str(compiled), fixed)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute with these values."""
        sql, fixed = self._sql[connection.dialect.name]
        return connection.exec_driver_sql(sql, {**fixed, **values})
