"""A stand-in for GitHub's REST API, as far as Decap CMS asks it, on a real bare repository.

What it answers is written after GitHub's documentation; that GitHub answers just so cannot be tried here.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.bare_repository import Bare, Conflict, Missing

WORDS = {"A": "added", "M": "modified", "D": "removed"}


@dataclass
class Account:
    """Somebody with an account at the Git host; `may` is what the repository lets them do."""

    login: str
    name: str
    may: str = "write"  # or "read", or "nothing": the repository is private

    @property
    def author(self) -> tuple[str, str]:
        """Return the name and email with which their commits are signed."""
        return self.name, f"{self.login}@users.noreply.github.com"


@dataclass
class PullRequest:
    number: int
    title: str
    branch: str
    by: Account
    labels: list[str] = field(default_factory=list)
    state: str = "open"


@dataclass
class Asked:
    """One request: `found` is what stood in the address."""

    account: Account
    found: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]


class No(Exception):
    """The host refuses: a status, and why."""

    def __init__(self, status: int, message: str = "Not Found") -> None:
        super().__init__(message)
        self.status, self.message = status, message


Answer = Callable[["GitHost", Asked], Any]
ROUTES: list[tuple[str, re.Pattern[str], Answer]] = []


def answers(method: str, path: str) -> Callable[[Answer], Answer]:
    """Register the function for this path, in which «sha» and the like stand for a part."""

    def known(answer: Answer) -> Answer:
        ROUTES.append((method, re.compile(re.sub("«[a-z]+»", "(.+?)", path)), answer))
        return answer

    return known


class GitHost:
    """The API for one repository. Its main branch is protected, as guides/operating.md advises."""

    def __init__(self, repository: str, bare: Bare, people: list[Account]) -> None:
        self.repository, self.bare = repository, bare
        self.people = {one.login: one for one in people}
        self.tokens: dict[str, Account] = {}
        self.requests: list[PullRequest] = []
        self.previews: dict[str, str] = {}  # a branch and the address of its preview
        self.asked: list[str] = []

    def token(self, login: str) -> str:
        """Return what a person who logged in is given."""
        token = f"gho_{login}_{len(self.tokens)}"
        self.tokens[token] = self.people[login]
        return token

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any], token: str) -> Any:
        """Return what the API answers. Raises No."""
        self.asked.append(f"{method} {path}")
        account = self.tokens.get(token)
        if account is None:
            raise No(401, "Bad credentials")
        for allowed, pattern, answer in ROUTES:
            match = pattern.fullmatch(path.replace(f"/repos/{self.repository}", "/repo", 1))
            if match and allowed == method:
                if path.startswith("/repos/"):
                    self._admit(account, method)
                return answer(self, Asked(account, match.groups(), query, body))
        raise No(404)

    @staticmethod
    def _admit(account: Account, method: str) -> None:
        if account.may == "nothing" or (method != "GET" and account.may != "write"):
            raise No(404)  # GitHub hides what somebody may not touch

    def commit_of(self, name: str) -> str:
        """Return the commit that "branch", "owner:branch" or a hash means. Raises No."""
        found = self.bare.at(name.rpartition(":")[2])
        if found is None:
            raise No(404)
        return found

    def told(self, commit: str) -> dict[str, Any]:
        """Return one commit as GitHub tells of it."""
        about = self.bare.about(commit)
        who = {name: about[name] for name in ("name", "email", "date")}
        parents = [{"sha": parent} for parent in about["parents"].split()]
        inner = {"message": about["message"], "author": who, "committer": who, "tree": {"sha": about["tree"]}}
        return {"sha": about["sha"], "parents": parents, "commit": inner}

    def request(self, number: str) -> PullRequest:
        """Return the pull request of this number. Raises No."""
        for one in self.requests:
            if str(one.number) == number:
                return one
        raise No(404)

    def shown(self, request: PullRequest) -> dict[str, Any]:
        """Return a pull request as GitHub tells of it."""
        return {
            "number": request.number,
            "title": request.title,
            "state": request.state,
            "labels": [{"name": name} for name in request.labels],
            "user": {"login": request.by.login},
            "head": {"ref": request.branch, "sha": self.bare.at(request.branch), "repo": {"fork": False}},
            "base": {"ref": "main", "sha": self.bare.at("main")},
            "updated_at": "2026-11-25T12:00:00Z",
        }


@answers("GET", "/user")
def _me(host: GitHost, asked: Asked) -> Any:
    return {"login": asked.account.login, "name": asked.account.name, "email": None}


@answers("GET", "/users/«login»")
def _somebody(host: GitHost, asked: Asked) -> Any:
    return {"login": asked.found[0], "name": host.people[asked.found[0]].name}


@answers("GET", "/search/issues")
def _no_issues(host: GitHost, asked: Asked) -> Any:
    return {"total_count": 0, "items": []}


@answers("GET", "/repo")
def _repository(host: GitHost, asked: Asked) -> Any:
    owner = {"login": host.repository.split("/")[0]}
    return {"owner": owner, "default_branch": "main", "permissions": {"push": asked.account.may == "write"}}


@answers("GET", "/repo/branches/«name»")
def _branch(host: GitHost, asked: Asked) -> Any:
    return {"name": asked.found[0], "commit": host.told(host.commit_of(asked.found[0]))}


@answers("GET", "/repo/commits")
def _last_change(host: GitHost, asked: Asked) -> Any:
    last = host.bare.git("log", "-1", "--format=%H", asked.query["sha"], "--", asked.query["path"])
    return [host.told(last)] if last else []


@answers("GET", "/repo/commits/«sha»/status")
def _statuses(host: GitHost, asked: Asked) -> Any:
    built = [url for branch, url in host.previews.items() if host.bare.at(branch) == asked.found[0]]
    context = "netlify/front-door/deploy-preview"
    return {"statuses": [{"context": context, "state": "success", "target_url": url} for url in built]}


@answers("GET", "/repo/compare/«from»\\.\\.\\.«to»")
def _compare(host: GitHost, asked: Asked) -> Any:
    base, head = (host.commit_of(name) for name in asked.found)
    fork = host.bare.git("merge-base", base, head)
    files = [
        {"filename": one["path"], "sha": one["sha"], "status": WORDS[one["status"]], "patch": "@@"}
        for one in host.bare.changed(fork, head)
    ]
    commits = host.bare.git("rev-list", "--reverse", f"{base}..{head}").split()
    return {"base_commit": host.told(base), "commits": [host.told(one) for one in commits], "files": files}


@answers("GET", "/repo/git/trees/«branch»:(.*)")
def _folder(host: GitHost, asked: Asked) -> Any:
    try:
        return {"tree": host.bare.entries(":".join(asked.found), *(["-r"] if "recursive" in asked.query else []))}
    except Missing as error:
        raise No(404) from error


@answers("GET", "/repo/git/blobs/«sha»")
def _content(host: GitHost, asked: Asked) -> Any:
    data = host.bare.raw("cat-file", "blob", asked.found[0])
    return {"sha": asked.found[0], "encoding": "base64", "content": base64.encodebytes(data).decode()}


@answers("POST", "/repo/git/blobs")
def _keep_content(host: GitHost, asked: Asked) -> Any:
    return {"sha": host.bare.blob(base64.b64decode(asked.body["content"]))}


@answers("POST", "/repo/git/trees")
def _keep_tree(host: GitHost, asked: Asked) -> Any:
    return {"sha": host.bare.tree(asked.body.get("base_tree"), asked.body["tree"])}


@answers("POST", "/repo/git/commits")
def _keep_commit(host: GitHost, asked: Asked) -> Any:
    given = asked.body.get("author")
    author = (given["name"], given["email"]) if given else asked.account.author
    return {"sha": host.bare.commit(asked.body["message"], asked.body["tree"], asked.body["parents"], author)}


@answers("POST", "/repo/git/refs")
def _new_branch(host: GitHost, asked: Asked) -> Any:
    if host.bare.at(asked.body["ref"]):
        raise No(422, "Reference already exists")
    host.bare.git("update-ref", asked.body["ref"], asked.body["sha"], "0" * 40)
    return {"ref": asked.body["ref"]}


@answers("PATCH", "/repo/git/refs/heads/«name»")
def _move_branch(host: GitHost, asked: Asked) -> Any:
    if asked.found[0] == "main":
        raise No(422, "Changes must be made through a pull request.")
    host.bare.git("update-ref", f"refs/heads/{asked.found[0]}", asked.body["sha"])
    return {}


@answers("DELETE", "/repo/git/refs/heads/«name»")
def _drop_branch(host: GitHost, asked: Asked) -> Any:
    host.bare.git("update-ref", "-d", f"refs/heads/{asked.found[0]}")
    return None


@answers("GET", "/repo/pulls")
def _pull_requests(host: GitHost, asked: Asked) -> Any:
    branch = asked.query.get("head", "").rpartition(":")[2]
    found = [one for one in host.requests if asked.query["state"] in ("all", one.state)]
    return [host.shown(one) for one in found if branch in ("", one.branch)]


@answers("POST", "/repo/pulls")
def _new_request(host: GitHost, asked: Asked) -> Any:
    branch = asked.body["head"].rpartition(":")[2]
    if any((one.branch, one.state) == (branch, "open") for one in host.requests):
        raise No(422, "Validation Failed")
    host.requests.append(PullRequest(len(host.requests) + 1, asked.body["title"], branch, asked.account))
    return host.shown(host.requests[-1])


@answers("PATCH", "/repo/pulls/«number»")
def _close_request(host: GitHost, asked: Asked) -> Any:
    request = host.request(asked.found[0])
    request.state = asked.body["state"]
    return host.shown(request)


@answers("PUT", "/repo/issues/«number»/labels")
def _label(host: GitHost, asked: Asked) -> Any:
    host.request(asked.found[0]).labels = asked.body["labels"]
    return []


@answers("PUT", "/repo/pulls/«number»/merge")
def _merge(host: GitHost, asked: Asked) -> Any:
    request = host.request(asked.found[0])
    if asked.body["sha"] != host.bare.at(request.branch):
        raise No(409, "Head branch was modified. Review and try the merge again.")
    try:
        done = host.bare.merge("main", request.branch, asked.body["commit_message"], asked.account.author)
    except Conflict as conflict:
        raise No(405, "Pull Request is not mergeable") from conflict
    request.state = "closed"
    return {"sha": done, "merged": True}
