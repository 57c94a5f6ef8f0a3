"""Check that the database was not replaced by another one, and that no referral is missing from it."""

import contextlib
import math
import os
import secrets
import time
from pathlib import Path

from sqlalchemy import Connection, bindparam, select

from form_service.store.backup import count_missing_from_store
from form_service.store.engine.base import Database
from form_service.store.engine.disk import open_private_file
from form_service.store.engine.insert import insert_if_absent
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import fact, referral

_STORE_ID_FACT = "store-id"
_REFERENCE_QUERY = select(referral.c.reference).where(referral.c.reference == bindparam("reference"))
# The least time between two comparisons with the latest backup.
_PAUSE_WHILE_INCOMPLETE_SECONDS = 5.0  # while a referral in the backup is missing from the store
_ROUTINE_PAUSE_SECONDS = 300.0


class IdentityCheck:
    """A check that the database was not replaced by another one, and that no referral is missing from it."""

    def __init__(self, database: Database, backup_folder: Path | None) -> None:
        self._database = database
        self._backup_folder = backup_folder
        self._next_comparison_at = -math.inf  # monotonic time
        self._is_incomplete = False
        self._store_id = ""
        self._was_replaced = False
        self._generation = -1  # of the database when its id was last compared
        self._last_accepted_reference = ""

    def read_or_create_id(self, is_production: bool) -> None:
        """Read the store's id from the database, or create an id if it has none. Raises StoreUnavailable.

        In production, if the id differs from the one in the id file beside the SQLite database, treat the store as
        replaced.
        """
        with self._database.reading() as (connection, _):
            self._store_id = _read_id(connection)
        if not self._store_id:
            with self._database.writing() as (connection, now):
                row = {"name": _STORE_ID_FACT, "value": secrets.token_hex(16), "at": now}
                insert_if_absent(connection, fact, row)
                self._store_id = _read_id(connection)
        self._generation = self._database.generation
        if is_production and not self._matches_id_file():
            self._was_replaced = True

    def check_connection(self, connection: Connection) -> None:
        """Raise StoreUnavailable if the connection leads to a different store."""
        if self._generation != self._database.generation:
            if _read_id(connection) != self._store_id:
                raise StoreUnavailable("replaced")
            self._generation = self._database.generation

    def mark_replaced(self) -> None:
        """Treat the database as replaced by another one until this process ends."""
        self._was_replaced = True

    def note_accepted(self, reference: str) -> None:
        """Remember a referral that was just stored. If it is missing later, the store was replaced."""
        self._last_accepted_reference = reference

    def problem(self, connection: Connection, is_routine: bool = False) -> str | None:
        """Return "replaced" if another database has taken the place of the store.

        Return "incomplete" if any referral in the latest backup is missing from the store. Otherwise return None. The
        comparison with the backup is slow: with `is_routine`, repeat it even if nothing was missing last time.
        """
        if self._was_replaced or not self._has_last_accepted_referral(connection):
            self._was_replaced = True
            return "replaced"
        is_first_comparison = self._next_comparison_at == -math.inf
        if self._backup_folder is not None and (is_first_comparison or self._is_incomplete or is_routine):
            self._compare_with_backup(connection, self._backup_folder / "latest.db")
        return "incomplete" if self._is_incomplete else None

    def _has_last_accepted_referral(self, connection: Connection) -> bool:
        if not self._last_accepted_reference:
            return True
        return connection.execute(_REFERENCE_QUERY, {"reference": self._last_accepted_reference}).first() is not None

    def _compare_with_backup(self, connection: Connection, latest_backup: Path) -> None:
        if time.monotonic() < self._next_comparison_at:
            return
        self._is_incomplete = count_missing_from_store(connection, latest_backup) > 0
        pause = _PAUSE_WHILE_INCOMPLETE_SECONDS if self._is_incomplete else _ROUTINE_PAUSE_SECONDS
        self._next_comparison_at = time.monotonic() + pause

    def write_id_file(self) -> None:
        """Write the store's id to the id file beside the SQLite database. On PostgreSQL, do nothing."""
        if self._database.path is not None:
            id_file = _id_file(self._database.path)
            os.close(open_private_file(id_file))
            id_file.write_text(self._store_id, encoding="ascii")

    def _matches_id_file(self) -> bool:
        """Return whether the id file contains this store's id.

        If the id file is missing, write it and return True. Return True also on PostgreSQL, which has no id file, and
        if the file cannot be read or written.
        """
        if self._database.path is None:
            return True
        with contextlib.suppress(OSError):  # on a read-only disk or under another account, skip the comparison
            id_file = _id_file(self._database.path)
            if id_file.exists():
                return id_file.read_text(encoding="ascii") == self._store_id
            self.write_id_file()
        return True


def _read_id(connection: Connection) -> str:
    """Return the store's id from the database, or "" if the store has no id yet."""
    return str(connection.execute(select(fact.c.value).where(fact.c.name == _STORE_ID_FACT)).scalar() or "")


def _id_file(path: Path) -> Path:
    return path.with_name(path.name + ".id")
