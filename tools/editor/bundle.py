"""Bundle the editor's browser script and its packages into one file.

`python -m tools.editor.bundle` does this in advance, for an editor that cannot write to the build folder.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.editor import npm

EDITOR_FOLDER = Path(__file__).resolve().parents[2] / "editor"
SOURCE_FOLDER = EDITOR_FOLDER / "src"
BUNDLE_PATH = Path("bundle", "editor.js")  # inside the folder of installed packages


def _source_hash(npm_folder: Path) -> str:
    """Return a hash of the editor's JavaScript modules and installed packages."""
    digest = hashlib.sha256((npm_folder / ".installed").read_bytes())
    for file in sorted(SOURCE_FOLDER.glob("*.js")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def build_script() -> Path:
    """Bundle the editor's script if a source has changed, and return the path of the bundle.

    Raises npm.NpmError if the script cannot be bundled.
    """
    folder = npm.install(EDITOR_FOLDER, "editor")
    npm.update_folder("editor", "bundle/.stamp", _source_hash(folder), _bundle)
    return folder / BUNDLE_PATH


def _bundle(folder: Path) -> None:
    """Bundle the editor's script in `folder`, where its packages are installed.

    Raises npm.NpmError if esbuild fails.
    """
    sources = folder / "src"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(SOURCE_FOLDER, sources)
    options = ("--bundle", "--minify", "--format=iife", "--target=es2022", "--legal-comments=none")
    command = [str(folder / "node_modules/.bin/esbuild"), str(sources / "main.js"), *options]
    command.append(f"--outfile={folder / BUNDLE_PATH}")
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise npm.NpmError(f"The editor's script could not be bundled:\n{result.stderr[-2000:]}")


def main() -> int:
    """Build the editor's script for the browser. Return 0, or print the error and return 1."""
    try:
        build_script()
    except npm.NpmError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
