"""Backup and restore of referrals and their emails.

A backup is a SQLite file, even of a PostgreSQL database. It contains no drafts, counters or facts.
"""

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, inspect, select, update
from sqlalchemy.pool import StaticPool

from form_service.store.engine.base import Database, translate_errors
from form_service.store.engine.disk import give_to_folder_owner
from form_service.store.engine.migrate import migrate, upgrade
from form_service.store.engine.sqlite import SQLite
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import delivery, mail, referral

BACKUP_PREFIX = ".backup-"
# Files that a killed backup left behind are removed once they have not changed for this long.
LEFTOVER_AGE_SECONDS = 3600.0
_CHUNK_SIZE = 500
_REFERRAL_KEYS_QUERY = select(referral.c.reference, referral.c.submission_id, referral.c.route)
_REFERRAL_COUNT_QUERY = select(func.count()).select_from(referral).where(referral.c.route != "test")


class BackupError(Exception):
    """Raised if a backup or restore is refused or fails. The message says why."""


def backup(database: Database, file: Path) -> int:
    """Write all referrals and their emails to `file`, which must not exist yet; return the number of referrals.

    Test referrals are written but not counted. Raises BackupError if `file` exists or cannot be written.
    """
    if file.exists():
        raise BackupError(f"{file} exists already")
    remove_leftovers(file.absolute().parent)
    try:
        return _write_backup(database, file)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from error


def _write_backup(database: Database, file: Path) -> int:
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=BACKUP_PREFIX) as folder:
        new_file = Path(folder) / "backup.db"
        target = SQLite(f"sqlite:///{new_file}")
        try:
            migrate(target)
            with target.writing() as (connection, _), _snapshot(database) as source:
                referral_count = _copy_tables(source, connection)
        finally:
            target.close()
        _merge_log(new_file)
        sync_to_disk(new_file)
        new_file.chmod(0o600)
        give_to_folder_owner(new_file, file.absolute().parent)
        new_file.rename(file)
    sync_to_disk(file.absolute().parent)
    return referral_count


@contextlib.contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Open a connection that sees a consistent snapshot of the database."""
    isolation_level = "AUTOCOMMIT" if database.path else "REPEATABLE READ"
    with translate_errors(), database.engine.connect().execution_options(isolation_level=isolation_level) as connection:
        if database.path:
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def remove_leftovers(parent: Path) -> None:
    """Remove the temporary folders that interrupted backups left in `parent`."""
    for folder in parent.glob(f"{BACKUP_PREFIX}*"):
        # Other accounts may write there too: remove only this account's own folders, and follow no symbolic links.
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and _is_leftover(folder):
                shutil.rmtree(folder)


def _is_leftover(folder: Path) -> bool:
    changed_at = max(path.lstat().st_mtime for path in (folder, *folder.iterdir()))
    return time.time() - changed_at > LEFTOVER_AGE_SECONDS


def restore(database: Database, source: Path) -> int:
    """Add each referral that is in the backup `source` but not in the store; return the number of added referrals.

    Test referrals are added but not counted. Deliveries that were waiting at the time of the backup become due, so an
    email that was sent after the backup is sent again. Raises BackupError if the backup cannot be restored.
    """
    if not source.is_file():
        raise BackupError(f"{source} is no file")
    try:
        with _backup_in_memory(source) as connection, database.writing() as (target, now):
            upgrade(connection)
            return _add_missing_referrals(connection, target, now)
    except StoreUnavailable as error:
        raise BackupError(f"{source} cannot be restored: {error.explanation}") from error


@contextlib.contextmanager
def _backup_in_memory(file: Path) -> Iterator[Connection]:
    """Open a connection to a copy of the backup in memory. Raises BackupError."""
    with translate_errors(), contextlib.closing(sqlite3.connect(":memory:")) as memory_connection:
        try:
            with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
                source.backup(memory_connection)
        except sqlite3.Error as error:
            raise BackupError(f"{file} cannot be read as a backup ({error})") from error
        engine = create_engine(
            "sqlite://", creator=lambda: memory_connection, poolclass=StaticPool, isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            if not inspect(connection).has_table(referral.name):
                raise BackupError(f"{file} is not a backup of this service")
            yield connection


def count_missing_from_store(connection: Connection, file: Path) -> int:
    """Count the referrals that are in the backup `file` but not in the store, except test referrals.

    Return 0 if the file cannot be read.
    """
    references = _references_in(file)
    if references:
        references -= set(connection.execute(select(referral.c.reference)).scalars())
    return len(references)


def count_missing_referrals(newer_backup: Path, older_backup: Path) -> int:
    """Count the referrals of the older backup that are missing from the newer backup, except test referrals."""
    return len(_references_in(older_backup) - _references_in(newer_backup))


def is_readable(file: Path) -> bool:
    """Return whether the file can be read as a backup."""
    try:
        _read_references(file)
    except sqlite3.Error:
        return False
    return True


def _references_in(file: Path) -> set[str]:
    """Return the references of the referrals in a backup, except test referrals.

    Return an empty set if the file cannot be read as a backup.
    """
    try:
        return _read_references(file)
    except sqlite3.Error:
        return set()


def _read_references(file: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT reference FROM referral WHERE route != 'test'").fetchall()
    return {row[0] for row in rows}


def _add_missing_referrals(source: Connection, target: Connection, now: float) -> int:
    submission_ids = {row.reference: row.submission_id for row in target.execute(_REFERRAL_KEYS_QUERY)}
    rows = source.execute(_REFERRAL_KEYS_QUERY).all()
    for row in rows:
        if submission_ids.get(row.reference, row.submission_id) != row.submission_id:
            raise BackupError(f"{row.reference} is another referral in the store, so nothing was restored")
    missing_references = [row.reference for row in rows if row.reference not in submission_ids]
    for start in range(0, len(missing_references), _CHUNK_SIZE):
        chunk = missing_references[start : start + _CHUNK_SIZE]
        mail_ids = select(mail.c.id).where(mail.c.reference.in_(chunk))
        for table, condition in (
            (referral, referral.c.reference.in_(chunk)),
            (mail, mail.c.reference.in_(chunk)),
            (delivery, delivery.c.mail_id.in_(mail_ids)),
        ):
            if copied_rows := [dict(row) for row in source.execute(select(table).where(condition)).mappings()]:
                target.execute(table.insert(), copied_rows)
        is_waiting = delivery.c.mail_id.in_(mail_ids) & (delivery.c.state == "waiting")
        values = {"lease": None, "lease_until": None, "next_try": now, "maybe_sent": 1}
        target.execute(update(delivery).where(is_waiting).values(values))
    return sum(row.route != "test" for row in rows if row.reference not in submission_ids)


def _copy_tables(source: Connection, target: Connection) -> int:
    for table in (referral, mail, delivery):
        rows = source.execute(select(table)).mappings()
        while chunk := rows.fetchmany(_CHUNK_SIZE):
            target.execute(table.insert(), [dict(row) for row in chunk])
    return source.execute(_REFERRAL_COUNT_QUERY).scalar_one()


def _merge_log(path: Path) -> None:
    """Merge the write-ahead log into the database, so that the backup is a single file."""
    with translate_errors(), contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def sync_to_disk(path: Path) -> None:
    """Flush a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
