"""The files of a SQLite database: the database, and beside it the write-ahead log and the log's index.

SQLite follows a symbolic link, and keeps the log beside the file that the link leads to.
"""

import contextlib
import os
import shutil
import sqlite3
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from form_service.store.errors import kind_of

_INDEX_BYTES = 32_768  # a smaller index was truncated by a full disk
FileId = tuple[int, int]  # device and inode; zeros for a file that is not there


def file_id(path: Path) -> FileId:
    """Return the file's device and inode, by which a replaced file can be told apart."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_dev, status.st_ino)


class _Opened(NamedTuple):
    connection: sqlite3.Connection
    files: tuple[Path, ...]
    ids: tuple[FileId, ...]

    @classmethod
    def at(cls, path: Path) -> "_Opened":
        """Open the database, and with it the log and its index. Raises sqlite3.Error."""
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except BaseException:
            connection.close()
            raise
        files = (_beside(path, "-wal"), _beside(path, "-shm"))
        return cls(connection, files, tuple(map(file_id, files)))


class OpenLog:
    """Detects deletion of the log, which holds confirmed referrals until a checkpoint moves them to the database.

    It keeps a connection open, because SQLite itself deletes the log when the last connection closes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    def is_in_place(self) -> bool:
        """Return whether the log is still the one that the first call opened. Raises sqlite3.Error."""
        opened = self._opened or self._open()
        return opened is None or tuple(map(file_id, opened.files)) == opened.ids

    def rescue(self) -> None:
        """Move the content of a deleted log to the database: the kernel keeps the file while it is open."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._opened is not None:
                # Passive, because it must not wait for the transaction that noticed the loss.
                self._opened.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the connection; the next call opens the current log."""
        with self._lock:
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.connection.close()

    def _open(self) -> _Opened | None:
        if is_read_only(self._path):
            return None
        with self._lock:
            if self._opened is None:
                try:
                    self._opened = _Opened.at(self._path)
                except sqlite3.OperationalError as error:
                    if kind_of(error) != "disk-full" or has_log(self._path):
                        raise  # otherwise there is neither a log nor room for one
            return self._opened


def is_read_only(path: Path) -> bool:
    """Return whether the database exists and cannot be written."""
    real = path.resolve()
    return real.exists() and not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK))


def has_log(path: Path) -> bool:
    """Return whether there is a log that is not empty."""
    return _size(_beside(path, "-wal")) > 0


def connect_read_only(path: Path, lock_wait_seconds: float) -> sqlite3.Connection:
    """Open the file read-only. Where no process uses a write-ahead log, tell SQLite to need none (`immutable`)."""
    has_index = _size(_beside(path, "-shm")) >= _INDEX_BYTES
    if has_log(path) and not has_index:
        return _connect_to_copy(path)
    url = f"{path.resolve().as_uri()}?{'mode=ro' if has_index else 'immutable=1'}"
    return sqlite3.connect(url, timeout=lock_wait_seconds, check_same_thread=False, isolation_level=None, uri=True)


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    """Open a copy of the database and its log, because SQLite reads a log only where it can create the index.

    The copy is deleted at once; the connection keeps its files until it closes.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path.resolve(), copy)
        shutil.copyfile(_beside(path, "-wal"), _beside(copy, "-wal"))
        connection = sqlite3.connect(copy, check_same_thread=False, isolation_level=None)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # opens the log
        connection.execute("PRAGMA query_only=ON")
        return connection


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _beside(path: Path, ending: str) -> Path:
    real = path.resolve()
    return real.with_name(real.name + ending)
