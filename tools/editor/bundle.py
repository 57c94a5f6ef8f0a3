"""Bundle the editor's browser side with esbuild: CodeMirror and the project's modules become one script.

    python -m tools.editor.bundle

builds it in advance, for an editor that may not write to the build folder.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.editor import npm

EDITOR = Path(__file__).resolve().parents[2] / "editor"
SOURCES = EDITOR / "src"


def _source_hash(installed: Path) -> str:
    """Return a hash that changes when a module or an installed package does."""
    parts = hashlib.sha256((installed / ".installed").read_bytes())
    for file in sorted(SOURCES.glob("*.js")):
        parts.update(file.name.encode() + file.read_bytes())
    return parts.hexdigest()


def script() -> Path:
    """Return the path of the bundled script. Rebuild it first if a source has changed. Raises npm.NpmError."""
    npm_folder = npm.install(EDITOR, "editor")
    bundle, stamp_file = npm_folder / "bundle" / "editor.js", npm_folder / "bundle" / ".stamp"
    stamp = _source_hash(npm_folder)

    def is_current() -> bool:
        return bundle.is_file() and stamp_file.is_file() and stamp_file.read_text() == stamp

    if is_current():
        return bundle
    with npm.locked_folder("editor"):  # one process at a time: tests start several editors at once
        if is_current():
            return bundle
        sources = npm_folder / "src"
        shutil.rmtree(sources, ignore_errors=True)
        shutil.copytree(SOURCES, sources)
        options = ("--bundle", "--minify", "--format=iife", "--target=es2022", "--legal-comments=none")
        command = [
            str(npm_folder / "node_modules/.bin/esbuild"),
            str(sources / "main.js"),
            *options,
            f"--outfile={bundle}",
        ]
        done = subprocess.run(command, cwd=npm_folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise npm.NpmError(f"The editor's script could not be bundled:\n{done.stderr[-2000:]}")
        stamp_file.write_text(stamp)
        return bundle


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
