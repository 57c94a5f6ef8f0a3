"""Lighthouse and the Nu HTML checker, installed from npm into build/npm, which Git ignores."""

import fcntl
import json
import subprocess
from pathlib import Path

from service_profile.profile import ROOT

NPM_FOLDER = ROOT / "build" / "npm"
PACKAGE_VERSIONS = {"lighthouse": "12.8.2", "vnu-jar": "26.9.27"}


def package_folder(name: str) -> Path:
    """Return the folder of an npm package; install it first if the version in PACKAGE_VERSIONS is missing."""
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    with (NPM_FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes must not install at the same time
        return _install_if_missing(name)


def _install_if_missing(name: str) -> Path:
    folder = NPM_FOLDER / "node_modules" / name
    manifest = folder / "package.json"
    if not manifest.is_file() or json.loads(manifest.read_text(encoding="utf-8"))["version"] != PACKAGE_VERSIONS[name]:
        requirements = [f"{package}@{version}" for package, version in PACKAGE_VERSIONS.items()]
        install_packages(NPM_FOLDER, *requirements)
    return folder


def install_packages(folder: Path, *requirements: str) -> None:
    """Install npm packages into `folder` without running their install scripts."""
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
    subprocess.run(["npm", "install", *options, *requirements], check=True, capture_output=True, timeout=900)
