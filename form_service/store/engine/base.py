"""The interfaces of databases and transactions, and the handling of database errors."""

import functools
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from form_service.store.errors import UNSURE, StoreUnavailable, failure_kind

P = ParamSpec("P")
T = TypeVar("T")
# How long a writer waits for another writer's lock before the form says that nothing was received.
LOCK_WAIT_SECONDS = 5.0
BEST_EFFORT_LOCK_WAIT_SECONDS = 0.5
# How long a request keeps retrying while PostgreSQL restarts.
RECONNECT_TIMEOUT_SECONDS = 5.0
RECONNECT_PAUSE_SECONDS = 0.25


class Transaction(NamedTuple):
    """A connection inside a transaction, and the current time."""

    connection: Connection
    now: float  # seconds since 1970


class Transactions(ABC):
    """The interface through which the modules of the store open transactions; `Store` implements it."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a connection that only reads. Raises StoreUnavailable."""

    @abstractmethod
    def writing(self, best_effort: bool = False, in_background: bool = False) -> AbstractContextManager[Transaction]:
        """Open a transaction that commits at the end of the block, or rolls back if the block raises an error.

        With `best_effort`, wait only briefly for the lock, and accept that a crash may lose the data. With
        `in_background`, do not count this thread towards the limit on threads. Raises StoreUnavailable.
        """

    @abstractmethod
    def accepting(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that stores a person's draft or referral.

        Raises StoreUnavailable if the database fails, was replaced by another one or has lost referrals.
        """

    @abstractmethod
    def note_accepted(self, reference: str) -> None:
        """Remember a referral that was just stored. If it is missing later, the store was replaced."""


class Queries:
    """The base class for the queries about one subject, such as drafts. Each query runs in its own transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions


class Database(ABC):
    """The interface to a database, implemented for SQLite and for PostgreSQL."""

    engine: Engine
    path: Path | None = None
    """The SQLite file; None for PostgreSQL."""
    generation = 0
    """A number that increases when another database may have taken the place of this one.

    It increases on PostgreSQL with each new connection, and on SQLite when the file was deleted or replaced.
    """

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a connection that only reads. Raises StoreUnavailable."""

    @abstractmethod
    def writing(self, best_effort: bool = False) -> AbstractContextManager[Transaction]:
        """Open a transaction that commits at the end of the block, or rolls back if the block raises an error.

        With `best_effort`, wait only briefly for the lock, and accept that a crash may lose the data. Raises
        StoreUnavailable.
        """

    def use_web_timeouts(self) -> None:  # noqa: B027 - SQLite never waits longer than for its lock
        """Use the shorter time limits for web requests, if the database has any. Call this before the first query."""

    @abstractmethod
    def erase_traces(self, thorough: bool = False) -> bool:
        """Erase deleted data from the database's files; return whether all of it is gone.

        With `thorough`, whole tables may be rewritten, so use it at most once a day. Raises StoreUnavailable.
        """

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise StoreUnavailable in place of any database or operating system error inside the block."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(failure_kind(error)) from error


def retry_on_lost_connection(unit_of_work: Callable[P, T]) -> Callable[P, T]:
    """Retry a function when the connection to PostgreSQL is lost, or a conflict has rolled its transaction back.

    The function must be idempotent. If it still fails in the end, it raises StoreUnavailable, with the kind UNSURE if a
    commit may have succeeded.
    """

    @functools.wraps(unit_of_work)
    def call_with_retries(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + RECONNECT_TIMEOUT_SECONDS
        is_unsure = False
        while True:
            try:
                return unit_of_work(*args, **kwargs)
            except StoreUnavailable as error:
                is_unsure = is_unsure or error.kind == UNSURE
                if not error.is_repeatable or time.monotonic() > deadline:
                    raise StoreUnavailable(UNSURE) if is_unsure else error from error.__cause__
            time.sleep(RECONNECT_PAUSE_SECONDS)

    return call_with_retries
