"""Bundle the editor's browser side with esbuild: CodeMirror and the project's modules become one script each."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from tools.editor import npm

EDITOR = Path(__file__).resolve().parents[2] / "editor"
SOURCES = EDITOR / "src"
ENTRIES = {"editor.js": "main.js", "surface.js": "hosted.js"}


def _stamp(installed: Path) -> str:
    """Return a hash that changes when a module or an installed package does."""
    parts = hashlib.sha256((installed / ".installed").read_bytes())
    for file in sorted(SOURCES.glob("*.js")):
        parts.update(file.name.encode() + file.read_bytes())
    return parts.hexdigest()


def scripts() -> dict[str, Path]:
    """Return the bundled scripts by name, rebuilt when a source has changed. Raises npm.NpmError."""
    installed = npm.install(EDITOR, "editor")
    out = installed / "bundles"
    made = {name: out / name for name in ENTRIES}
    stamp = _stamp(installed)
    kept = out / ".stamp"
    if kept.is_file() and kept.read_text() == stamp and all(path.is_file() for path in made.values()):
        return made
    sources = installed / "src"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(SOURCES, sources)
    for name, module in ENTRIES.items():
        command = [
            str(installed / "node_modules" / ".bin" / "esbuild"),
            str(sources / module),
            *(
                "--bundle",
                "--minify",
                "--format=iife",
                "--target=es2022",
                "--legal-comments=none",
                f"--outfile={out / name}",
            ),
        ]
        done = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)
        if done.returncode:
            raise npm.NpmError(f"The editor's script could not be bundled:\n{done.stderr[-2000:]}")
    kept.write_text(stamp)
    return made
