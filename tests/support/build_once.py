"""Build a folder that takes long to build, such as the site, only once for all processes of a test run."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder that the processes of a test run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def build_once(tmp_path_factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Build the folder `name` once for all processes of a test run, and return it; later callers wait for the first."""
    base_folder = shared_folder(tmp_path_factory)
    folder, built_marker = base_folder / name, base_folder / f"{name}.built"
    with (base_folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built_marker.exists():
            build(folder)
            built_marker.touch()
    return folder
