"""Inserts with an ON CONFLICT clause, whose syntax SQLite and PostgreSQL share.

Each statement is cached, because SQLAlchemy builds statements slowly.
"""

import functools
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_replace(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert `row`, or overwrite the row with the same primary key. `row` needs a value for every column."""
    connection.execute(_insert_or_replace_statement(connection.dialect.name, table), row)


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless a unique value in it exists already; return whether it was inserted."""
    return connection.execute(_insert_if_absent_statement(connection.dialect.name, table), row).first() is not None


def insert_or_add(connection: Connection, table: Table, column_name: str, row: Mapping[str, Any]) -> int:
    """Insert `row`; return its value in the column `column_name`.

    If a row with the same primary key exists, add the value to that row's value instead, and return the sum.
    """
    return int(
        connection.execute(_insert_or_add_statement(connection.dialect.name, table, column_name), row).scalar_one()
    )


@functools.cache
def _insert_or_replace_statement(dialect_name: str, table: Table) -> Any:
    statement = _insert_statement(dialect_name, table)
    new_values = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new_values)


@functools.cache
def _insert_if_absent_statement(dialect_name: str, table: Table) -> Any:
    return _insert_statement(dialect_name, table).on_conflict_do_nothing().returning(*table.primary_key)


@functools.cache
def _insert_or_add_statement(dialect_name: str, table: Table, column_name: str) -> Any:
    statement, column = _insert_statement(dialect_name, table), table.columns[column_name]
    new_values = {column_name: column + statement.excluded[column_name]}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new_values).returning(column)


def _insert_statement(dialect_name: str, table: Table) -> Any:
    """Return an INSERT statement for SQLite or PostgreSQL that can have an ON CONFLICT clause."""
    return (sqlite if dialect_name == "sqlite" else postgresql).insert(table)
