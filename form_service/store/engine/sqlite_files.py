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

from form_service.store.errors import failure_kind

_MIN_INDEX_BYTES = 32_768  # a smaller index was truncated by a full disk
FileId = tuple[int, int]  # device and inode; zeros for a file that is not there


def file_id(path: Path) -> FileId:
    """Return the file's device and inode, which differ once the file has been replaced."""
    status = _status(path)
    return (0, 0) if status is None else (status.st_dev, status.st_ino)


def _status(file: Path) -> os.stat_result | None:
    """Return the file's status, or None if it is not there; another process may delete it at any time."""
    try:
        return file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


class _OpenFiles(NamedTuple):
    connection: sqlite3.Connection
    files: tuple[Path, ...]
    ids: tuple[FileId, ...]

    @classmethod
    def open(cls, path: Path) -> "_OpenFiles":
        """Open the database, and with it the log and its index. Raises sqlite3.Error."""
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except BaseException:
            connection.close()
            raise
        files = (_sibling(path, "-wal"), _sibling(path, "-shm"))
        return cls(connection, files, tuple(map(file_id, files)))


class WriteAheadLog:
    """Detects deletion of the log, which holds accepted referrals until a checkpoint moves them to the database.

    It keeps a connection open, because SQLite itself deletes the log when the last connection closes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open_files: _OpenFiles | None = None

    def is_in_place(self) -> bool:
        """Return whether the log on disk is still the open one; the first call opens it. Raises sqlite3.Error.

        True while there is none to open: in a read-only database, or without room on the disk.
        """
        open_files = self._open_files or self._open()
        return open_files is None or tuple(map(file_id, open_files.files)) == open_files.ids

    def rescue(self) -> None:
        """Move the content of a deleted log to the database, while the open connection keeps the file alive."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._open_files is not None:
                # Passive, because it must not wait for the transaction that noticed the loss.
                self._open_files.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the connection; the next `is_in_place` opens the log that is then on the disk."""
        with self._lock:
            open_files, self._open_files = self._open_files, None
            if open_files is not None:
                open_files.connection.close()

    def _open(self) -> _OpenFiles | None:
        if is_read_only(self._path):
            return None
        with self._lock:
            if self._open_files is None:
                try:
                    self._open_files = _OpenFiles.open(self._path)
                except sqlite3.OperationalError as error:
                    if failure_kind(error) != "disk-full" or has_log(self._path):
                        raise  # otherwise there is neither a log nor room for one
            return self._open_files


def is_read_only(path: Path) -> bool:
    """Return whether the database exists and cannot be written."""
    real_path = path.resolve()
    return real_path.exists() and not (os.access(real_path, os.W_OK) and os.access(real_path.parent, os.W_OK))


def has_log(path: Path) -> bool:
    """Return whether there is a log that is not empty."""
    return _size(_sibling(path, "-wal")) > 0


def connect_read_only(path: Path, lock_wait_seconds: float) -> sqlite3.Connection:
    """Open the database read-only.

    While no process has the log open, its index is missing: open a copy of database and log, or if there is no log, the
    database itself as immutable.
    """
    has_index = _size(_sibling(path, "-shm")) >= _MIN_INDEX_BYTES
    if has_log(path) and not has_index:
        return _connect_to_copy(path)
    url = f"{path.resolve().as_uri()}?{'mode=ro' if has_index else 'immutable=1'}"
    return sqlite3.connect(url, timeout=lock_wait_seconds, check_same_thread=False, isolation_level=None, uri=True)


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    """Open a copy of the database and its log, because SQLite reads a log only where it can create the index.

    The copy is deleted immediately; the connection keeps its files until it closes.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path.resolve(), copy)
        shutil.copyfile(_sibling(path, "-wal"), _sibling(copy, "-wal"))
        connection = _OpenFiles.open(copy).connection
        connection.execute("PRAGMA query_only=ON")
        return connection


def read_only_state(path: Path) -> tuple[object, ...] | None:
    """Return a value that differs once the files of a read-only database have changed; None for a writable one."""
    if not is_read_only(path):
        return None
    return tuple(_state(_sibling(path, suffix)) for suffix in ("", "-wal", "-shm"))


def _state(file: Path) -> tuple[int, ...] | None:
    status = _status(file)
    return None if status is None else (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _size(file: Path) -> int:
    status = _status(file)
    return 0 if status is None else status.st_size


def _sibling(path: Path, suffix: str) -> Path:
    real_path = path.resolve()
    return real_path.with_name(real_path.name + suffix)
