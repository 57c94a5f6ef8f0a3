"""Detect that the store is no longer the same: lost and created again, or replaced by another."""

import contextlib
import math
import os
import secrets
import time
from pathlib import Path

from sqlalchemy import Connection, select

from form_service.store.backup import missing_referrals
from form_service.store.engine.base import Database
from form_service.store.engine.disk import open_private
from form_service.store.engine.insert import insert_if_absent
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import fact, referral

_STORE_ID_FACT = "store-id"
# How often the store is compared with the latest backup: while it lacks referrals of the backup, and otherwise.
_COMPARISON_SECONDS = 5.0
_ROUTINE_SECONDS = 300.0


class IdentityCheck:
    """Compares the store with the one that this process used before, and with the latest backup."""

    def __init__(self, database: Database, backup_folder: Path | None) -> None:
        self._database = database
        self._backup_folder = backup_folder
        self._next_comparison = -math.inf  # monotonic time
        self._is_incomplete = False
        self._store_id = ""
        self._was_replaced = False
        self._generation = -1  # of the database when its id was last compared
        self._last_accepted = ""  # reference

    def establish(self, production: bool) -> None:
        """Read the id of the store, or set a random one if there is none. Raises StoreUnavailable.

        In production, compare it with the id file beside the database. Developers may delete a database at any time.
        """
        with self._database.reading() as (connection, _):
            self._store_id = _read_id(connection)
        if not self._store_id:
            with self._database.writing() as (connection, now):
                row = {"name": _STORE_ID_FACT, "value": secrets.token_hex(16), "at": now}
                insert_if_absent(connection, fact, row)
                self._store_id = _read_id(connection)
        self._generation = self._database.generation
        if production and not self._is_expected():
            self._was_replaced = True

    def compare(self, connection: Connection) -> None:
        """Raise StoreUnavailable when a new connection leads to another store."""
        if self._generation != self._database.generation:
            if _read_id(connection) != self._store_id:
                raise StoreUnavailable("replaced")
            self._generation = self._database.generation

    def note_replaced(self) -> None:
        """Remember, until this process ends, that the store was replaced."""
        self._was_replaced = True

    def note_accepted(self, reference: str) -> None:
        """Remember a referral that this process has stored: a ledger that lacks it later is another one."""
        self._last_accepted = reference

    def problem(self, connection: Connection, in_routine: bool = False) -> str | None:
        """Return "replaced", or "incomplete" when the latest backup holds referrals that the store lacks, or None.

        With `in_routine` nobody waits for the result, so a store that was complete is compared with the backup again.
        """
        if self._was_replaced or not self._has_last_accepted(connection):
            self._was_replaced = True
            return "replaced"
        is_new = self._next_comparison == -math.inf
        if self._backup_folder is not None and (is_new or self._is_incomplete or in_routine):
            self._compare_with_backup(connection, self._backup_folder / "latest.db")
        return "incomplete" if self._is_incomplete else None

    def _has_last_accepted(self, connection: Connection) -> bool:
        if not self._last_accepted:
            return True
        same = select(referral.c.reference).where(referral.c.reference == self._last_accepted)
        return connection.execute(same).first() is not None

    def _compare_with_backup(self, connection: Connection, latest: Path) -> None:
        if time.monotonic() < self._next_comparison:
            return
        self._is_incomplete = missing_referrals(connection, latest) > 0
        pause = _COMPARISON_SECONDS if self._is_incomplete else _ROUTINE_SECONDS
        self._next_comparison = time.monotonic() + pause

    def expect_this_store(self) -> None:
        """Write the id of the store to a file beside the database: from now on the service accepts only this store."""
        if self._database.path is not None:
            marker = _marker(self._database.path)
            os.close(open_private(marker))
            marker.write_text(self._store_id, encoding="ascii")

    def _is_expected(self) -> bool:
        """Return whether the file beside the database names this store; it is written when there is none."""
        if self._database.path is None:
            return True
        with contextlib.suppress(OSError):  # on a read-only disk or under another account, skip the comparison
            marker = _marker(self._database.path)
            if marker.exists():
                return marker.read_text(encoding="ascii") == self._store_id
            self.expect_this_store()
        return True


def _read_id(connection: Connection) -> str:
    """Return the id of the store, or "" when it has none yet."""
    return str(connection.execute(select(fact.c.value).where(fact.c.name == _STORE_ID_FACT)).scalar() or "")


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".id")
