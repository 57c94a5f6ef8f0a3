"""Pull from, and push to, the Git host's branch that the site is built from.

The hosted editor pulls before each change to its own clone, and pushes afterwards. A change that cannot be pushed is
undone, but its text stays in the person's browser.
"""

import sys
from datetime import datetime

from tools.editor.git import Git, GitError

NOTHING_LOST_MESSAGE = "Nothing has been lost: try again in a few minutes, or tell the person who looks after the site."


REJECTION_MESSAGES = ("[rejected]", "cannot lock ref")  # another person has pushed since


class NotPublished(ValueError):
    """Raised if a change cannot be published at the Git host. The message is for the editor's user."""


class Upstream:
    """The branch at the Git host from which the editor's clone pulls. `name` is "" if the clone has no such branch."""

    def __init__(self, git: Git) -> None:
        self._git = git
        local_branch = git.query("symbolic-ref", "--short", "HEAD").strip()
        self._remote = git.query("config", f"branch.{local_branch}.remote").strip()
        self._upstream_ref = git.query("config", f"branch.{local_branch}.merge").strip()
        if self._remote:  # a killed process may have left its lock; no other process uses this clone
            (git.root / ".git" / "index.lock").unlink(missing_ok=True)
        self.name = f"{self._remote} {self._upstream_ref.removeprefix('refs/heads/')}" if self._remote else ""

    def pull(self) -> None:
        """Fetch the branch from the Git host, and reset the clone to it.

        Uncommitted changes are stashed, and unpushed commits are kept on a new branch. Raises NotPublished if Git
        fails.
        """
        try:
            self._git.run("fetch", "--quiet", self._remote)
        except GitError as error:
            _log(error)
            raise NotPublished(f"The server that keeps the site is not responding. {NOTHING_LOST_MESSAGE}") from error
        if self._git.query("status", "--porcelain").strip():
            self._git.query(*_EDITOR_IDENTITY, "stash", "push", "--quiet", "--include-untracked")
        if self._git.query("rev-list", "@{upstream}..HEAD").strip():
            self._git.query("branch", f"put-aside-{datetime.now():%Y%m%d-%H%M%S-%f}", "HEAD")
        self.reset()

    def push(self) -> bool:
        """Push the last commit to the Git host. Return False if another person pushed first.

        The commit is undone if it is not pushed. Raises NotPublished if the push fails for another reason.
        """
        try:
            self._git.run("push", "--quiet", self._remote, f"HEAD:{self._upstream_ref}")
        except GitError as error:
            self.reset()
            if any(message in str(error) for message in REJECTION_MESSAGES):
                return False
            _log(error)
            raise NotPublished(
                f"The server that keeps the site did not accept the change. {NOTHING_LOST_MESSAGE}"
            ) from error
        return True

    def reset(self) -> None:
        """Reset the clone to the last fetched state of the branch. Raises NotPublished if Git fails."""
        try:
            self._git.run("reset", "--quiet", "--hard", "@{upstream}")
        except GitError as error:
            _log(error)
            raise NotPublished(
                f"The editor’s copy of the site could not be brought up to date. {NOTHING_LOST_MESSAGE}"
            ) from error


_EDITOR_IDENTITY = ("-c", "user.name=Editor", "-c", "user.email=editor@localhost")


def _log(error: GitError) -> None:
    """Print the error to standard error, which goes to the machine's log."""
    print(f"Git: {error}", file=sys.stderr, flush=True)
