"""A bare git repository through git's plumbing: what a Git host does with one, and what a test asks of it."""

import os
import subprocess
from pathlib import Path

Entry = dict[str, str]


class Conflict(Exception):
    """Two branches changed the same lines."""


class Missing(Exception):
    """There is no such folder."""


class Bare:
    """One bare repository. Every method raises subprocess.CalledProcessError when git says no."""

    def __init__(self, folder: Path, files: Path) -> None:
        """Make it in `folder` with one commit on main that holds `files`."""
        self.folder = folder
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True, timeout=30)
        self.git("--work-tree", str(files), "add", "--force", "--all", ".", cwd=files)
        first = self.commit("The project as it was", self.git("write-tree"), [], ("The project", "project@example.org"))
        self.git("update-ref", "refs/heads/main", first)

    def git(self, *arguments: str, given: bytes | None = None, cwd: Path | None = None, **env: str) -> str:
        """Return what git answers, without its last line's end."""
        return self.raw(*arguments, given=given, cwd=cwd, **env).decode().removesuffix("\n")

    def raw(self, *arguments: str, given: bytes | None = None, cwd: Path | None = None, **env: str) -> bytes:
        """Return what git answers, to the letter; nothing of this machine's or person's own settings counts."""
        alone = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": os.environ["PATH"]}
        command = ["git", "--git-dir", str(self.folder), *arguments]
        done = subprocess.run(
            command, check=True, input=given, capture_output=True, cwd=cwd, env={**alone, **env}, timeout=30
        )
        return done.stdout

    def at(self, name: str) -> str | None:
        """Return the commit of a branch or of any other name; None when there is no such thing."""
        try:
            return self.git("rev-parse", "--verify", "-q", f"{name}^{{commit}}")
        except subprocess.CalledProcessError:
            return None

    def file(self, branch: str, path: str) -> str | None:
        """Return the hash of a file's content in a branch; None when it is not there."""
        try:
            return self.git("rev-parse", "--verify", "-q", f"{branch}:{path}")
        except subprocess.CalledProcessError:
            return None

    def branches(self) -> list[str]:
        """Return the names of all branches."""
        return self.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()

    def blob(self, data: bytes) -> str:
        """Keep a file's content."""
        return self.git("hash-object", "-w", "--stdin", given=data)

    def text(self, branch: str, path: str) -> str:
        """Return a file as it stands in a branch."""
        return self.raw("cat-file", "blob", f"{branch}:{path}").decode()

    def entries(self, tree: str, *options: str) -> list[Entry]:
        """Return a folder's entries; `tree` is "branch:folder", and `-r` includes what lies deeper. Raises Missing."""
        try:
            lines = self.git("ls-tree", "-l", *options, tree).splitlines()
        except subprocess.CalledProcessError as error:
            raise Missing(tree) from error
        parts = (line.split(None, 4) for line in lines)
        return [{"mode": m, "type": t, "sha": s, "size": z, "path": p} for m, t, s, z, p in parts]

    def tree(self, base: str | None, changes: list[Entry]) -> str:
        """Write a tree like that of `base` but for the changes; one without `sha` removes the file."""
        index = {"GIT_INDEX_FILE": str(self.folder / f"index-{os.urandom(6).hex()}")}
        self.git("read-tree", *([base] if base else ["--empty"]), **index)
        lines = [f"{one['mode'] if one['sha'] else '0'} {one['sha'] or '0' * 40}\t{one['path']}\n" for one in changes]
        self.git("update-index", "--index-info", given="".join(lines).encode(), **index)
        made = self.git("write-tree", **index)
        Path(index["GIT_INDEX_FILE"]).unlink()
        return made

    def commit(self, message: str, tree: str, parents: list[str], author: tuple[str, str]) -> str:
        """Keep a commit by one person."""
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _named(author)}
        before = [option for parent in parents for option in ("-p", parent)]
        return self.git("commit-tree", tree, *before, given=message.encode(), **who)

    def merge(self, into: str, branch: str, message: str, author: tuple[str, str]) -> str:
        """Merge one branch into another as git does it. Raises Conflict, with nothing changed."""
        try:
            tree = self.git("merge-tree", "--write-tree", into, branch).splitlines()[0]
        except subprocess.CalledProcessError as error:
            raise Conflict(error.stdout.decode()) from error
        done = self.commit(message, tree, [self.git("rev-parse", into), self.git("rev-parse", branch)], author)
        self.git("update-ref", f"refs/heads/{into}", done)
        return done

    def about(self, commit: str) -> dict[str, str]:
        """Return who made a commit, when and why."""
        names = ("sha", "tree", "parents", "name", "email", "date", "message")
        told = self.git("show", "-s", "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%B", commit)
        return dict(zip(names, told.split("\0"), strict=True))

    def changed(self, before: str, after: str) -> list[Entry]:
        """Return the files that differ: their paths, what happened (A, M or D) and what they hold now."""
        lines = self.git("diff-tree", "-r", before, after).splitlines()
        parts = (line.lstrip(":").split(None, 5) for line in lines)
        return [{"mode": mode, "sha": sha, "status": status, "path": path} for _, mode, _, sha, status, path in parts]

    def lines(self, before: str, after: str) -> list[str]:
        """Return the lines that differ, each with - or + before it."""
        lines = self.git("diff", "--unified=0", before, after).splitlines()
        return [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]


def _named(author: tuple[str, str]) -> list[tuple[str, str]]:
    return [("NAME", author[0]), ("EMAIL", author[1])]
