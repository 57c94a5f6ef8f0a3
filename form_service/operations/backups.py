"""Keep backups of the store in FOLDER, where the symbolic link latest.db points to the newest backup.

python -m form_service.operations.backups FOLDER                 once, for systemd's timer
python -m form_service.operations.backups FOLDER --every 900     every 15 minutes, for deploy/compose.yaml
"""

import argparse
import fcntl
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from form_service.config.settings import Settings, SettingsError
from form_service.store import Store, StoreUnavailable
from form_service.store.backup import (
    BACKUP_PREFIX,
    BackupError,
    count_missing_referrals,
    remove_leftovers,
    sync_to_disk,
)
from form_service.store.engine.disk import give_to_folder_owner, open_private_file

BACKUP_KEEP_DAYS = 8
MAX_BACKUP_AGE_SECONDS = 3600.0
_DAY_SECONDS = 86_400.0
_FILE_NAME_FORMAT = "%Y%m%dT%H%M%SZ.db"
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def make_backup(store: Store, folder: Path, now: float) -> Path:
    """Back up the store to a new file in `folder`, and return the path of the file.

    Point the link latest.db in `folder` to the new file. Then, even if no backup could be made, delete the backups that
    are at least BACKUP_KEEP_DAYS old, except the one to which latest.db points. `now` is in seconds since 1970.

    Raises BackupError, StoreUnavailable or OSError if no backup could be made.
    """
    latest_backup = folder / "latest.db"
    with _folder_lock(folder):
        try:
            new_backup = _add_backup(store, folder, latest_backup, now)
            new_link = folder / ".latest.db"
            new_link.unlink(missing_ok=True)
            new_link.symlink_to(new_backup.name)
            new_link.replace(latest_backup)
        finally:
            for path in folder.glob("*Z.db"):
                if now - _backup_time(path, now) >= BACKUP_KEEP_DAYS * _DAY_SECONDS and path != latest_backup.resolve():
                    path.unlink()
    return new_backup


def _add_backup(store: Store, folder: Path, latest_backup: Path, now: float) -> Path:
    remove_leftovers(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=BACKUP_PREFIX) as temporary_folder:
        new_file = Path(temporary_folder) / "backup.db"
        store.backup(new_file)
        if missing_count := count_missing_referrals(new_file, latest_backup):
            raise BackupError(
                f"The store lacks {missing_count} referrals that latest.db holds, so it was lost or is another. No "
                "backup was added, and latest.db stays as it was. Restore it, or delete it to begin anew"
            )
        give_to_folder_owner(new_file, folder)
        new_backup = _new_backup_path(folder, now)
        new_file.rename(new_backup)
    sync_to_disk(folder)
    return new_backup


def _new_backup_path(folder: Path, now: float) -> Path:
    """Return an unused path for a new backup, named after `now` or the first later second that is free."""
    while (path := folder / datetime.fromtimestamp(now, UTC).strftime(_FILE_NAME_FORMAT)).exists():
        now += 1
    return path


@contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Lock the backup folder until the context manager exits, so that two backups never run at the same time."""
    lock = open_private_file(folder / ".lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _backup_time(path: Path, now: float) -> float:
    """Return the time in the name of a backup, in seconds since 1970.

    For any other file, return `now`, so that the file never counts as too old.
    """
    # The modification time would change when the file is copied.
    try:
        return datetime.strptime(path.name, _FILE_NAME_FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:  # not a backup of this program
        return now


def backup_times(folder: Path) -> list[float] | None:
    """Return when each backup was written, in seconds since 1970.

    The list is empty if the folder cannot be read. Return None if the folder does not exist.
    """
    try:
        return [path.stat().st_mtime for path in folder.glob("*Z.db")] if folder.is_dir() else None
    except OSError:
        return []


def run_once(folder: Path) -> bool:
    """Make one backup, print the result, and return whether it was made.

    Raises SettingsError if the settings are wrong.
    """
    try:
        store = Store.open(Settings.from_environment())
        try:
            print(f"{make_backup(store, folder, time.time())} is written.", flush=True)
        finally:
            store.close()
    except StoreUnavailable as error:
        reason = f"the store is not available ({error.explanation})"
    except BackupError as error:
        reason = str(error)
    except OSError as error:
        file = error.filename2 or error.filename or folder  # filename2 is the target of a move
        reason = f"{file} cannot be written: {error.strerror}"
    else:
        return True
    print(f"No backup: {reason}.", file=sys.stderr, flush=True)
    return False


def main() -> int:
    """Make one backup or, with --every, one after another until stopped. Return the exit status."""
    parser = argparse.ArgumentParser(description="Make a backup, and delete those that are too old.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until asked to stop")
    options = parser.parse_args()
    try:
        if options.every is None:
            return 0 if run_once(options.folder) else 1
        # Block the signals, so that they do not interrupt a backup.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        run_once(options.folder)
        while signal.sigtimedwait(_STOP_SIGNALS, options.every) is None:
            run_once(options.folder)
    except SettingsError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
