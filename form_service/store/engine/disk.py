"""The disk under the store: what kind it is, how much is free, and a reserve for the moment when nothing is."""

import contextlib
import os
from pathlib import Path

from form_service.config.settings import SettingsError

# As large as the write-ahead log gets, twice: enough to record what was sent and to wipe what may go.
BALLAST_BYTES = 8 * 1024 * 1024
# Readiness turns red here, long before the disk is full.
LOW_BYTES = 200 * 1024 * 1024
# What has been low is well again only here, so that a figure that swings tells nobody each minute.
WELL_BYTES = 250 * 1024 * 1024
MOUNTS = Path("/proc/self/mountinfo")
# File systems whose locks or syncs SQLite cannot rely on.
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "glusterfs",
    "ocfs2",
    "gfs2",
    "ncpfs",
}
_NETWORK_FUSE = {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "fuse.gcsfuse"}


def prepare(file: Path) -> None:
    """Make the database's file and its folder, readable by this account alone.

    Raises SettingsError for one that cannot be made, or on a network file system, whose locks do not hold.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise SettingsError(f"FORM_DATABASE_URL names a file that cannot be made: {file} ({error.strerror})") from error
    if (kind := network_file_system(file.parent)) is not None:
        raise SettingsError(f"FORM_DATABASE_URL names a file on a network file system ({kind}); use a local disk")


def network_file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The name of the network file system that `path` is on, or None."""
    target = path.resolve()
    best, kind = "", ""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None  # not Linux: nothing to go by
    for line in lines:
        before, _, after = line.partition(" - ")
        place = before.split()[4].replace("\\040", " ")
        if target.is_relative_to(place) and len(place) >= len(best):
            best, kind = place, after.split()[0]
    return kind if kind in _NETWORK | _NETWORK_FUSE else None


def free_bytes(folder: Path) -> int:
    """How much an ordinary process may still write there."""
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


class Ballast:
    """A file that holds disk space in reserve. The worker lets go of it when it could not record a sent mail."""

    def __init__(self, folder: Path, size: int = BALLAST_BYTES) -> None:
        self._path = folder / "ballast"
        self._size = size

    def hold(self) -> bool:
        """Take the reserve if it is not there and the disk has plenty; whether it is there."""
        try:
            if self._path.exists() and self._path.stat().st_size >= self._size:
                return True
            if free_bytes(self._path.parent) < 2 * self._size:
                return False
            descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Give the space back, if the disk lets it go: a read-only one does not."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
