"""Connections and transactions on SQLite and PostgreSQL: the same work, committed durably on both."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from form_service.store.engine import impatient
from form_service.store.engine.group import Group
from form_service.store.errors import UNSURE, StoreUnavailable, kind_of

T = TypeVar("T")
# How long a writer waits for another process's lock before the form says that nothing was received.
LOCK_WAIT_SECONDS = 5.0
# A request that meets a restart of PostgreSQL tries again for as long as this.
RECONNECT_SECONDS = 5.0
_RECONNECT_PAUSE_SECONDS = 0.25


class Database(Protocol):
    """What the rest of the store needs of a database."""

    engine: Engine

    def now(self, connection: Connection, /) -> float:
        """Seconds since 1970, by the one clock that all who share the database go by."""

    @property
    def path(self) -> Path | None:
        """The database's file, if it is one."""

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of its own and return once it is durable; raises StoreUnavailable."""

    def reading(self) -> Any:
        """A context manager with a connection for reading; raises StoreUnavailable."""

    def hurry(self) -> None:
        """From now on people wait for each answer; said before anything is asked."""

    def close(self) -> None:
        """Let go of all connections."""


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(kind_of(error)) from error


class SQLite:
    """One file. Writers of this process share their commits; other processes take turns by SQLite's own lock."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._path = Path(make_url(url).database or "").absolute()
        self.engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_size=16,
            max_overflow=32,
            connect_args={
                "timeout": LOCK_WAIT_SECONDS,
                "check_same_thread": False,
                "cached_statements": 256,
            },
        )
        event.listen(self.engine, "connect", _prepare_sqlite)
        self._group = Group(self._run_batch)
        self._writer: Connection | None = None

    @property
    def path(self) -> Path:
        """See Database."""
        return self._path

    def write(self, work: Callable[[Connection], T]) -> T:
        """See Database. Work that waits at the same time is committed together."""
        return self._group.run(work)

    def now(self, _connection: Connection, /) -> float:
        """See Database: one machine, one clock."""
        return self.clock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See Database."""
        with _failures_named(), self.engine.connect() as connection:
            yield connection

    def hurry(self) -> None:
        """See Database: nobody waits longer than for the lock anyway."""

    def close(self) -> None:
        """See Database."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.engine.dispose()

    def _run_batch(self, works: list[Callable[[Connection], Any]]) -> list[Any]:
        """One transaction; the answer of each work is its result or the exception it raised."""
        answers: list[Any] = [None] * len(works)
        places = list(range(len(works)))
        try:
            with _failures_named():
                if self._writer is None:
                    self._writer = self.engine.connect()
                while places:
                    places = self._try_batch(self._writer, works, places, answers)
                return answers
        except BaseException as error:
            self._drop_writer()
            if isinstance(error, StoreUnavailable):
                return [error] * len(works)
            raise

    @staticmethod
    def _try_batch(
        connection: Connection, works: list[Callable[[Connection], Any]], places: list[int], answers: list[Any]
    ) -> list[int]:
        """Run the works at these places and commit; the places to run again when one failed half done."""
        driver: Any = connection.connection.driver_connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for place in places:
            changes = driver.total_changes
            try:
                answers[place] = works[place](connection)
            except (SQLAlchemyError, sqlite3.Error):
                raise  # the database itself failed: the whole batch did
            except Exception as error:  # whatever the work raised belongs to its caller
                answers[place] = error
                if driver.total_changes != changes:
                    connection.exec_driver_sql("ROLLBACK")
                    return [other for other in places if not isinstance(answers[other], Exception)]
        connection.exec_driver_sql("COMMIT")
        return []

    def _drop_writer(self) -> None:
        """After a failure nothing is known about the connection: throw it away, and the transaction with it."""
        connection, self._writer = self._writer, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except (SQLAlchemyError, sqlite3.Error):
                pass


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "journal_size_limit=4194304",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


class PostgreSQL:
    """Any number of web processes and workers, on machines whose clocks may disagree."""

    def __init__(self, url: str, clock: Callable[[], float] | None = None) -> None:
        """`clock` is for tests; otherwise the server's own says what is due and when a lease ends."""
        self._clock = clock
        self.engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=10,
            max_overflow=20,
            pool_timeout=LOCK_WAIT_SECONDS,
            pool_use_lifo=True,
            connect_args=impatient.PARAMETERS
            | {
                "options": f"-c lock_timeout={int(LOCK_WAIT_SECONDS * 1000)}"
                f" -c statement_timeout={impatient.STATEMENT_SECONDS * 1000}",
            },
        )
        self._answers_within = impatient.ANSWERS_WITHIN
        event.listen(self.engine, "do_connect", self._open)
        event.listen(self.engine, "connect", _prepare_postgresql)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def path(self) -> None:
        """See Database."""
        return None

    def hurry(self) -> None:
        """See Database."""
        self._answers_within = impatient.ANSWERS_PEOPLE_WITHIN

    def _open(self, _dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> impatient.Impatient:
        connection = impatient.Impatient.connect(*arguments, **named)
        connection.answers_within = self._answers_within
        return connection

    def now(self, connection: Connection, /) -> float:
        """See Database: the server's clock."""
        if self._clock is not None:
            return self._clock()
        return float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())

    def write(self, work: Callable[[Connection], T]) -> T:
        """See Database. Work must be harmless to repeat: it is, after a lost connection or a deadlock.

        A connection that is lost while it commits does not say whether the server did: the failure is then UNSURE.
        """
        ends = time.monotonic() + RECONNECT_SECONDS
        unsure = False
        while True:
            committing = False
            try:
                with self.engine.begin() as connection:
                    answer = work(connection)
                    committing = True
                return answer
            except (SQLAlchemyError, OSError) as error:
                unsure = unsure or (committing and _is_lost(error))
                if not (_is_lost(error) or _is_repeatable(error)) or time.monotonic() > ends:
                    raise StoreUnavailable(UNSURE if unsure else kind_of(error)) from error
            time.sleep(_RECONNECT_PAUSE_SECONDS)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See Database."""
        with _failures_named():
            connection = self._connected()
            try:
                yield connection
            finally:
                connection.close()

    def _connected(self) -> Connection:
        """A connection that answers: the pool may hold some of before a restart."""
        connection, begun = self._autocommit.connect(), time.monotonic()
        try:
            connection.exec_driver_sql("SELECT 1")
        except DBAPIError as error:
            connection.close()
            was_waited_for = time.monotonic() - begun > _RECONNECT_PAUSE_SECONDS  # in vain: the server stands still
            if was_waited_for or not error.connection_invalidated:
                raise
            connection = self._autocommit.connect()
        return connection

    def close(self) -> None:
        """See Database."""
        self.engine.dispose()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """A confirmation promises that the referral is on disk, whatever the server's default is."""
    autocommit, connection.autocommit = connection.autocommit, True
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] == "off":
            cursor.execute("SET synchronous_commit = on")
    connection.autocommit = autocommit


def _is_lost(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or kind_of(error) == "gone"
    return False


def _is_repeatable(error: BaseException) -> bool:
    """Whether PostgreSQL gave the transaction up for another's sake: then nothing of it was done."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state in ("40P01", "40001")  # deadlock detected, serialization failure


def connect(url: str, clock: Callable[[], float] | None = None) -> Database:
    """The database behind FORM_DATABASE_URL; nothing is opened yet. `clock` stands in for the real one."""
    return SQLite(url, clock or time.time) if url.startswith("sqlite:") else PostgreSQL(url, clock)
