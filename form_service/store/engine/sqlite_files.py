"""The files of a SQLite database: the database, its write-ahead log and the index of the log."""

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
FileId = tuple[int, int]  # device and inode; zeros for a missing file


def file_id(path: Path) -> FileId:
    """Return the device and inode of the file, or zeros if it is missing.

    If another file takes its place, the device or the inode changes.
    """
    status = _status(path)
    return (0, 0) if status is None else (status.st_dev, status.st_ino)


def _status(file: Path) -> os.stat_result | None:
    """Return the result of `stat`, or None if the file is missing. Another process may delete it at any time."""
    try:
        return file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


class _OpenFiles(NamedTuple):
    connection: sqlite3.Connection
    files: tuple[Path, ...]
    file_ids: tuple[FileId, ...]

    @classmethod
    def open(cls, path: Path) -> "_OpenFiles":
        """Open the database at `path` with its log and the log's index. Raises sqlite3.Error."""
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except BaseException:
            connection.close()
            raise
        files = (_sibling(path, "-wal"), _sibling(path, "-shm"))
        return cls(connection, files, tuple(map(file_id, files)))


class WriteAheadLog:
    """The write-ahead log of a SQLite database, kept open so that its deletion is noticed.

    The log contains accepted referrals until a checkpoint moves them to the database. SQLite itself deletes the log
    when the last connection closes, so this class keeps a connection open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open_files: _OpenFiles | None = None

    def is_in_place(self) -> bool:
        """Return whether the log on the disk is still the one that is open. The first call opens the log.

        Return True also if there is no log to open, because the database is read-only or the disk is full. Raises
        sqlite3.Error.
        """
        open_files = self._open_files or self._open()
        return open_files is None or tuple(map(file_id, open_files.files)) == open_files.file_ids

    def recover(self) -> None:
        """Move the content of the deleted log, which is still open, to the database. Errors are ignored."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._open_files is not None:
                # Passive, because it must not wait for the transaction that noticed the loss.
                self._open_files.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the log. The next call of `is_in_place` opens it again."""
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
    """Return whether the database at `path` exists and this process cannot write to it."""
    real_path = path.resolve()
    return real_path.exists() and not (os.access(real_path, os.W_OK) and os.access(real_path.parent, os.W_OK))


def has_log(path: Path) -> bool:
    """Return whether the database at `path` has a write-ahead log that is not empty."""
    return _size(_sibling(path, "-wal")) > 0


def connect_read_only(path: Path, lock_wait_seconds: float) -> sqlite3.Connection:
    """Open the database at `path` read-only.

    If its write-ahead log has no index, SQLite cannot read the log, so open a copy of the database and of the log.
    """
    has_index = _size(_sibling(path, "-shm")) >= _MIN_INDEX_BYTES
    if has_log(path) and not has_index:
        return _connect_to_copy(path)
    url = f"{path.resolve().as_uri()}?{'mode=ro' if has_index else 'immutable=1'}"
    return sqlite3.connect(url, timeout=lock_wait_seconds, check_same_thread=False, isolation_level=None, uri=True)


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    """Copy the database and its log to a temporary folder, and open the copy.

    The copied files are deleted at once. The connection can still read them.
    """
    with TemporaryDirectory() as folder:
        copy_path = Path(folder) / "copy.db"
        shutil.copyfile(path.resolve(), copy_path)
        shutil.copyfile(_sibling(path, "-wal"), _sibling(copy_path, "-wal"))
        connection = _OpenFiles.open(copy_path).connection
        connection.execute("PRAGMA query_only=ON")
        return connection


def read_only_state(path: Path) -> tuple[object, ...] | None:
    """Return a value that changes when the files of a read-only database change; None for a writable database."""
    if not is_read_only(path):
        return None
    return tuple(_file_state(_sibling(path, suffix)) for suffix in ("", "-wal", "-shm"))


def _file_state(file: Path) -> tuple[int, ...] | None:
    status = _status(file)
    return None if status is None else (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _size(file: Path) -> int:
    status = _status(file)
    return 0 if status is None else status.st_size


def _sibling(path: Path, suffix: str) -> Path:
    real_path = path.resolve()
    return real_path.with_name(real_path.name + suffix)
