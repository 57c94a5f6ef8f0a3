"""A PostgreSQL database, which web processes and delivery workers on several machines can share."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from form_service.config.settings import SettingsError
from form_service.store.engine.base import (
    LOCK_WAIT_SECONDS,
    RECONNECT_PAUSE_SECONDS,
    Database,
    Transaction,
    translate_errors,
)
from form_service.store.errors import UNSURE, StoreUnavailable, failure_kind

# The server cancels a statement that has run for this long.
STATEMENT_TIMEOUT_SECONDS = 30
# For the delivery worker and the commands: longer than the server takes to cancel a statement.
RESPONSE_TIMEOUT_SECONDS = 40.0
# For the web process: longer than a wait for a lock. A page may wait twice, and nginx waits 30 seconds in all.
WEB_RESPONSE_TIMEOUT_SECONDS = 6.0
# Deleted content stays in these tables' files until they are rewritten.
_TABLES_WITH_SEALED_CONTENT = ("mail", "draft")
# A rewrite that waits for its lock blocks the requests behind it.
_REWRITE_LOCK_WAIT_MILLISECONDS = 200

_CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "referrals",
    # Without these, the kernel would retransmit for a quarter of an hour when the network is cut.
    "tcp_user_timeout": int(WEB_RESPONSE_TIMEOUT_SECONDS * 1000),
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": f"-c lock_timeout={int(LOCK_WAIT_SECONDS * 1000)} -c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
}


class TimeLimitedConnection(psycopg.Connection[Any]):
    """A connection that closes itself if the server does not answer within `response_timeout_seconds`."""

    response_timeout_seconds = RESPONSE_TIMEOUT_SECONDS

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server. Close the connection if the query still runs after `response_timeout_seconds`."""
        try:
            return super().wait(gen, interval, timeout or self.response_timeout_seconds)
        except psycopg.OperationalError:  # includes psycopg's time-out
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # the server still runs the query, so the connection cannot be used for another
            raise


class PostgreSQL(Database):
    """A PostgreSQL database. The server's clock decides which deliveries are due and when a lease ends."""

    def __init__(self, url: str, clock: Callable[[], float] | None = None) -> None:
        """Set up the connection pool. `clock` replaces the server's clock in tests.

        Raises SettingsError if the URL contains an option that PostgreSQL does not have.
        """
        _refuse_unknown_options(url)
        self._clock = clock
        self._response_timeout_seconds = RESPONSE_TIMEOUT_SECONDS
        self.engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=10,
            max_overflow=20,
            pool_timeout=LOCK_WAIT_SECONDS,
            pool_use_lifo=True,
            connect_args=_CONNECT_ARGS,
        )
        event.listen(self.engine, "do_connect", self._connect)
        event.listen(self.engine, "connect", _require_synchronous_commit)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def use_web_timeouts(self) -> None:
        self._response_timeout_seconds = WEB_RESPONSE_TIMEOUT_SECONDS

    def _connect(self, _dialect: Any, _record: Any, args: Any, kwargs: dict[str, Any]) -> TimeLimitedConnection:
        connection = TimeLimitedConnection.connect(*args, **kwargs)
        connection.response_timeout_seconds = self._response_timeout_seconds
        self.generation += 1
        return connection

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        with translate_errors():
            connection, now = self._open_connection(self._autocommit.connect)
            with connection:
                yield Transaction(connection, now)

    @contextmanager
    def writing(self, best_effort: bool = False) -> Iterator[Transaction]:
        """Open a transaction. Raises StoreUnavailable, of kind UNSURE if the connection is lost during the commit."""
        is_committing = False
        try:
            connection, now = self._open_connection(self.engine.connect)
            with connection:
                if best_effort:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield Transaction(connection, now)
                is_committing = True
                connection.commit()
        except (SQLAlchemyError, OSError) as error:
            is_lost = _is_connection_lost(error)
            if is_committing and is_lost:
                raise StoreUnavailable(UNSURE, is_repeatable=True) from error
            raise StoreUnavailable(failure_kind(error), is_repeatable=is_lost or _was_rolled_back(error)) from error

    def _open_connection(self, connect: Callable[[], Connection]) -> tuple[Connection, float]:
        """Open a connection that works; return it with the current time, in seconds since 1970.

        If the server has closed the connection, open another one. Raises DBAPIError if the server does not answer.
        """
        while True:
            connection, started_at = connect(), time.monotonic()
            try:
                now = float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())
                return connection, self._clock() if self._clock else now
            except DBAPIError as error:
                connection.close()
                has_stalled = time.monotonic() - started_at > RECONNECT_PAUSE_SECONDS
                if has_stalled or not error.connection_invalidated:
                    raise

    def erase_traces(self, thorough: bool = False) -> bool:
        """Vacuum the tables with sealed content, because PostgreSQL cannot overwrite deleted rows.

        With `thorough`, rewrite the tables, and return True if every deleted row is gone. Otherwise return False.
        """
        remaining_row_counts: list[int] = []
        with translate_errors(), self._autocommit.connect() as connection:
            driver_connection = cast(psycopg.Connection[Any], connection.connection.driver_connection)
            driver_connection.add_notice_handler(
                lambda notice: remaining_row_counts.append(_remaining_row_count(notice))
            )
            try:
                connection.exec_driver_sql(f"SET lock_timeout = {_REWRITE_LOCK_WAIT_MILLISECONDS}")
                for table in _TABLES_WITH_SEALED_CONTENT:
                    connection.exec_driver_sql(f"VACUUM {'(FULL, VERBOSE)' if thorough else ''} {table}")
            except DBAPIError as error:
                if failure_kind(error) != "locked":
                    raise
                return False
            finally:
                connection.invalidate()  # its short time-out must not return to the pool
        return thorough and not any(remaining_row_counts)


def _refuse_unknown_options(url: str) -> None:
    for name in make_url(url).query:
        try:
            make_conninfo(**{name: "1"})
        except psycopg.ProgrammingError as error:
            raise SettingsError(f"FORM_DATABASE_URL holds an option that PostgreSQL does not have: {name}") from error


def _remaining_row_count(notice: psycopg.errors.Diagnostic) -> int:
    """Return how many deleted rows VACUUM could not remove: the first number in the first line of the notice's detail.

    Return 0 if there is no number. The notice may be in any language.
    """
    number_match = re.search(r"\d+", (notice.message_detail or "").partition("\n")[0])
    return int(number_match[0]) if number_match else 0


def _require_synchronous_commit(connection: Any, _record: Any) -> None:
    """Turn on synchronous commit if it is off, so that a referral is on the disk before the form confirms it."""
    autocommit, connection.autocommit = connection.autocommit, True
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] == "off":
            cursor.execute("SET synchronous_commit = on")
    connection.autocommit = autocommit


def _is_connection_lost(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or failure_kind(error) == "gone"
    return False


def _was_rolled_back(error: BaseException) -> bool:
    """Return whether PostgreSQL rolled the transaction back because it conflicted with another."""
    sqlstate = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return sqlstate in ("40P01", "40001")  # deadlock detected, serialization failure
