"""The branch at the Git host from which the site is built.

The hosted editor has its own clone of the project. Between two changes the clone equals that branch exactly: before
each change it pulls what others published, and afterwards it pushes the change. A change that cannot be pushed is
undone; the text stays in the person's browser, from which they can try again.
"""

import sys
from datetime import datetime

from tools.editor.git import Git, GitError

NOTHING_LOST = "Nothing has been lost: try again in a few minutes, or tell the person who looks after the site."


REJECTED_SIGNS = ("[rejected]", "cannot lock ref")  # another person has pushed since


class NotPublished(ValueError):
    """The Git host could not be reached, or did not take the change; the message is for the editor."""


class Upstream:
    """The upstream of the branch that is checked out; its `name` is empty where there is none."""

    def __init__(self, git: Git) -> None:
        self._git = git
        local_branch = git.query("symbolic-ref", "--short", "HEAD").strip()
        self._remote = git.query("config", f"branch.{local_branch}.remote").strip()
        self._upstream_ref = git.query("config", f"branch.{local_branch}.merge").strip()
        if self._remote:  # left behind by a killed process; no other process uses this clone
            (git.root / ".git" / "index.lock").unlink(missing_ok=True)
        self.name = f"{self._remote} {self._upstream_ref.removeprefix('refs/heads/')}" if self._remote else ""

    def pull(self) -> None:
        """Fetch the branch and reset the clone to it. Raises NotPublished when the Git host does not answer.

        Whatever a killed process left behind, or a person changed in the clone by hand, is stashed or kept in a branch.
        """
        try:
            self._git.run("fetch", "--quiet", self._remote)
        except GitError as error:
            _log(error)
            raise NotPublished(f"The server that keeps the site is not responding. {NOTHING_LOST}") from error
        if self._git.query("status", "--porcelain").strip():
            self._git.query(*_EDITOR_IDENTITY, "stash", "push", "--quiet", "--include-untracked")
        if self._git.query("rev-list", "@{upstream}..HEAD").strip():
            self._git.query("branch", f"put-aside-{datetime.now():%Y%m%d-%H%M%S-%f}", "HEAD")
        self.undo()

    def push(self) -> bool:
        """Publish the last commit. If another person published first, undo the commit and return False.

        Raises NotPublished; the commit is undone then too, unless the undoing is what failed.
        """
        try:
            self._git.run("push", "--quiet", self._remote, f"HEAD:{self._upstream_ref}")
        except GitError as error:
            self.undo()
            if any(sign in str(error) for sign in REJECTED_SIGNS):
                return False
            _log(error)
            raise NotPublished(f"The server that keeps the site did not accept the change. {NOTHING_LOST}") from error
        return True

    def undo(self) -> None:
        """Reset the clone to the branch as it was last fetched. Raises NotPublished."""
        try:
            self._git.run("reset", "--quiet", "--hard", "@{upstream}")
        except GitError as error:
            _log(error)
            raise NotPublished(
                f"The editor’s copy of the site could not be brought up to date. {NOTHING_LOST}"
            ) from error


_EDITOR_IDENTITY = ("-c", "user.name=Editor", "-c", "user.email=editor@localhost")


def _log(error: GitError) -> None:
    """Write the error to the machine's journal, for the operator."""
    print(f"Git: {error}", file=sys.stderr, flush=True)
