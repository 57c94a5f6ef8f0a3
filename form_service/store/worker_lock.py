"""A lock that lets only one delivery worker use a SQLite database. PostgreSQL needs no such lock."""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from form_service import logs
from form_service.config.settings import SettingsError
from form_service.store.engine.disk import open_private_file

LOCK_POLL_SECONDS = 1.0


class AlreadyRunning(Exception):
    """Raised if another delivery worker is running on this SQLite database."""


@contextmanager
def worker_lock(database_path: Path | None, stop: threading.Event | None) -> Iterator[None]:
    """Lock a file beside the database during the block. If `database_path` is None (on PostgreSQL), do nothing.

    While another worker holds the lock, wait for it. If `stop` is set during the wait, run the block without the lock.
    If `stop` is None, do not wait, but raise AlreadyRunning. Raises SettingsError if the file cannot be opened.
    """
    if database_path is None:
        yield
        return
    file = database_path.resolve()  # the same lock for every path to the file
    descriptor = _open_lock_file(file.with_name(file.name + ".worker"))
    try:
        if not _try_lock(descriptor):
            if stop is None:
                raise AlreadyRunning
            logs.event("another-worker-runs")
            while not stop.wait(LOCK_POLL_SECONDS) and not _try_lock(descriptor):
                continue
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Lock the open file, without waiting; return False if another process has locked it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_lock_file(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open_private_file(path)
    except OSError as error:
        is_read_only = error.errno == errno.EROFS
        advice = "" if is_read_only else ". If a worker was started by another account, stop it and remove that file"
        raise SettingsError(
            f"FORM_DATABASE_URL: the worker's lock {path} cannot be opened ({error.strerror}){advice}"
        ) from error
