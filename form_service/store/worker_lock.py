"""Let one worker at a time deliver from a SQLite file; on PostgreSQL any number may."""

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

WAIT_SECONDS = 1.0


class AlreadyRunning(Exception):
    """Another worker is delivering from this SQLite file."""


@contextmanager
def worker_lock(database_path: Path | None, stop: threading.Event | None) -> Iterator[None]:
    """Lock a file beside the database until the block ends or the process dies. PostgreSQL needs no lock.

    While another worker is running, wait until it ends or `stop` is set; without `stop`, raise AlreadyRunning. Raises
    SettingsError when this account cannot open the file.
    """
    if database_path is None:
        yield
        return
    file = database_path.resolve()  # the same lock for every path to the file
    descriptor = _open_lock_file(file.with_name(file.name + ".worker"))
    try:
        if not _acquire(descriptor):
            if stop is None:
                raise AlreadyRunning
            logs.event("another-worker-runs")
            while not stop.wait(WAIT_SECONDS) and not _acquire(descriptor):
                continue
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int) -> bool:
    """Try to lock, without waiting; return whether that succeeded."""
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
