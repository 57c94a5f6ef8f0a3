"""Run the formatter, linter, types, layers, spelling and content checks; each reports, and all of them run."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
LONGEST = 300  # lines a source file may have
SOURCES = ("*.py", "*.html", "*.css", "*.js")


def tracked(*patterns: str) -> list[Path]:
    """Return the project's files that match: those that git tracks or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [Path(name) for name in names if name and Path(name).is_file()]


def too_long() -> list[str]:
    """Return the source files over LONGEST lines, one message each."""
    counted = ((path, path.read_text(encoding="utf-8").count("\n")) for path in tracked(*SOURCES))
    return [f"{path}: {lines} lines, more than {LONGEST}" for path, lines in counted if lines > LONGEST]


def run(name: str, *command: str) -> bool:
    """Run one check and show its output only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def main() -> int:
    """Run every check. Return 0 when all of them pass, 1 otherwise."""
    long_files = too_long()
    print(f"{'FAILED' if long_files else 'ok    '}  files of at most {LONGEST} lines")
    for line in long_files:
        print(line)
    passed = [
        not long_files,
        run("format", str(BIN / "ruff"), "format", "--check", "."),
        run("lint", str(BIN / "ruff"), "check", "."),
        run("types", str(BIN / "mypy")),
        run("layers", str(BIN / "lint-imports")),
        run("spelling", str(BIN / "codespell")),
        run("words of the pages", sys.executable, "-m", "tools.content.check_pages"),
    ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
