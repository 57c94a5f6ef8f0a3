"""A SQLite database: one file, one writer at a time."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from form_service.store.engine import base
from form_service.store.engine.base import Transaction, translate_errors
from form_service.store.engine.migrate import is_foreign_database
from form_service.store.engine.sqlite_files import (
    FileId,
    WriteAheadLog,
    connect_read_only,
    file_id,
    has_log,
    read_only_state,
)
from form_service.store.errors import StoreUnavailable, failure_kind

_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "journal_size_limit=4194304",
    "temp_store=MEMORY",
)


class SQLite(base.Database):
    """A SQLite database.

    Writers wait for each other: within a process by a lock in memory, between processes by SQLite's own lock.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.path: Path = Path(make_url(url).database or "").absolute()
        self._file_id: FileId | None = None  # of the file in use
        self._write_ahead_log = WriteAheadLog(self.path)
        self._writer_lock = threading.Lock()
        self.engine = self._create_engine(url, base.LOCK_WAIT_SECONDS, "FULL")
        self._best_effort_engine = self._create_engine(url, base.BEST_EFFORT_LOCK_WAIT_SECONDS, "NORMAL")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        with translate_errors(), self.engine.connect() as connection:
            self._refuse_replaced_file()
            yield Transaction(connection, self.clock())

    @contextmanager
    def writing(self, best_effort: bool = False) -> Iterator[Transaction]:
        engine = self._best_effort_engine if best_effort else self.engine
        wait_seconds = base.BEST_EFFORT_LOCK_WAIT_SECONDS if best_effort else base.LOCK_WAIT_SECONDS
        if not self._writer_lock.acquire(timeout=wait_seconds):
            raise StoreUnavailable("locked")
        try:
            with translate_errors(), engine.connect() as connection:
                if connection.info.get("is_full"):
                    raise StoreUnavailable("disk-full")
                try:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    self._refuse_replaced_file()
                    yield Transaction(connection, self.clock())
                    connection.exec_driver_sql("COMMIT")
                    self._refuse_replaced_file()
                except BaseException:
                    connection.invalidate()  # closing the connection is a rollback that cannot fail
                    raise
        finally:
            self._writer_lock.release()

    def erase_traces(self, thorough: bool = False) -> bool:  # noqa: ARG002
        """Move the write-ahead log into the database file. This overwrites deleted data.

        Return True, or False if another connection still uses the log.
        """
        with translate_errors(), self.engine.connect() as connection:
            is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not is_busy

    def close(self) -> None:
        super().close()
        self._best_effort_engine.dispose()
        self._write_ahead_log.close()

    def _refuse_replaced_file(self) -> None:
        """Raise StoreUnavailable if the database file or its write-ahead log was deleted or replaced.

        All connections are then closed, so that the next one opens the new file.
        """
        current_file_id = file_id(self.path)
        if self._file_id in (None, current_file_id) and self._write_ahead_log.is_in_place():
            self._file_id = current_file_id
            return
        if self._file_id in (None, current_file_id):
            self._write_ahead_log.recover()
        self._file_id = None
        self.generation += 1
        self.close()
        raise StoreUnavailable("replaced")

    def _create_engine(self, url: str, lock_wait_seconds: float, synchronous: str) -> Engine:
        engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_size=16,
            max_overflow=32,
            connect_args={"timeout": lock_wait_seconds, "check_same_thread": False},
        )
        pragmas = (f"synchronous={synchronous}", *_PRAGMAS)

        def connect(_dialect: Any, connection_record: Any, args: Any, kwargs: dict[str, Any]) -> sqlite3.Connection:
            connection_record.info.pop("is_full", None)
            connection_record.info["read_only_state"] = read_only_state(self.path)
            if connection_record.info["read_only_state"] is not None:
                return connect_read_only(self.path, kwargs["timeout"])
            connection: sqlite3.Connection = sqlite3.connect(*args, **kwargs)
            try:
                _refuse_foreign_tables(connection)
                for pragma in pragmas:
                    connection.execute(f"PRAGMA {pragma}")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # opens the write-ahead log
            except (sqlite3.Error, StoreUnavailable) as error:
                connection.close()
                if failure_kind(error) != "disk-full" or has_log(self.path):
                    raise
                # There is no room for a write-ahead log and no process has one open, so the file can be read as it is.
                connection_record.info["read_only_state"], connection_record.info["is_full"] = (), True
                return connect_read_only(self.path, kwargs["timeout"])
            return connection

        def discard_outdated_connection(_connection: Any, connection_record: Any, _proxy: Any) -> None:
            state = connection_record.info["read_only_state"]
            if (
                state is not None
                and connection_record.info.pop("was_used", False)
                and state != read_only_state(self.path)
            ):
                raise DisconnectionError  # SQLAlchemy reconnects: the files changed, or the disk can be written again
            connection_record.info["was_used"] = True

        event.listen(engine, "do_connect", connect)
        event.listen(engine, "checkout", discard_outdated_connection)
        return engine


def _refuse_foreign_tables(connection: sqlite3.Connection) -> None:
    """Raise StoreUnavailable if the database belongs to another program. Call this before changing the file."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
    if is_foreign_database({name for (name,) in tables}):
        raise StoreUnavailable("foreign-tables")
