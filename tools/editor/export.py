"""The editor for an address of its own: a folder of files, and the headers with which it must be served.

Editors log in at the Git host; what they save goes from the browser straight to that host, in their own name.
"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from service_profile import load
from tools.editor import bundle, npm
from tools.editor.project import Project, facts, title_of

GITLAB = "https://gitlab.com"
HOSTED = bundle.EDITOR / "hosted"
DECAP = (
    "decap-cms",
    "3.16.3",
    "hf+dPlCh7TJmWl8+6VRzHYOWhri5xgUknrZbDewaWe4s9B7xJ8PQugp2QHeSldMUKzav6+z0oIpwUYhUJDYtYw==",
)
# Nothing from any other host, whatever a page or a package asks for. A picture that is sent is read out of a blob.
# Decap compiles its schemas to functions, and puts its style into the page: hence the two words with `unsafe`.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob:; frame-src 'self' blob:; "
    "object-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
STATUS = "https://www.githubstatus.com"
# The part of config.yml that says where the files are: from `backend:` to `publish_mode:`.
WHERE = re.compile(r"^backend:\n.*?^publish_mode: \w+\n", re.MULTILINE | re.DOTALL)


def editor_files() -> dict[str, Path]:
    """Return the hosted editor's files by their served names; fetch Decap CMS the first time."""
    dist = npm.unpack(*DECAP) / "dist"
    own = {file.name: file for file in HOSTED.iterdir() if file.suffix in (".html", ".js", ".css", ".yml")}
    parts = {
        file.name: file
        for file in dist.iterdir()
        if file.suffix in (".js", ".wasm") and not re.search(r"(^|\.)cms\.", file.name)
    }
    return {**parts, "surface.js": bundle.scripts()["surface.js"], **own}


class ExportError(ValueError):
    """An export that cannot work; the message says why."""


@dataclass(frozen=True)
class GitHost:
    """Where the project is kept, and how people log in there."""

    repository: str
    name: str = "github"  # or "gitlab"
    address: str = ""  # of a GitLab of one's own
    app: str = ""  # the application's id at GitLab
    login: str = ""  # what hands GitHub's login on; Netlify when empty

    def __post_init__(self) -> None:
        """Raise ExportError for what would only show at the first login."""
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+", self.repository):
            raise ExportError("--repository is the project's name at the Git host, like owner/name.")
        for option, address in (("--host-address", self.address), ("--login", self.login)):
            if address and (urlsplit(address).scheme != "https" or not urlsplit(address).hostname):
                raise ExportError(f"{option} is an address that begins with https://.")
        if self.name == "gitlab" and not self.app:
            raise ExportError("GitLab needs --app-id, the id of the application made there; guides/operating.md tells.")
        if self.name == "gitlab" and self.login:
            raise ExportError("--login is for GitHub: GitLab logs people in by itself.")
        if self.name == "github" and (self.app or self.address):
            raise ExportError("--app-id and --host-address are for GitLab.")

    def backend(self) -> dict[str, str]:
        """Return the `backend` settings of config.yml."""
        settings = {"name": self.name, "repo": self.repository, "branch": "main"}
        if self.name == "gitlab":
            settings |= {"auth_type": "pkce", "app_id": self.app}
            if self.address:
                settings |= {"base_url": self.address.rstrip("/"), "api_root": f"{self.address.rstrip('/')}/api/v4"}
        elif self.login:
            login = urlsplit(self.login)
            settings |= {"base_url": f"https://{login.netloc}", "auth_endpoint": login.path.strip("/") or "auth"}
        return settings

    def policy(self) -> str:
        """Return the editor's content policy, extended by the Git host's API and by the avatars that Decap shows."""
        if self.name == "github":
            # GitHub's status page is asked each few minutes, so that an outage is told as one.
            return POLICY.replace("connect-src 'self'", "connect-src 'self' https://api.github.com " + STATUS)
        origin = f"https://{urlsplit(self.address or GITLAB).netloc}"
        widened = POLICY.replace("connect-src 'self'", f"connect-src 'self' {origin}")
        return widened.replace("img-src 'self'", f"img-src 'self' {origin} https://secure.gravatar.com")


def headers(host: GitHost) -> dict[str, str]:
    """Return the headers of every response.

    Cross-Origin-Opener-Policy is left out: it would cut off the login window.
    """
    return {
        "Content-Security-Policy": host.policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


def config(text: str, host: GitHost, site_url: str) -> str:
    """Return the editor's config.yml for this host, in which each change has to be approved."""
    where: dict[str, Any] = {"backend": host.backend(), "publish_mode": "editorial_workflow", "site_url": site_url}
    made, times = WHERE.subn(lambda _: yaml.safe_dump(where, sort_keys=False), text)
    made = made.replace("show_preview_links: false", "show_preview_links: true")
    if times != 1 or "show_preview_links: true" not in made:
        raise ExportError("editor/config.yml no longer begins as the export expects.")
    return made


def _pages(root: Path) -> list[dict[str, str]]:
    """Return every page with the target of links to it, for the menu of links."""
    texts = Project(root).pages()
    names = {path.removeprefix("docs/"): title_of(path, text) for path, text in texts.items()}
    return [{"value": page, "label": title, "note": page} for page, title in names.items()]


def export(folder: Path, host: GitHost, root: Path) -> None:
    """Write the editor into `folder`. Raises ExportError or npm.NpmError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in editor_files().items():
        shutil.copyfile(file, folder / name)
    made = config((folder / "config.yml").read_text(encoding="utf-8"), host, load(root / "mkdocs.yml").site_url)
    (folder / "config.yml").write_text(made, encoding="utf-8")
    # Names only: a value would stay as it was on the day of the export.
    known = {"facts": [(name, "") for name, _ in facts(root)], "pages": _pages(root)}
    (folder / "facts.json").write_text(json.dumps(known), encoding="utf-8")
    sent = headers(host)
    netlify = "/*\n" + "".join(f"  {name}: {value}\n" for name, value in sent.items())
    (folder / "_headers").write_text(netlify, encoding="utf-8")
    nginx = "".join(f'add_header {name} "{value}" always;\n' for name, value in sent.items())
    (folder / "_nginx.conf").write_text(nginx, encoding="utf-8")
    print(f"The editor is in {folder}. Put it on an address of its own; guides/operating.md tells how.")
