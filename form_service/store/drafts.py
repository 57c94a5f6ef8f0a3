"""The encrypted drafts of unfinished forms. The id of a draft is derived from a cookie."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, delete, func, select, text

from form_service.store.engine.base import Queries, Transactions, retry_on_lost_connection
from form_service.store.engine.insert import insert_or_replace
from form_service.store.schema import draft

SIZE_CACHE_SECONDS = 10.0
_ROW_BYTES = 150  # roughly the size of a row without its sealed content


@dataclass(frozen=True)
class SentDraft:
    """The draft from which a referral was composed, and the draft that replaces it and expires after `lifetime`."""

    draft_id: str
    original: bytes
    replacement: bytes
    lifetime: timedelta


class Drafts(Queries):
    """The queries that read and change drafts."""

    def __init__(self, transactions: Transactions) -> None:
        super().__init__(transactions)
        self._total_bytes = 0
        self._next_measurement_at = 0.0  # monotonic time

    def read(self, draft_id: str) -> bytes | None:
        """Return the sealed draft, or None if it does not exist or has expired."""
        with self._transactions.reading() as (connection, now):
            return read_unexpired_draft(connection, draft_id, now)

    @retry_on_lost_connection
    def change(
        self,
        draft_id: str,
        change_content: Callable[[bytes | None], bytes | None],
        lifetime: timedelta | Callable[[], timedelta],
    ) -> None:
        """Replace the sealed draft with the result of `change_content`, or delete it if the result is None.

        `change_content` gets the present sealed draft, or None if it does not exist or has expired. It is called again
        if the connection is lost, and it must not use the store. `lifetime` counts from now; it may be a function that
        returns a timedelta.
        """
        with self._transactions.accepting() as (connection, now):
            lock_draft(connection, draft_id)
            new_content = change_content(read_unexpired_draft(connection, draft_id, now))
            if new_content is None:
                delete_draft(connection, draft_id)
            else:
                new_lifetime = lifetime if isinstance(lifetime, timedelta) else lifetime()
                write_draft(connection, draft_id, new_content, now + new_lifetime.total_seconds())

    @retry_on_lost_connection
    def wipe(self, draft_id: str, in_background: bool = False) -> None:
        """Delete the draft. If another transaction is changing it, wait until that transaction ends.

        Set `in_background` if no web request waits for the deletion.
        """
        with self._transactions.writing(in_background=in_background) as (connection, _):
            lock_draft(connection, draft_id)
            delete_draft(connection, draft_id)

    def total_bytes(self) -> int:
        """Return the size of all drafts in bytes. The result is cached for SIZE_CACHE_SECONDS."""
        now = time.monotonic()
        if now >= self._next_measurement_at:
            # Set before the query, so that other threads neither measure nor wait meanwhile.
            self._next_measurement_at = now + SIZE_CACHE_SECONDS
            with self._transactions.reading() as (connection, _):
                self._total_bytes = int(connection.execute(_TOTAL_BYTES_QUERY).scalar_one())
        return self._total_bytes


_DRAFT_QUERY = select(draft.c.sealed, draft.c.lives_until).where(draft.c.id == bindparam("id"))
_TOTAL_BYTES_QUERY = select(func.coalesce(func.sum(func.length(draft.c.sealed) + _ROW_BYTES), 0))


def lock_draft(connection: Connection, draft_id: str) -> None:
    """Prevent other transactions from changing the draft until the current transaction ends.

    SQLite needs no lock for this, because it allows only one writing transaction at a time.
    """
    if connection.dialect.name == "postgresql":
        # The row may not exist yet, so take an advisory lock on its id.
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": int(draft_id[:15], 16)})


def read_unexpired_draft(connection: Connection, draft_id: str, now: float) -> bytes | None:
    """Return the sealed draft, or None if it does not exist or has expired."""
    row = connection.execute(_DRAFT_QUERY, {"id": draft_id}).first()
    return None if row is None or row.lives_until <= now else bytes(row.sealed)


def write_draft(connection: Connection, draft_id: str, sealed: bytes, lives_until: float) -> None:
    """Insert or replace a draft that expires at `lives_until`, in seconds since 1970."""
    insert_or_replace(connection, draft, {"id": draft_id, "sealed": sealed, "lives_until": lives_until})


def delete_draft(connection: Connection, draft_id: str) -> None:
    connection.execute(delete(draft).where(draft.c.id == draft_id))
