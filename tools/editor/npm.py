"""Programs from npm, by exact version and checksum, into the git-ignored build folder."""

import base64
import fcntl
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build" / "npm"


class NpmError(RuntimeError):
    """A program from npm could not be had; the message says which and why."""


@contextmanager
def _alone(name: str) -> Iterator[Path]:
    """The folder for `name`, held by one process at a time."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield BUILD / name


def _npm(*arguments: str, cwd: Path) -> str:
    if shutil.which("npm") is None:
        raise NpmError("npm is not on this machine. On Debian: apt-get install nodejs npm (Node 20 or newer)")
    done = subprocess.run(["npm", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NpmError(f"npm {arguments[0]} failed in {cwd}:\n{done.stderr[-2000:]}")
    return done.stdout


def install(source: Path, name: str | None = None) -> Path:
    """A copy of the folder `source` with what its package-lock.json names installed; no package's script is run.

    Returns the copy's folder, the same one at once when nothing changed. Raises NpmError.
    """
    files = sorted(path for path in source.iterdir() if path.is_file())
    stamp = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
    with _alone(name or source.name) as folder:
        done = folder / ".installed"
        if done.is_file() and done.read_text() == stamp:
            return folder
        folder.mkdir(exist_ok=True)
        for path in files:
            shutil.copyfile(path, folder / path.name)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
        done.write_text(stamp)
        return folder


def unpack(package: str, version: str, sha512: str) -> Path:
    """The files of one package without the packages it names, checked against `sha512` (base64, as in a lock file).

    Returns the folder that holds its package.json. Raises NpmError when it cannot be had or is not the one expected.
    """
    with _alone(f"{package.strip('@').replace('/', '-')}-{version}") as folder:
        if (folder / "package.json").is_file():
            return folder
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _npm("pack", "--ignore-scripts", f"{package}@{version}", cwd=part)
        (archive,) = part.glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != sha512:
            raise NpmError(f"{package}@{version} is not the package that was checked: sha512 {found}")
        with tarfile.open(archive) as packed:
            packed.extractall(part, filter="data")
        (part / "package").rename(folder)
        shutil.rmtree(part)
        return folder
