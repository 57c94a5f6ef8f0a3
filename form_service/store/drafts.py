"""Drafts: sealed, each under the id that its cookie gives, alive until a moment."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from form_service.store.engine.prepared import Prepared
from form_service.store.schema import draft


@dataclass(frozen=True)
class SentDraft:
    """The draft of a referral that is handed in: what it was when the referral was made of it, and what it becomes."""

    draft_id: str
    before: bytes
    after: bytes
    lives: timedelta


def _upsert(insert: Any) -> Any:
    upsert = insert(draft)
    values = {"sealed": upsert.excluded.sealed, "lives_until": upsert.excluded.lives_until}
    return upsert.on_conflict_do_update(index_elements=["id"], set_=values)


_PUT = Prepared(_upsert(sqlite.insert), _upsert(postgresql.insert), ("id", "sealed", "lives_until"))
_ROW_BYTES = 150
WEIGHED_EVERY_SECONDS = 10.0
_READ = select(draft.c.sealed, draft.c.lives_until)


def lock(connection: Connection, draft_id: str) -> None:
    """Let nobody else change this draft until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        # The row may not exist yet, so the lock is on its name.
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": int(draft_id[:15], 16)})


def live(connection: Connection, draft_id: str, now: float) -> bytes | None:
    """The sealed draft, or None when there is none that lives."""
    row = connection.execute(_READ.where(draft.c.id == draft_id)).first()
    return None if row is None or row.lives_until <= now else bytes(row.sealed)


def put(connection: Connection, draft_id: str, sealed: bytes, lives_until: float) -> None:
    """Store a draft, whether or not there is one."""
    _PUT.run(connection, {"id": draft_id, "sealed": sealed, "lives_until": lives_until})


def weight(connection: Connection) -> int:
    """The bytes of all drafts, with what a row needs beside them."""
    size = select(func.coalesce(func.sum(func.length(draft.c.sealed) + _ROW_BYTES), 0))
    return int(connection.execute(size).scalar_one())


class Scales:
    """Remembers what was weighed for some seconds, because every page asks."""

    def __init__(self) -> None:
        self._when: float | None = None
        self._bytes = 0

    def read(self, weigh: Callable[[], int]) -> int:
        """The last weight, or a new one."""
        now = time.monotonic()
        if self._when is None or now - self._when >= WEIGHED_EVERY_SECONDS:
            self._when = now  # first, so that the others need not weigh meanwhile, nor wait for a store that is away
            self._bytes = weigh()
        return self._bytes


def wipe(connection: Connection, draft_id: str) -> None:
    """Delete a draft."""
    connection.execute(delete(draft).where(draft.c.id == draft_id))
