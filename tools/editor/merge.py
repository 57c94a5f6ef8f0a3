"""Merge two people's changes to a text with Git."""

import subprocess
import tempfile
from pathlib import Path


def merge_texts(base: str, theirs: str, mine: str) -> str | None:
    """Return `base` with the changes of `theirs` and of `mine`. Return None on a conflict or if Git fails."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("mine", "base", "theirs")]
        for file, text in zip(files, (mine, base, theirs), strict=True):
            file.write_text(text, encoding="utf-8", newline="")
        command = ["git", "merge-file", "--stdout", *map(str, files)]
        try:
            result = subprocess.run(command, capture_output=True, check=False, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            return None
    return result.stdout.decode("utf-8") if result.returncode == 0 else None
