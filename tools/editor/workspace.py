"""Build the site with unsaved edits, in a scratch copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tools.editor.project import Changes, Project

# What the build of pages and leaflets needs: no tests, no guides and nothing that was built.
COPIED_PARTS = (
    "docs",
    "overrides",
    "leaflet",
    "service_profile",
    "site_markdown",
    "tools",
    "form_service",
    "mkdocs.yml",
)
EDITABLE_PARTS = ("docs", "leaflet", "mkdocs.yml")
LEAFLET_OUTPUT_FOLDER = "docs/leaflets"
MAX_STORED_SITES = 8  # built sites, one for each open tab of the editor
IGNORED_FILES = shutil.ignore_patterns("__pycache__", "leaflets", "node_modules", ".*")


@dataclass(frozen=True)
class BuildResult:
    """The result of a preview build. The `problems` are new; the `older_problems` existed before the changes."""

    problems: list[str]
    older_problems: list[str]
    leaflet_page_count: int = 0  # pages of the requested leaflet that were drawn
    site_number: int = 0  # of the built site, for `ScratchCopy.site_folder`


class ScratchCopy:
    """A scratch copy of the project, and the process that builds the site in it. Use it as a context manager."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.lock = threading.Lock()
        self.last_site_number = 0
        self.saved_build: tuple[dict[str, bytes], list[str]] | None = None
        self.last_build: tuple[dict[str, bytes], str, dict[str, Any]] | None = None

    def __enter__(self) -> "ScratchCopy":
        self.folder = Path(tempfile.mkdtemp(prefix="editor-"))
        for part in COPIED_PARTS:
            source = self.project.root / part
            if source.is_dir():
                shutil.copytree(source, self.folder / part, ignore=IGNORED_FILES)
            else:
                shutil.copyfile(source, self.folder / part)
        (self.folder / "built").mkdir()
        self.worker = self._start_worker()
        return self

    def _start_worker(self) -> "subprocess.Popen[str]":
        env = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        env["MKDOCS_CONFIG"] = str(self.folder / "mkdocs.yml")
        return subprocess.Popen(
            [sys.executable, "-m", "tools.editor.preview_worker"],
            cwd=self.folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.worker.stdin and self.worker.stdout:
            self.worker.stdin.close()
            self.worker.stdout.close()
        self.worker.terminate()
        self.worker.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_files(self, files: dict[str, bytes]) -> None:
        """Replace the editable files of the scratch copy with `files`."""
        for path in set(_editable_files(self.folder)) - set(files):
            (self.folder / path).unlink()
        for path, data in files.items():
            file = self.folder / path
            if not file.is_file() or file.read_bytes() != data:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)

    def _request_build(self, leaflet: str = "") -> dict[str, Any]:
        if self.worker.poll() is not None:
            self.worker = self._start_worker()
        if not (self.worker.stdin and self.worker.stdout):
            raise RuntimeError("the preview's process has no pipes")
        self.worker.stdin.write(json.dumps({"leaflet": leaflet}) + "\n")
        self.worker.stdin.flush()
        response = self.worker.stdout.readline()
        result: dict[str, Any] = (
            json.loads(response) if response else {"problems": ["The preview has stopped. Try again."]}
        )
        self._store_site()
        return {**result, "number": self.last_site_number}

    def _store_site(self) -> None:
        """Move the built site into a numbered folder, and keep only the last MAX_STORED_SITES of these folders."""
        site = self.folder / "site"
        if not (site / "index.html").is_file():
            return
        self.last_site_number += 1
        site.rename(self.site_folder(self.last_site_number))
        shutil.rmtree(self.site_folder(self.last_site_number - MAX_STORED_SITES), ignore_errors=True)

    def site_folder(self, number: int) -> Path:
        """Return the folder of the site from build `number`. Only the last MAX_STORED_SITES folders exist."""
        return self.folder / "built" / str(number)

    def build(self, changes: Changes, leaflet: str = "") -> BuildResult:
        """Build the site with the unsaved `changes`, and separate new problems from older ones.

        `leaflet` names a PDF to draw as pictures, or is "". Raises EditError for a path that cannot be edited.
        """
        with self.lock:
            saved_files = {path: (self.project.root / path).read_bytes() for path in _editable_files(self.project.root)}
            files = dict(saved_files)
            for path, data in self.project.encode(changes).items():
                files.pop(path, None)
                if data is not None:
                    files[path] = data
            result = self._build_files(files, leaflet)
            if not result["problems"]:
                return BuildResult([], [], result.get("sheets", 0), result["number"])
            # Find out which of the problems existed before the changes.
            problems_before = {_strip_line_number(problem) for problem in self._saved_problems(saved_files)}
            result = self._build_files(files, leaflet)
            new_problems = [
                problem for problem in result["problems"] if _strip_line_number(problem) not in problems_before
            ]
            older_problems = [
                problem for problem in result["problems"] if _strip_line_number(problem) in problems_before
            ]
            return BuildResult(new_problems, older_problems, result.get("sheets", 0), result["number"])

    def _build_files(self, files: dict[str, bytes], leaflet: str = "") -> dict[str, Any]:
        """Build `files`, unless nothing has changed since the last build, and return the result.

        `leaflet` names a PDF to draw as pictures, or is "".
        """
        if self.last_build is None or self.last_build[0] != files or self.last_build[1] != leaflet:
            self._write_files(files)
            result = self._request_build(leaflet)
            if "sheets" not in result:  # the worker ended; the next request starts another
                return result
            self.last_build = (files, leaflet, result)
        return self.last_build[2]

    def _saved_problems(self, saved_files: dict[str, bytes]) -> list[str]:
        """Return the problems of a build of `saved_files`. Build only if a file has changed since the last call."""
        if self.saved_build is None or self.saved_build[0] != saved_files:
            self.saved_build = (saved_files, self._build_files(saved_files)["problems"])
        return self.saved_build[1]


def _strip_line_number(problem: str) -> str:
    """Return a problem without its line number, so that it can be compared between builds."""
    return re.sub(r", line \d+", "", problem)


def _editable_files(root: Path) -> Iterator[str]:
    """Yield the path, relative to `root`, of each editable file. Generated files are left out."""
    for part in EDITABLE_PARTS:
        path = root / part
        for file in [path] if path.is_file() else path.rglob("*"):
            relative_path = file.relative_to(root).as_posix()
            is_generated = relative_path.startswith(f"{LEAFLET_OUTPUT_FOLDER}/") or "__pycache__" in relative_path
            if file.is_file() and not file.name.startswith(".") and not is_generated:
                yield relative_path
