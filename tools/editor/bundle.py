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
BUNDLE = "bundle/editor.js"


def _source_hash(npm_folder: Path) -> str:
    """Return a hash that changes when a module or an installed package does."""
    digest = hashlib.sha256((npm_folder / ".installed").read_bytes())
    for file in sorted(SOURCES.glob("*.js")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def script() -> Path:
    """Return the path of the bundled script. Rebuild it first if a source has changed. Raises npm.NpmError."""
    folder = npm.install(EDITOR, "editor")
    npm.update("editor", "bundle/.stamp", _source_hash(folder), _bundle)
    return folder / BUNDLE


def _bundle(folder: Path) -> None:
    """Bundle the sources with the packages that are installed in `folder`."""
    sources = folder / "src"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(SOURCES, sources)
    options = ("--bundle", "--minify", "--format=iife", "--target=es2022", "--legal-comments=none")
    command = [str(folder / "node_modules/.bin/esbuild"), str(sources / "main.js"), *options]
    command.append(f"--outfile={folder / BUNDLE}")
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise npm.NpmError(f"The editor's script could not be bundled:\n{result.stderr[-2000:]}")


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
