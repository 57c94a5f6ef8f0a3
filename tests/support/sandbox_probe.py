"""Try to break out of the sandbox of a systemd unit, as an intruder would, and write the results to FILE.

python3 sandbox_probe.py FILE

This script runs with Debian's Python.
"""

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

PROBED_FOLDERS = ("/etc", "/usr", "/srv/front-door", "/var/lib", "/var/log", "/var/backups/front-door", "/opt", "/root")


def succeeds(action: Callable[[], object]) -> bool:
    """Call `action`; return False if it raises OSError or ValueError, and True otherwise."""
    try:
        action()
    except (OSError, ValueError):
        return False
    return True


def file_writer(folder: str) -> Callable[[], object]:
    """Return a function that writes a file into `folder`."""
    return lambda: (Path(folder) / "front-door-probe").write_text("x")


def system_call(name: str, *arguments: object) -> Callable[[], object]:
    """Return a function that makes this system call through the C library.

    The function raises OSError if the kernel refuses the call.
    """

    def call() -> None:
        if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)

    return call


def make_setuid_file() -> None:
    """Create a file and set its setuid bit. Raises OSError if the kernel refuses that."""
    file = Path("front-door-probe")
    file.write_text("x")
    file.chmod(0o4755)


def main(file: Path) -> None:
    """Try every way out of the sandbox, and write the results to `file` as JSON."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    process_ids = [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
    results = {
        "written": [folder for folder in PROBED_FOLDERS if succeeds(file_writer(folder))],
        "secrets read": succeeds(Path("/etc/front-door/form.env").read_bytes),
        "new user namespace": succeeds(system_call("unshare", 0x10000000)),
        "mounted": succeeds(system_call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)),
        "became root": succeeds(lambda: os.setuid(0)),
        "file with its owner's rights": succeeds(make_setuid_file),
        "memory to write and to run": succeeds(lambda: mmap.mmap(-1, 4096, prot=7)),
        "raw socket": succeeds(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
        "netlink": succeeds(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "saw process 1": "1" in process_ids,
        "devices": sorted({path.name for path in Path("/dev").iterdir()} & {"vda", "sda", "kmsg", "mem", "fuse"}),
        "capabilities": int(status["CapBnd"], 16) | int(status["CapEff"], 16),
        "user": os.getuid() != 0,
        "own state": succeeds(lambda: file.write_text("")),
    }
    file.write_text(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
