"""The database interface that the store uses, and how errors are translated and retried."""

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
BEST_EFFORT_SECONDS = 0.5
# How long a request keeps retrying while PostgreSQL restarts.
RECONNECT_SECONDS = 5.0
RECONNECT_PAUSE_SECONDS = 0.25


class Transaction(NamedTuple):
    """A connection inside a transaction, and the time by the clock that all users of the database share."""

    connection: Connection
    now: float  # seconds since 1970


class Transactions(ABC):
    """Opens transactions for the modules of the store; `Store` implements it."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a connection that only reads. Raises StoreUnavailable."""

    @abstractmethod
    def writing(self, best_effort: bool = False, in_background: bool = False) -> AbstractContextManager[Transaction]:
        """Open a transaction; it is durable once the block ends, and rolled back if the block raises.

        `best_effort`: wait only briefly for the lock; a crash may lose what was written. `in_background`: no request
        waits for this transaction, so it does not count towards the limit of waiting threads. Raises StoreUnavailable.
        """

    @abstractmethod
    def accepting(self) -> AbstractContextManager[Transaction]:
        """Open a transaction to accept something from a person. Raises StoreUnavailable, also for a replaced store."""

    @abstractmethod
    def note_accepted(self, reference: str) -> None:
        """Remember that a referral is stored: a store that later lacks it has been replaced."""


class Queries:
    """Base class for the queries of one subject; each runs in its own transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions


class Database(ABC):
    """SQLite or PostgreSQL. `path` is the SQLite file, None for PostgreSQL."""

    engine: Engine
    path: Path | None = None
    generation = 0
    """Increases whenever this may have become another database: at each new connection, or when a file is replaced."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a connection that only reads: see `Transactions.reading`."""

    @abstractmethod
    def writing(self, best_effort: bool = False) -> AbstractContextManager[Transaction]:
        """Open a transaction: see `Transactions.writing`."""

    def use_web_timeouts(self) -> None:  # noqa: B027 - SQLite never waits longer than for its lock
        """Use the web process's short time-outs. Call before the first query."""

    @abstractmethod
    def erase_traces(self, thorough: bool = False) -> bool:
        """Erase deleted data from the database's files; return whether all of it is gone.

        `thorough` may rewrite the tables, so do not use it more than once a day. Raises StoreUnavailable.
        """

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn every error of the database into StoreUnavailable."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(failure_kind(error)) from error


def retry_on_lost_connection(unit_of_work: Callable[P, T]) -> Callable[P, T]:
    """Retry a unit of work when the connection to PostgreSQL is lost or a deadlock rolled it back.

    It must be idempotent: a commit whose connection was lost may have succeeded. If the retries then fail, the error is
    of kind UNSURE.
    """

    @functools.wraps(unit_of_work)
    def retrying(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + RECONNECT_SECONDS
        is_unsure = False
        while True:
            try:
                return unit_of_work(*args, **kwargs)
            except StoreUnavailable as error:
                is_unsure = is_unsure or error.kind == UNSURE
                if not error.is_repeatable or time.monotonic() > deadline:
                    raise StoreUnavailable(UNSURE) if is_unsure else error from error.__cause__
            time.sleep(RECONNECT_PAUSE_SECONDS)

    return retrying
