"""Try what an intruder would try in a unit's sandbox, and write the results to FILE. Runs with Debian's Python.

python3 probe.py FILE
"""

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

FOLDERS = ("/etc", "/usr", "/srv/front-door", "/var/lib", "/var/log", "/var/backups/front-door", "/opt", "/root")


def works(what: Callable[[], object]) -> bool:
    """Return whether the action succeeded."""
    try:
        what()
    except (OSError, ValueError):
        return False
    return True


def write(folder: str) -> Callable[[], object]:
    """Return a function that writes a file into `folder`."""
    return lambda: (Path(folder) / "front-door-probe").write_text("x")


def system_call(name: str, *arguments: object) -> Callable[[], object]:
    """Return a function that calls `name` of the C library, which raises OSError if the call is refused."""

    def call() -> None:
        if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)

    return call


def gain_rights() -> None:
    """Make a setuid file."""
    file = Path("front-door-probe")
    file.write_text("x")
    file.chmod(0o4755)


def main(file: Path) -> None:
    """Try everything and write the results to `file` as JSON."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    others = [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = {
        "written": [folder for folder in FOLDERS if works(write(folder))],
        "secrets read": works(Path("/etc/front-door/form.env").read_bytes),
        "new user namespace": works(system_call("unshare", 0x10000000)),
        "mounted": works(system_call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)),
        "became root": works(lambda: os.setuid(0)),
        "file with its owner's rights": works(gain_rights),
        "memory to write and to run": works(lambda: mmap.mmap(-1, 4096, prot=7)),
        "raw socket": works(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
        "netlink": works(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "saw process 1": "1" in others,
        "devices": sorted({path.name for path in Path("/dev").iterdir()} & {"vda", "sda", "kmsg", "mem", "fuse"}),
        "capabilities": int(status["CapBnd"], 16) | int(status["CapEff"], 16),
        "user": os.getuid() != 0,
        "own state": works(lambda: file.write_text("")),
    }
    file.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
