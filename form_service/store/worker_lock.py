"""Let one worker at a time deliver from a SQLite file; on PostgreSQL any number may."""

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType

from form_service.config.settings import SettingsError
from form_service.store.engine.disk import open_private

WAIT_SECONDS = 1.0


class AlreadyRunning(Exception):
    """Another worker delivers from this SQLite file."""


class WorkerLock:
    """A lock on a file beside the database. The kernel releases it when its process ends."""

    def __init__(self, database: Path | None) -> None:
        """Take the database; it is None for a database that is not a file, which needs no lock."""
        self._path = None if database is None else database.with_name(database.name + ".worker")
        self._descriptor: int | None = None

    def __enter__(self) -> "WorkerLock":
        """Open the file. Raises SettingsError when this account cannot."""
        if self._path is not None:
            self._descriptor = _open(self._path)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def acquire(self) -> bool:
        """Return whether the caller is the only worker now."""
        if self._descriptor is None:
            return True
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self, stop: threading.Event) -> bool:
        """Wait until the other worker has ended; return False when stopped first."""
        while not stop.wait(WAIT_SECONDS):
            if self.acquire():
                return True
        return False


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open_private(path)
    except OSError as error:
        raise SettingsError(
            f"FORM_DATABASE_URL: the worker's lock {path} cannot be opened ({error.strerror}). If a worker was started "
            "by another account, stop it and remove that file"
        ) from error
