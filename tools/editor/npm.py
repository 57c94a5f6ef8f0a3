"""Install programs from npm, pinned by version and checksum, in the git-ignored build folder."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

BUILD_FOLDER = Path(__file__).resolve().parents[2] / "build" / "npm"


class NpmError(RuntimeError):
    """Raised if a program from npm cannot be installed or run. The message says what failed."""


def update_folder(name: str, stamp_file: str, stamp: str, fill_folder: Callable[[Path], None]) -> Path:
    """Call `fill_folder` on the build folder `name`, unless the folder is up to date. Return the folder's path.

    The folder is up to date if its file `stamp_file` contains `stamp`, which is written when the folder is filled. Only
    one process fills the folder at a time.
    """
    folder = BUILD_FOLDER / name
    path = folder / stamp_file

    def is_current() -> bool:
        return path.is_file() and path.read_text() == stamp

    if is_current():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with (BUILD_FOLDER / f".{name}.lock").open("w") as lock:
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
    """Install the npm packages of `source` in a build folder, and return that folder.

    Nothing happens if the files of `source` are unchanged. `name` is the folder's name, by default that of `source`.
    Raises NpmError if npm fails.
    """
    files = sorted(path for path in source.iterdir() if path.is_file())
    stamp = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()

    def copy_and_install(folder: Path) -> None:
        for path in files:
            shutil.copyfile(path, folder / path.name)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)

    return update_folder(name or source.name, ".installed", stamp, copy_and_install)
