"""Copies of the ledger and the outbox: backup and restore.

A backup is a SQLite file whatever the store is, so that it also carries a service from SQLite to PostgreSQL. Drafts and
counters are not in it.
"""

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, update

from form_service.store.engine.base import Database, translated_errors
from form_service.store.engine.migrate import migrate
from form_service.store.engine.sqlite import SQLite
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import delivery, mail, referral

BACKUP_PREFIX, RESTORE_PREFIX = ".backup-", "front-door-restore-"
# What a copy that was ended by force has left is removed once nothing in it has changed for as long.
LEFT_SECONDS = 3600.0
_TABLES = (referral, mail, delivery)
_CHUNK = 500
_NO_TEST = referral.c.route != "test"
_TESTS = select(referral.c.reference).where(~_NO_TEST)


class CopyError(Exception):
    """A backup or restore was refused; the text says why."""


def backup(database: Database, to: Path) -> int:
    """Write the ledger and the outbox as of one moment to a new file; how many referrals. Raises CopyError."""
    if to.exists():
        raise CopyError(f"{to} exists already")
    remove_leftovers(to.absolute().parent, BACKUP_PREFIX)
    try:
        return _write_copy(database, to)
    except OSError as error:
        raise CopyError(f"{to} cannot be written: {error.strerror}") from error


def _write_copy(database: Database, to: Path) -> int:
    with tempfile.TemporaryDirectory(dir=to.absolute().parent, prefix=BACKUP_PREFIX) as folder:
        fresh = Path(folder) / "backup.db"
        target = SQLite(f"sqlite:///{fresh}")
        try:
            migrate(target)
            with target.writing() as (connection, _), _snapshot(database) as source:
                number = _copy(source, connection)
        finally:
            target.close()
        _make_single(fresh)
        _sync(fresh)
        fresh.chmod(0o600)
        fresh.rename(to)
    _sync(to.absolute().parent)
    return number


@contextlib.contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Open a connection that sees the database as of one moment."""
    level = "AUTOCOMMIT" if database.path else "REPEATABLE READ"
    with translated_errors(), database.engine.connect().execution_options(isolation_level=level) as connection:
        if database.path:
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def restore(database: Database, source: Path) -> int:
    """Read a backup into an empty store; how many referrals. Raises CopyError.

    What waits is due at once. What was delivered after the backup was made is delivered again, under the same
    Message-ID.
    """
    if not source.is_file():
        raise CopyError(f"{source} is no file")
    remove_leftovers(Path(tempfile.gettempdir()), RESTORE_PREFIX)
    with tempfile.TemporaryDirectory(prefix=RESTORE_PREFIX) as folder:
        copy = Path(folder) / "backup.db"
        shutil.copyfile(source, copy)
        copy.chmod(0o600)
        backup_store = SQLite(f"sqlite:///{copy}")
        try:
            migrate(backup_store)
            with backup_store.reading() as (connection, _), database.writing() as (target, now):
                return _fill(connection, target, now)
        except StoreUnavailable as error:
            raise CopyError(f"{source} cannot be restored: {error.kind}") from error
        finally:
            backup_store.close()


def remove_leftovers(place: Path, prefix: str) -> None:
    """Remove what an earlier copy, ended by force, left there: it holds sealed referrals, and nobody else would."""
    for folder in place.glob(f"{prefix}*"):
        # Others may write in a place such as /tmp: only a folder of our own, and no link to one.
        with contextlib.suppress(OSError):
            facts = folder.lstat()
            if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and _is_left(folder):
                shutil.rmtree(folder)


def _is_left(folder: Path) -> bool:
    changed = max(path.lstat().st_mtime for path in (folder, *folder.iterdir()))
    return time.time() - changed > LEFT_SECONDS


def referrals_in(file: Path) -> int:
    """How many referrals a backup holds, test mails apart; 0 for a file that is not there or is no backup."""
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT count(*) FROM referral WHERE route != 'test'").fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0])


def _fill(source: Connection, target: Connection, now: float) -> int:
    # A test mail may have been sent when the machine was set up: that is no referral.
    if target.execute(select(func.count()).select_from(referral).where(_NO_TEST)).scalar_one():
        raise CopyError("the store holds referrals already; restore only into an empty one")
    _forget_tests(target, source.execute(_TESTS).scalars().all())
    number = _copy(source, target)
    target.execute(
        update(delivery)
        .where(delivery.c.state == "waiting")
        .values(lease=None, lease_until=None, next_try=now, maybe_sent=1)
    )
    return number


def _forget_tests(target: Connection, references: Sequence[str]) -> None:
    """Make room for the test mails of a backup of this same store."""
    mails = select(mail.c.id).where(mail.c.reference.in_(references))
    target.execute(delete(delivery).where(delivery.c.mail_id.in_(mails)))
    target.execute(delete(mail).where(mail.c.reference.in_(references)))
    target.execute(delete(referral).where(referral.c.reference.in_(references)))


def _copy(source: Connection, target: Connection) -> int:
    for table in _TABLES:
        rows = source.execute(select(table)).mappings()
        while chunk := rows.fetchmany(_CHUNK):
            target.execute(table.insert(), [dict(row) for row in chunk])
    return source.execute(select(func.count()).select_from(referral).where(_NO_TEST)).scalar_one()


def _make_single(path: Path) -> None:
    """Leave one file: no write-ahead log beside it."""
    with translated_errors(), contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
