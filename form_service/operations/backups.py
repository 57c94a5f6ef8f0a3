"""Backups in one folder, one after the other: each is kept for some days, and latest.db leads to the newest.

python -m form_service.operations.backups FOLDER                 once, as systemd's timer asks for it
python -m form_service.operations.backups FOLDER --every 900     again and again, as deploy/compose.yaml does
"""

import argparse
import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from form_service.config.settings import Settings, SettingsError
from form_service.store import Store, StoreUnavailable
from form_service.store.backup import CopyError, referrals_in

KEEP_DAYS = 8
_DAY = 86_400.0
_NAME = "%Y%m%dT%H%M%SZ.db"
_STOP = (signal.SIGTERM, signal.SIGINT)


def keep(store: Store, folder: Path, now: float) -> Path:
    """One more backup. Those of KEEP_DAYS days go, because each holds sealed referrals.

    Raises CopyError; also when the store holds fewer referrals than latest.db. A ledger never shrinks, so that store
    has taken the place of one that was lost: then latest.db is what to restore, and nothing is deleted.
    """
    with _alone(folder):
        made = _free_name(folder, now)
        store.backup(made)
        latest = folder / "latest.db"
        number, former = referrals_in(made), referrals_in(latest)
        if number < former:
            raise CopyError(
                f"{made.name} holds {number} referrals and latest.db {former}, so the store was lost or is another. "
                "latest.db stays as it was, and no backup is deleted. Restore it, or delete it to begin anew"
            )
        link = folder / ".latest.db"
        link.unlink(missing_ok=True)
        link.symlink_to(made.name)
        link.replace(latest)
        for path in folder.glob("*Z.db"):
            if now - _made_at(path, now) >= KEEP_DAYS * _DAY:
                path.unlink()
    return made


def _free_name(folder: Path, now: float) -> Path:
    """A file named for this moment; one made by hand in the same second as the timer's takes the next."""
    while (file := folder / datetime.fromtimestamp(now, UTC).strftime(_NAME)).exists():
        now += 1
    return file


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One made by hand waits for the timer's."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made_at(path: Path, now: float) -> float:
    """When it was made, by its name: a copy that came back from another machine is as old as it ever was."""
    try:
        return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC).timestamp()
    except ValueError:  # not one of ours
        return now


def once(folder: Path) -> bool:
    """Say what became of one backup; whether all is well."""
    try:
        store = Store.open(Settings.from_environment())
        try:
            print(f"{keep(store, folder, time.time())} is written.", flush=True)
        finally:
            store.close()
    except StoreUnavailable as error:
        print(f"No backup: the store is not available ({error.kind}).", file=sys.stderr, flush=True)
    except (CopyError, OSError) as error:
        print(f"{error}.", file=sys.stderr, flush=True)
    else:
        return True
    return False


def main() -> int:
    """Exit status 0 when a backup was made, or when asked to stop."""
    parser = argparse.ArgumentParser(description="Make a backup, and keep those of some days.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until asked to stop")
    options = parser.parse_args()
    try:
        if options.every is None:
            return 0 if once(options.folder) else 1
        # One that has begun is finished first.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
        once(options.folder)
        while signal.sigtimedwait(_STOP, options.every) is None:
            once(options.folder)
    except SettingsError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
