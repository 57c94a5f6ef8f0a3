"""SQLite: one file, one writer at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from form_service.store.engine import base
from form_service.store.engine.base import Transaction, translated_errors
from form_service.store.errors import StoreUnavailable

_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "journal_size_limit=4194304",
    "temp_store=MEMORY",
)


class SQLite:
    """Writers of this process take turns by a lock of its own; other processes by SQLite's."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._path = Path(make_url(url).database or "").absolute()
        self._writer = threading.Lock()
        self.engine = _create_engine(url, base.LOCK_WAIT_SECONDS, "FULL")
        self._best_effort_engine = _create_engine(url, base.BEST_EFFORT_SECONDS, "NORMAL")

    @property
    def path(self) -> Path:
        """See Database."""
        return self._path

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """See Transactions."""
        with translated_errors(), self.engine.connect() as connection:
            yield Transaction(connection, self.clock())

    @contextmanager
    def writing(self, best_effort: bool = False) -> Iterator[Transaction]:
        """See Transactions."""
        engine = self._best_effort_engine if best_effort else self.engine
        if not self._writer.acquire(timeout=base.BEST_EFFORT_SECONDS if best_effort else base.LOCK_WAIT_SECONDS):
            raise StoreUnavailable("locked")
        try:
            with translated_errors(), engine.connect() as connection:
                try:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    yield Transaction(connection, self.clock())
                    connection.exec_driver_sql("COMMIT")
                except BaseException:
                    connection.invalidate()  # closing the connection is a rollback that cannot fail
                    raise
        finally:
            self._writer.release()

    def use_web_timeouts(self) -> None:
        """See Database: no wait here is longer than the one for the lock."""

    def erase_traces(self) -> bool:
        """See Database: move the write-ahead log into the file, where secure_delete overwrites what was deleted."""
        with translated_errors(), self.engine.connect() as connection:
            is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not is_busy

    def close(self) -> None:
        """See Database."""
        self.engine.dispose()
        self._best_effort_engine.dispose()


def _create_engine(url: str, lock_wait_seconds: float, synchronous: str) -> Engine:
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=16,
        max_overflow=32,
        connect_args={"timeout": lock_wait_seconds, "check_same_thread": False},
    )

    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in (f"synchronous={synchronous}", *_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_pragmas)
    return engine
