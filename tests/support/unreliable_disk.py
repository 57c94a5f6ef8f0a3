"""A FUSE file system in memory that can simulate a power cut: unsynced writes may be lost.

    python -m tests.support.unreliable_disk MOUNT SNAPSHOTS

`mkdir MOUNT/cut-SEED` simulates a power cut, and writes what survives to SNAPSHOTS/SEED. All synced data survives, and
a random choice of the unsynced sectors: writes are dropped, reordered and torn. SEED makes the choice repeatable.
"""

import errno
import random
import stat
import sys
import time
from pathlib import Path
from typing import Any

import mfusepy

SECTOR_BYTES = 512
Change = tuple[str, int, bytes]  # "write", offset, data or "truncate", size, b""


class File:
    """A file: the content that programs see, the content that is synced, and the changes since the last sync."""

    def __init__(self, mode: int) -> None:
        self.mode = mode
        self.visible_content = bytearray()
        self.durable_content = b""
        self.pending_changes: list[Change] = []
        self.modified_ns = time.time_ns()

    def write(self, data: bytes, offset: int) -> None:
        self._apply(self.visible_content, ("write", offset, data))
        self.pending_changes.append(("write", offset, data))
        self.modified_ns = time.time_ns()

    def truncate(self, size: int) -> None:
        self._apply(self.visible_content, ("truncate", size, b""))
        self.pending_changes.append(("truncate", size, b""))

    def sync(self) -> None:
        self.durable_content = bytes(self.visible_content)
        self.pending_changes.clear()

    def content_after_power_cut(self, rng: random.Random) -> bytes:
        content = bytearray(self.durable_content)
        outcome = rng.choice(("all lost", "sector by sector", "torn at the end"))
        if outcome == "all lost":
            return bytes(content)
        kept_count = (
            len(self.pending_changes) if outcome == "sector by sector" else rng.randint(0, len(self.pending_changes))
        )
        for index, (kind, offset, data) in enumerate(self.pending_changes[:kept_count]):
            if kind == "truncate":
                if rng.random() < 0.5:
                    self._apply(content, (kind, offset, data))
                continue
            is_torn = outcome == "torn at the end" and index == kept_count - 1
            for start in range(0, len(data), SECTOR_BYTES):
                is_kept = start < len(data) // 2 if is_torn else outcome != "sector by sector" or rng.random() < 0.5
                if is_kept:
                    self._apply(content, ("write", offset + start, data[start : start + SECTOR_BYTES]))
        return bytes(content)

    @staticmethod
    def _apply(content: bytearray, change: Change) -> None:
        kind, offset, data = change
        end = offset + len(data)
        if kind == "truncate" and len(content) > offset:
            del content[offset:]
        elif len(content) < end:
            content.extend(bytes(end - len(content)))
        if kind == "write":
            content[offset:end] = data


class Disk(mfusepy.Operations):  # type: ignore[misc]
    """A file system with a single folder.

    Each simulated power cut copies the files, as they survive it, into a new folder below `snapshots_folder`.
    """

    use_ns = True

    def __init__(self, snapshots_folder: Path) -> None:
        self.files: dict[str, File] = {}
        self.snapshots_folder = snapshots_folder

    def _file(self, path: str) -> File:
        try:
            return self.files[path]
        except KeyError:
            raise mfusepy.FuseOSError(errno.ENOENT) from None

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        file = self._file(path)
        return {
            "st_mode": stat.S_IFREG | file.mode & 0o7777,
            "st_nlink": 1,
            "st_size": len(file.visible_content),
            "st_mtime": file.modified_ns,
            "st_ctime": file.modified_ns,
            "st_atime": file.modified_ns,
        }

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *(name[1:] for name in self.files)]

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        self.files[path] = File(mode)
        return 0

    def open(self, path: str, flags: int) -> int:
        self._file(path)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._file(path).visible_content[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._file(path).write(data, offset)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._file(path).truncate(length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._file(path).sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        return 0

    def unlink(self, path: str) -> int:
        self._file(path)
        del self.files[path]
        return 0

    def rename(self, old_path: str, new_path: str) -> int:
        self.files[new_path] = self._file(old_path)
        del self.files[old_path]
        return 0

    def chmod(self, path: str, mode: int) -> int:
        if path != "/":
            self._file(path).mode = mode
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0  # every file belongs to root

    def utimens(self, path: str, times: Any = None) -> int:
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 20, "f_bavail": 1 << 20, "f_bfree": 1 << 20}

    def mkdir(self, path: str, mode: int) -> int:
        seed = int(path.removeprefix("/cut-"))
        folder = self.snapshots_folder / str(seed)
        folder.mkdir()
        rng = random.Random(seed)
        for name, file in self.files.items():
            if not name.endswith("-shm"):  # SQLite's shared-memory index does not survive a power cut
                (folder / name[1:]).write_bytes(file.content_after_power_cut(rng))
        raise mfusepy.FuseOSError(errno.EPERM)  # tells the caller that no folder was made


if __name__ == "__main__":
    mfusepy.FUSE(Disk(Path(sys.argv[2])), sys.argv[1], foreground=True, nothreads=True, fsname="power")
