"""Install programs from npm, pinned by version and checksum, in the git-ignored build folder."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build" / "npm"


class NpmError(RuntimeError):
    """A program from npm is not available; the message says which and why."""


def update(name: str, stamp_file: str, stamp: str, make: Callable[[Path], None]) -> Path:
    """Call `make` with the folder for `name`, unless its file `stamp_file` contains `stamp`; return that folder.

    A lock lets one process at a time call `make`, because tests start several editors at once.
    """
    folder = BUILD / name
    path = folder / stamp_file

    def is_current() -> bool:
        return path.is_file() and path.read_text() == stamp

    if is_current():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with (BUILD / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current():
            make(folder)
            path.write_text(stamp)
    return folder


def _npm(*arguments: str, cwd: Path) -> str:
    if shutil.which("npm") is None:
        raise NpmError("npm is not installed on this machine. On Debian: apt-get install nodejs npm (Node 20 or newer)")
    result = subprocess.run(["npm", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    if result.returncode:
        raise NpmError(f"npm {arguments[0]} failed in {cwd}:\n{result.stderr[-2000:]}")
    return result.stdout


def install(source: Path, name: str | None = None) -> Path:
    """Copy the files in `source`, and install the packages of package-lock.json there without running their scripts.

    Do nothing if the files are unchanged. Return the copy's folder. Raises NpmError.
    """
    files = sorted(path for path in source.iterdir() if path.is_file())
    stamp = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()

    def copy_and_install(folder: Path) -> None:
        for path in files:
            shutil.copyfile(path, folder / path.name)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)

    return update(name or source.name, ".installed", stamp, copy_and_install)
