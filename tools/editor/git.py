"""Run Git commands in the project's folder, without ever asking for a password."""

import os
import shutil
import subprocess
from pathlib import Path

# Git must never wait for a password or a passphrase that nobody can type.
NON_INTERACTIVE_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=15"),
    "LC_ALL": "C.UTF-8",
}
TIMEOUT_SECONDS = 90.0  # for a slow network


class GitError(RuntimeError):
    """Raised if a Git command fails or takes too long. The message says why."""


class Git:
    """A runner of Git commands in the folder `root`.

    `is_available` says whether Git is installed and `root` is the top folder of a repository.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_available = bool(shutil.which("git")) and self.query("rev-parse", "--show-toplevel").strip() == str(
            root
        )

    def run(self, *arguments: str) -> str:
        """Run a Git command in `root` and return its output.

        Raises GitError if the command fails or takes too long, and OSError if Git is missing.
        """
        try:
            result = subprocess.run(
                ["git", "-c", "core.quotePath=false", *arguments],
                cwd=self.root,
                env={**os.environ, **NON_INTERACTIVE_ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {arguments[0]} took longer than {TIMEOUT_SECONDS:.0f} seconds") from error
        if result.returncode:
            raise GitError("; ".join(result.stderr.strip().splitlines()) or f"git {arguments[0]} failed")
        return result.stdout

    def query(self, *arguments: str) -> str:
        """Run a Git command in `root` and return its output, or "" if it fails."""
        try:
            return self.run(*arguments)
        except (GitError, OSError):
            return ""
