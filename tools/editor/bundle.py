"""Bundle the editor's browser side with esbuild: CodeMirror and the project's modules become one script.

    python -m tools.editor.bundle

builds it in advance, for an editor that may not write to the folder.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.editor import npm

EDITOR = Path(__file__).resolve().parents[2] / "editor"
SOURCES = EDITOR / "src"


def _stamp(installed: Path) -> str:
    """Return a hash that changes when a module or an installed package does."""
    parts = hashlib.sha256((installed / ".installed").read_bytes())
    for file in sorted(SOURCES.glob("*.js")):
        parts.update(file.name.encode() + file.read_bytes())
    return parts.hexdigest()


def script() -> Path:
    """Return the bundled script, rebuilt when a source has changed. Raises npm.NpmError."""
    installed = npm.install(EDITOR, "editor")
    made, kept = installed / "bundle" / "editor.js", installed / "bundle" / ".stamp"
    stamp = _stamp(installed)

    def is_current() -> bool:
        return made.is_file() and kept.is_file() and kept.read_text() == stamp

    if is_current():
        return made
    with npm.alone("editor"):  # one process at a time: tests start several editors at once
        if is_current():
            return made
        sources = installed / "src"
        shutil.rmtree(sources, ignore_errors=True)
        shutil.copytree(SOURCES, sources)
        options = ("--bundle", "--minify", "--format=iife", "--target=es2022", "--legal-comments=none")
        command = [
            str(installed / "node_modules/.bin/esbuild"),
            str(sources / "main.js"),
            *options,
            f"--outfile={made}",
        ]
        done = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)
        if done.returncode:
            raise npm.NpmError(f"The editor's script could not be bundled:\n{done.stderr[-2000:]}")
        kept.write_text(stamp)
        return made


def main() -> int:
    """Build the script. Return 0, or 1 with a message."""
    try:
        script()
    except npm.NpmError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
