"""A stand-in for a GitLab of one's own, as far as Decap CMS asks it: its login (OAuth with PKCE) and its API.

What it answers is written after GitLab's documentation; that GitLab answers just so cannot be tried here.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.support.bare_repository import Bare, Conflict, Missing
from tests.support.git_host import Account, No
from tests.support.internet import HTML, PIXEL, Reply, Request, choice

HOST = "git.example.org"
LEVELS = {"write": 30, "read": 20}
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Expose-Headers": "Link, X-Page, X-Total-Pages, X-Per-Page, X-Total, X-Gitlab-Blob-Id",
    "Content-Type": "application/json",
}


@dataclass
class MergeRequest:
    iid: int
    branch: str
    labels: list[str]
    by: Account
    state: str = "opened"


class GitLab:
    """One project on one GitLab. Nobody may push to its main branch, as guides/operating.md advises."""

    def __init__(self, repository: str, app: str, back: str, bare: Bare, people: list[Account]) -> None:
        self.project, self.app, self.back, self.bare = f"/projects/{repository}", app, back, bare
        self.people = {one.login: one for one in people}
        self.challenges: dict[str, str] = {}
        self.requests: list[MergeRequest] = []

    def __call__(self, request: Request) -> Reply:
        """Return the answer to any request for this host."""
        if request.method == "OPTIONS":
            return 204, OPEN, b""
        try:
            if request.path == "/oauth/authorize":
                return self._authorise(request)
            if request.path == "/oauth/token":
                return 200, OPEN, json.dumps(self._token(request.json)).encode()
            if request.path == "/a.gif":
                return 200, {"Content-Type": "image/gif"}, PIXEL
            if not request.path.startswith("/api/v4/"):
                raise No(404)
            status, told, more = self._api(request, request.path.removeprefix("/api/v4"))
        except No as refused:
            return refused.status, OPEN, json.dumps({"message": refused.message}).encode()
        data = told if isinstance(told, bytes) else json.dumps(told).encode()
        kind = {"Content-Type": "text/plain"} if isinstance(told, bytes) else {}
        return status, OPEN | kind | more, b"" if request.method == "HEAD" else data

    def _authorise(self, request: Request) -> Reply:
        """Show the login page; refuse an unknown application, or one that asks to be led elsewhere."""
        query = request.query
        if (query["client_id"], query["redirect_uri"]) != (self.app, self.back):
            return 401, HTML, b"The redirect URI included is not valid."
        assert (query["response_type"], query["code_challenge_method"], query["scope"]) == ("code", "S256", "api")
        choices = {f"I am {login}": {"code": login} for login in self.people}
        self.challenges = dict.fromkeys(self.people, query["code_challenge"])
        choices["Deny"] = {"error": "access_denied", "error_description": "The resource owner denied the request."}
        return 200, HTML, choice(self.back, choices, query["state"])

    def _token(self, given: dict[str, Any]) -> dict[str, str]:
        """Give a token to a caller with the word that the challenge was made from. No secret is asked for."""
        made = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).decode().rstrip("=")
        if made != self.challenges.get(given["code"]) or given["redirect_uri"] != self.back:
            raise No(400, "invalid_grant")
        return {"access_token": f"glpat_{given['code']}", "refresh_token": "again", "token_type": "Bearer"}

    def _api(self, request: Request, path: str) -> tuple[int, Any, dict[str, str]]:
        login = request.headers.get("authorization", "").removeprefix("Bearer glpat_")
        if login not in self.people:
            raise No(401, "401 Unauthorized")
        account = self.people[login]
        if path == "/user":
            return 200, {"id": 1, "username": login, "name": account.name, "avatar_url": f"https://{HOST}/a.gif"}, {}
        if not path.startswith(self.project) or account.may == "nothing":
            raise No(404, "404 Project Not Found")
        if request.method in ("POST", "PUT", "DELETE") and account.may != "write":
            raise No(403, "403 Forbidden")
        part = path.removeprefix(self.project)
        if part == "":
            access = {"project_access": {"access_level": LEVELS[account.may]}, "group_access": None}
            return 200, {"permissions": access, "shared_with_groups": []}, {}
        if part.startswith("/merge_requests"):
            return 200, self._merge_requests(request, part.removeprefix("/merge_requests"), account), {}
        if part == "/repository/commits" and request.method == "POST":
            return 201, self._commit(request.json, account), {}
        return self._read(request, part)

    def _read(self, request: Request, part: str) -> tuple[int, Any, dict[str, str]]:
        query = request.query
        if part == "/repository/tree":
            return self._tree(query)
        if part == "/repository/commits":
            return 200, [{"author_name": "The project", "authored_date": "2026-11-25T12:00:00Z"}], {}
        if part == "/repository/compare":
            fork = self.bare.git("merge-base", query["from"], query["to"])
            names = [one["path"] for one in self.bare.changed(fork, query["to"])]
            return 200, {"diffs": [{"old_path": name, "new_path": name, "diff": "@@"} for name in names]}, {}
        if part.startswith("/repository/files/"):
            file = part.removeprefix("/repository/files/").removesuffix("/raw")
            found = self.bare.file(query["ref"], file)
            if not found:
                raise No(404, "404 File Not Found")
            return 200, self.bare.raw("cat-file", "blob", found), {"X-Gitlab-Blob-Id": found}
        if part.endswith("/statuses") or part.startswith("/issues"):
            return 200, [], {}
        raise No(404)

    def _tree(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        """Return a folder, page by page."""
        folder, page, size = query["path"], int(query.get("page", 1)), int(query.get("per_page", 20))
        try:
            found = self.bare.entries(f"{query['ref']}:{folder}")
        except Missing as error:
            raise No(404, "404 Tree Not Found") from error
        pages = -(-len(found) // size)
        shown = [
            {"id": one["sha"], "name": one["path"], "type": one["type"], "path": f"{folder}/{one['path']}"}
            for one in found[(page - 1) * size : page * size]
        ]
        here = f"https://{HOST}/api/v4/projects/{quote(self.project.removeprefix('/projects/'), '')}/repository/tree"
        near = {"first": 1, "last": pages} | ({"next": page + 1} if page < pages else {})
        links = [f'<{here}?{urlencode(query | {"page": number})}>; rel="{name}"' for name, number in near.items()]
        counts = {"X-Page": page, "X-Total-Pages": pages, "X-Per-Page": size, "X-Total": len(found)}
        return 200, shown, {"Link": ", ".join(links)} | {name: str(value) for name, value in counts.items()}

    def _commit(self, given: dict[str, Any], account: Account) -> Any:
        branch = given["branch"]
        if branch == "main":
            raise No(403, "You are not allowed to push into this branch")
        if "start_branch" in given and self.bare.at(branch):
            raise No(400, f"A branch called '{branch}' already exists.")
        start = self.bare.at(given.get("start_branch") or branch)
        if start is None:
            raise No(400, "You can only create or edit files when you are on a branch")
        changes = [
            {
                "mode": "100644",
                "path": one["file_path"],
                "sha": self.bare.blob(base64.b64decode(one["content"])) if one["action"] != "delete" else "",
            }
            for one in given["actions"]
        ]
        done = self.bare.commit(given["commit_message"], self.bare.tree(start, changes), [start], account.author)
        self.bare.git("update-ref", f"refs/heads/{branch}", done)
        return {"id": done}

    def _merge_requests(self, request: Request, part: str, account: Account) -> Any:
        query = request.query
        if request.method == "GET":
            wanted = query.get("source_branch")
            return [self._shown(one) for one in self.requests if one.state == "opened" and wanted in (None, one.branch)]
        if request.method == "POST":
            labels = query["labels"].split(",")
            self.requests.append(MergeRequest(len(self.requests) + 1, query["source_branch"], labels, account))
            return self._shown(self.requests[-1])
        number, _, merge = part.strip("/").partition("/")
        found = self.requests[int(number) - 1]
        if merge:
            try:
                self.bare.merge("main", found.branch, query["merge_commit_message"], account.author)
            except Conflict as conflict:
                raise No(422, "Branch cannot be merged") from conflict
            self.bare.git("update-ref", "-d", f"refs/heads/{found.branch}")
            found.state = "merged"
        else:
            found.labels = query["labels"].split(",")
        return self._shown(found)

    def _shown(self, one: MergeRequest) -> dict[str, Any]:
        return {
            "iid": one.iid,
            "sha": self.bare.at(one.branch),
            "source_branch": one.branch,
            "labels": one.labels,
            "author": {"name": one.by.name},
            "updated_at": "2026-11-25T12:00:00Z",
        }
