"""Programs from npm, pinned by version and checksum, installed in the git-ignored build folder."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build" / "npm"


class NpmError(RuntimeError):
    """A failure to install or run a program from npm; the message says which program, and why."""


def update_folder(name: str, stamp_file: str, stamp: str, fill_folder: Callable[[Path], None]) -> Path:
    """Call `fill_folder` with the build folder `name` unless it is up to date, and return that folder.

    It is up to date if its file `stamp_file` contains `stamp`. A lock lets one process at a time fill the folder,
    because tests start several editors at once.
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
            fill_folder(folder)
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
    """Copy the files of `source` to the build folder, and install the packages of their package-lock.json there.

    The packages' own scripts are not run. Do nothing if the files are unchanged. Return the folder, which is called
    `name` or else as `source` is. Raises NpmError.
    """
    files = sorted(path for path in source.iterdir() if path.is_file())
    stamp = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()

    def copy_and_install(folder: Path) -> None:
        for path in files:
            shutil.copyfile(path, folder / path.name)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)

    return update_folder(name or source.name, ".installed", stamp, copy_and_install)
