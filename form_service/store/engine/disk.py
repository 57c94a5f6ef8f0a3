"""The disk with the SQLite database: its file system, its free space and its reserved space."""

import contextlib
import os
from pathlib import Path

from form_service.config.settings import SettingsError

# Twice the largest write-ahead log: enough to record which emails were sent, and to delete expired data.
RESERVED_BYTES = 8 * 1024 * 1024
# With less free space than this the readiness check fails, long before the disk is full.
LOW_FREE_BYTES = 200 * 1024 * 1024
# A low disk counts as recovered only above this, so that free space that varies does not raise an alert each minute.
RECOVERED_FREE_BYTES = 250 * 1024 * 1024
MOUNT_TABLE = Path("/proc/self/mountinfo")
# File systems whose locks or syncs SQLite cannot rely on.
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "ocfs2", "gfs2", "ncpfs"}
)
_FUSE_NETWORK_FILE_SYSTEMS = {
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.ceph",
    "fuse.s3fs",
    "fuse.rclone",
    "fuse.davfs",
    "fuse.gcsfuse",
}


def prepare_file(file: Path) -> None:
    """Create the database file and its folder if they are missing, accessible to this account only.

    Raises SettingsError if the file cannot be created or is on a network file system, whose locks are unreliable.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists() or file.is_dir():
            os.close(open_private_file(file))
    except OSError as error:
        raise SettingsError(f"FORM_DATABASE_URL names a file that cannot be made: {file} ({error.strerror})") from error
    if (kind := network_file_system_type(file.resolve().parent)) is not None:
        raise SettingsError(f"FORM_DATABASE_URL names a file on a network file system ({kind}); use a local disk")


def open_private_file(path: Path) -> int:
    """Open a file for reading and writing, or create it if it is missing; return its descriptor. Raises OSError.

    A new file is accessible only to the owner of its folder.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_to_folder_owner(path, path.resolve().parent)
    return descriptor


def give_to_folder_owner(path: Path, folder: Path) -> None:
    """If this process runs as root, make the owner of `folder` the owner of the file at `path`.

    Without this, the service's own account could not open a file that root has created.
    """
    if os.geteuid() == 0:
        folder_status = folder.stat()
        os.chown(path, folder_status.st_uid, folder_status.st_gid)


def network_file_system_type(path: Path, mount_table: Path = MOUNT_TABLE) -> str | None:
    """Return the type of network file system that `path` is on, such as "nfs"; None if it is local or unknown."""
    target = path.resolve()
    longest_mount_point, file_system_type = "", ""
    try:
        lines = mount_table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None  # not Linux
    for line in lines:
        mount, _, file_system = line.partition(" - ")
        mount_point = mount.split()[4].replace("\\040", " ")
        if target.is_relative_to(mount_point) and len(mount_point) >= len(longest_mount_point):
            longest_mount_point, file_system_type = mount_point, file_system.split()[0]
    return file_system_type if file_system_type in _NETWORK_FILE_SYSTEMS | _FUSE_NETWORK_FILE_SYSTEMS else None


def free_bytes(folder: Path) -> int:
    """Return how many bytes a process without root's privileges can still write in `folder`."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


class ReservedSpace:
    """A file that reserves disk space.

    The delivery worker deletes it when the disk is too full to record the result of a delivery.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "reserved-space"

    def reserve(self) -> bool:
        """Create the file if enough space is free. Return whether the file exists at its full size."""
        try:
            if self._path.exists() and self._path.stat().st_size >= RESERVED_BYTES:
                return True
            if free_bytes(self._path.parent) < 2 * RESERVED_BYTES:
                return False
            descriptor = open_private_file(self._path)
            try:
                os.posix_fallocate(descriptor, 0, RESERVED_BYTES)
            finally:
                os.close(descriptor)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Delete the file to free its space. Errors are ignored."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
