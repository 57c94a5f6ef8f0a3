"""The branch at the Git host that the site is built from.

The editor on an address of its own has a clone of the project for itself. Between two changes the clone is exactly
that branch: before each change it takes over what others published, and after it what was published is pushed.
A change that cannot be pushed is taken back, so that the words in the person's browser are what there is to try again.
"""

import sys
from datetime import datetime

from tools.editor.git import Git, GitError

KEEPS = "Nothing has been lost: try again in a few minutes, or tell the person who looks after the site."


FASTER = ("[rejected]", "cannot lock ref")  # somebody else has pushed since


class NotPublished(ValueError):
    """The Git host could not be reached, or did not take the change; the message is for the editor."""


class Upstream:
    """The upstream branch of `git`'s branch; `name` is empty where there is none."""

    def __init__(self, git: Git) -> None:
        self._git = git
        branch = git.query("symbolic-ref", "--short", "HEAD").strip()
        self._remote = git.query("config", f"branch.{branch}.remote").strip()
        self._branch = git.query("config", f"branch.{branch}.merge").strip()
        if self._remote:  # left behind by a process that was killed; no other works in this clone
            (git.root / ".git" / "index.lock").unlink(missing_ok=True)
        self.name = f"{self._remote} {self._branch.removeprefix('refs/heads/')}" if self._remote else ""

    def take_over(self) -> None:
        """Make the clone what the branch is now. Raises NotPublished when the Git host does not answer.

        What a process that was killed left behind, or somebody did in the clone by hand, is put aside, not deleted.
        """
        try:
            self._git.run("fetch", "--quiet", self._remote)
        except GitError as error:
            _log(error)
            raise NotPublished(f"The server that keeps the site is not responding. {KEEPS}") from error
        if self._git.query("status", "--porcelain").strip():
            self._git.query(*_NOBODY, "stash", "push", "--quiet", "--include-untracked")
        if self._git.query("rev-list", "@{upstream}..HEAD").strip():
            self._git.query("branch", f"put-aside-{datetime.now():%Y%m%d-%H%M%S-%f}", "HEAD")
        self.undo()

    def push(self) -> bool:
        """Publish the last commit. Return False, with nothing changed, when another person published first.

        Raises NotPublished, with nothing changed either.
        """
        try:
            self._git.run("push", "--quiet", self._remote, f"HEAD:{self._branch}")
        except GitError as error:
            self.undo()
            if any(sign in str(error) for sign in FASTER):
                return False
            _log(error)
            raise NotPublished(f"The server that keeps the site did not accept the change. {KEEPS}") from error
        return True

    def undo(self) -> None:
        """Make the clone what the branch was when it was last asked. Raises NotPublished."""
        try:
            self._git.run("reset", "--quiet", "--hard", "@{upstream}")
        except GitError as error:
            _log(error)
            raise NotPublished(f"The editor’s copy of the site could not be brought up to date. {KEEPS}") from error


_NOBODY = ("-c", "user.name=Editor", "-c", "user.email=editor@localhost")


def _log(error: GitError) -> None:
    """Tell the person who looks after the machine, in its journal."""
    print(f"Git: {error}", file=sys.stderr, flush=True)
