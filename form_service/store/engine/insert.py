"""INSERT … ON CONFLICT, whose syntax SQLite and PostgreSQL share. Each statement is built once: building it is slow."""

import functools
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_replace(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, or replace the one with the same primary key. `row` has a value for every column."""
    connection.execute(_insert_or_replace_statement(connection.dialect.name, table), row)


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its unique values is taken; return whether it was inserted."""
    return connection.execute(_insert_if_absent_statement(connection.dialect.name, table), row).first() is not None


def insert_or_add(connection: Connection, table: Table, column_name: str, row: Mapping[str, Any]) -> int:
    """Insert a row, or add its number in `column_name` to the row with the same primary key; return the new number."""
    return int(
        connection.execute(_insert_or_add_statement(connection.dialect.name, table, column_name), row).scalar_one()
    )


@functools.cache
def _insert_or_replace_statement(dialect_name: str, table: Table) -> Any:
    insert = _insert_statement(dialect_name, table)
    new_values = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=new_values)


@functools.cache
def _insert_if_absent_statement(dialect_name: str, table: Table) -> Any:
    return _insert_statement(dialect_name, table).on_conflict_do_nothing().returning(*table.primary_key)


@functools.cache
def _insert_or_add_statement(dialect_name: str, table: Table, column_name: str) -> Any:
    insert, column = _insert_statement(dialect_name, table), table.columns[column_name]
    total = {column_name: column + insert.excluded[column_name]}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=total).returning(column)


def _insert_statement(dialect_name: str, table: Table) -> Any:
    """Return the dialect's INSERT, which takes an ON CONFLICT clause."""
    return (sqlite if dialect_name == "sqlite" else postgresql).insert(table)
