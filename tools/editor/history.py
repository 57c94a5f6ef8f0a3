"""What changed, and when: the project's Git history, in words for people who do not use Git."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Version:
    """One earlier version of a file: `file` is the path that it had then."""

    id: str
    when: str
    who: str
    what: str
    file: str


class History:
    """The Git history of `root`; empty where the project is not kept in Git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.exists = bool(shutil.which("git")) and self._git("rev-parse", "--show-toplevel").strip() == str(root)

    def _git(self, *arguments: str) -> str:
        command = ["git", "-c", "core.quotePath=false", *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False, encoding="utf-8")
        return done.stdout if done.returncode == 0 else ""

    def record(self, paths: list[str], message: str) -> bool:
        """Commit these files only. Return False when Git failed; the files are saved all the same."""
        if not self.exists:
            return False
        who: list[str] = []
        if not self._git("config", "user.email").strip():
            who = ["-c", "user.name=Editor", "-c", "user.email=editor@localhost"]
        self._git("add", "--all", "--", *paths)
        done = self._git(*who, "-c", "commit.gpgsign=false", "commit", "--no-verify", "-m", message, "--", *paths)
        return bool(done)

    def versions(self, path: str, most: int = 100) -> list[Version]:
        """Return the versions of the file at `path`, newest first, including those under earlier names."""
        layout = "%x1e" + SEPARATOR.join(("%H", "%aI", "%an", "%s"))
        log = self._git("log", "--follow", f"-{most}", f"--format={layout}", "--name-only", "--", path)
        found = []
        for part in log.split("\x1e")[1:]:
            head, _, names = part.partition("\n")
            id_, when, who, what = head.split(SEPARATOR)
            found.append(Version(id_, when, who, what, names.strip().split("\n")[-1] or path))
        return found

    def text(self, path: str, id_: str) -> str | None:
        """Return the text of the file at `path` in the version `id_`, or None."""
        for version in self.versions(path):
            if version.id == id_:
                return self._git("show", f"{id_}:{version.file}").replace("\r\n", "\n").removeprefix("\ufeff")
        return None
