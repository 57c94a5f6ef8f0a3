"""Commit changes to the project's Git history, and read earlier versions of files."""

from dataclasses import dataclass
from pathlib import Path

from tools.editor.git import Git, GitError

FIELD_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Author:
    """The author of a change. An empty `email` stands for the author in this machine's Git configuration."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Version:
    """One version of a file in the Git history.

    `id` is the hash of the commit, `when` its time, `who` its author, and `what` its message. `file` is the file's path
    at that time.
    """

    id: str
    when: str
    who: str
    what: str
    file: str


class History:
    """The Git history of the project in `root`. It is empty if `root` is not a repository."""

    def __init__(self, root: Path) -> None:
        self.git = Git(root)
        self.is_available = self.git.is_available

    def commit(self, paths: list[str], message: str, author: Author) -> bool:
        """Commit only the files at `paths`. Return False if there is no repository or Git fails."""
        if not self.is_available:
            return False
        if not author.email and not self.git.query("config", "user.email").strip():
            author = Author("Editor", "editor@localhost")
        identity = ["-c", f"user.name={author.name}", "-c", f"user.email={author.email}"] if author.email else []
        try:
            self.git.run("add", "--all", "--", *paths)
            self.git.run(*identity, "-c", "commit.gpgsign=false", "commit", "--no-verify", "-m", message, "--", *paths)
        except GitError:
            return False
        return True

    def versions(self, path: str, limit: int = 100) -> list[Version]:
        """Return up to `limit` versions of a file, newest first. Versions before it was renamed are included."""
        log_format = "%x1e" + FIELD_SEPARATOR.join(("%H", "%aI", "%an", "%s"))
        log = self.git.query("log", "--follow", f"-{limit}", f"--format={log_format}", "--name-only", "--", path)
        versions = []
        for record in log.split("\x1e")[1:]:
            header, _, names = record.partition("\n")
            id_, when, who, what = header.split(FIELD_SEPARATOR)
            versions.append(Version(id_, when, who, what, names.strip().split("\n")[-1] or path))
        return versions

    def text(self, path: str, id_: str) -> str | None:
        """Return a file's text in the version `id_`, or None if there is no such version. Line ends are LF."""
        for version in self.versions(path):
            if version.id == id_:
                content = self.git.query("show", f"{id_}:{version.file}")
                return content.replace("\r\n", "\n").removeprefix("\ufeff")
        return None
