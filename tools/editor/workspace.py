"""A scratch copy of the project in which unsaved words are built, so that a preview never touches the files."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

# What the build of pages and leaflets needs; tests, guides and everything that was built stay out.
PARTS = ("docs", "overrides", "leaflet", "service_profile", "site_markdown", "tools", "form_service", "mkdocs.yml")
EDITED = ("docs", "leaflet", "mkdocs.yml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "leaflets", "node_modules")


class Scratch:
    """The copy and the process that builds in it. Use as a context manager."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = threading.Lock()
        self.leaflets_changed = False

    def __enter__(self) -> "Scratch":
        self.folder = Path(tempfile.mkdtemp(prefix="editor-"))
        for part in PARTS:
            if (self.root / part).is_dir():
                shutil.copytree(self.root / part, self.folder / part, ignore=LEFT_OUT)
            else:
                shutil.copyfile(self.root / part, self.folder / part)
        self.worker = self._start()
        return self

    def _start(self) -> "subprocess.Popen[str]":
        env = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.worker.stdin and self.worker.stdout:
            self.worker.stdin.close()
            self.worker.stdout.close()
        self.worker.terminate()
        self.worker.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_saved(self) -> None:
        """Bring the copy back to what is saved."""
        for part in EDITED:
            files = [self.root / part] if (self.root / part).is_file() else (self.root / part).rglob("*.md")
            for file in files:
                inside = file.relative_to(self.root)
                if inside.parts[:2] == ("docs", "leaflets"):
                    continue
                here = self.folder / inside
                if not here.exists() or here.read_bytes() != file.read_bytes():
                    self._put(inside, file.read_text(encoding="utf-8"))

    def _put(self, inside: Path, text: str) -> None:
        (self.folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / inside).write_text(text, encoding="utf-8")
        self.leaflets_changed = self.leaflets_changed or inside.parts[0] != "docs"

    def build(self, path: str, text: str) -> list[str]:
        """Build everything with the unsaved `text` in place of the file at `path`; what must be mended."""
        with self.lock:
            self._as_saved()
            self._put(Path(path), text)
            if self.worker.poll() is not None:
                self.worker = self._start()
            if not (self.worker.stdin and self.worker.stdout):
                return []
            self.worker.stdin.write(json.dumps({"leaflets": self.leaflets_changed}) + "\n")
            self.worker.stdin.flush()
            answer = self.worker.stdout.readline()
            self.leaflets_changed = False
            problems: list[str] = json.loads(answer)["problems"] if answer else ["The preview stopped; start again."]
            return problems
