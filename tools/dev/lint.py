"""The checks of `make lint`: format, lint, types, import layers, spelling and the pages' text.

Every check runs, even if one fails.
"""

import ast
import subprocess
import sys
from pathlib import Path

BIN_FOLDER = Path(sys.executable).parent
MAX_FILE_LINES = 300
# Words with which no imperative sentence begins; ruff's D401 finds verbs in another mood.
NON_VERBS = {
    *("A", "All", "An", "Each", "Every", "Exactly", "How", "It", "Its", "One", "Some", "The", "Their", "What", "Where"),
    *("Whether", "Which", "Who"),
}
SOURCE_PATTERNS = ("*.py", "*.html", "*.css", "*.js")


def project_files(*patterns: str) -> list[Path]:
    """Return the files that match one of `patterns`, except those that Git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [Path(name) for name in names if name and Path(name).is_file()]


def overlong_files() -> list[str]:
    """Return a message for each source file with more than MAX_FILE_LINES lines."""
    line_counts = ((path, path.read_text(encoding="utf-8").count("\n")) for path in project_files(*SOURCE_PATTERNS))
    return [
        f"{path}: {lines} lines, more than {MAX_FILE_LINES}" for path, lines in line_counts if lines > MAX_FILE_LINES
    ]


def docstrings_without_verb() -> list[str]:
    """Return a message for each function, except tests, whose docstring does not begin with a verb."""
    return [
        f"{path}, line {node.lineno}: the docstring of {node.name} does not begin with a verb"
        for path in project_files("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_")
        if (ast.get_docstring(node) or "Do").split()[0].rstrip(",:") in NON_VERBS
    ]


def run_check(name: str, *command: str) -> bool:
    """Run a command as a check, and print its result. Return whether it passed."""
    result = subprocess.run(command, capture_output=True, text=True)
    return report_check(name, [result.stdout + result.stderr] if result.returncode else [])


def report_check(name: str, problems: list[str]) -> bool:
    """Print a check's name, whether it passed, and its problems. Return whether it passed."""
    print("\n".join([f"{'FAILED' if problems else 'ok    '}  {name}", *problems]), flush=True)
    return not problems


def main() -> int:
    """Run every check. Return 0 when all of them pass, 1 otherwise."""
    results = [
        report_check(f"files of at most {MAX_FILE_LINES} lines", overlong_files()),
        report_check("docstrings that begin with a verb", docstrings_without_verb()),
        run_check("format", str(BIN_FOLDER / "ruff"), "format", "--check", "."),
        run_check("lint", str(BIN_FOLDER / "ruff"), "check", "."),
        run_check("types", str(BIN_FOLDER / "mypy")),
        run_check("layers", str(BIN_FOLDER / "lint-imports")),
        run_check("spelling", str(BIN_FOLDER / "codespell")),
        run_check("words of the pages", sys.executable, "-m", "tools.content.check_pages"),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
