"""Notice a store that is not the one that it was: lost and created anew, or replaced by another."""

import contextlib
import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, select

from form_service.store.engine.base import Database
from form_service.store.engine.disk import open_private
from form_service.store.facts import insert_fact
from form_service.store.schema import fact

_FACT = "store-id"


def establish(database: Database) -> str:
    """Return the id of the store, a random one that is set once. Raises StoreUnavailable."""
    with database.reading() as (connection, _):
        store_id = read(connection)
    if store_id:
        return store_id
    with database.writing() as (connection, now):
        insert_fact(connection, _FACT, secrets.token_hex(16), now)
        return read(connection)


def read(connection: Connection) -> str:
    """Return the id of the store, or nothing when it has none yet."""
    return str(connection.execute(select(fact.c.value).where(fact.c.name == _FACT)).scalar() or "")


def is_expected(database: Database, store_id: str) -> bool:
    """Return whether the file beside the database names this store; it is written when there is none.

    It tells a process that has just started that the database was replaced before.
    """
    if database.path is None:
        return True
    with contextlib.suppress(OSError):  # on a read-only disk, or under another account, there is nothing to compare
        if _marker(database.path).exists():
            return _marker(database.path).read_text(encoding="ascii") == store_id
        expect(database, store_id)
    return True


def expect(database: Database, store_id: str) -> None:
    """Write the id of the store beside its file: from now on it is the one that this service uses."""
    if database.path is not None:
        os.close(open_private(_marker(database.path)))
        _marker(database.path).write_text(store_id, encoding="ascii")


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".id")
