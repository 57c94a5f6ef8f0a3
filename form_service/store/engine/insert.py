"""INSERT … ON CONFLICT, whose syntax SQLite and PostgreSQL share."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table) -> Any:
    """Return the dialect's INSERT, which takes an ON CONFLICT clause."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def insert_or_replace(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, or replace the one with the same primary key."""
    insert = insert_into(connection, table)
    key = [column.name for column in table.primary_key]
    new_values = {name: insert.excluded[name] for name in row if name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=new_values), row)


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its unique values is taken; return whether it was inserted."""
    insert = insert_into(connection, table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(insert, row).first() is not None
