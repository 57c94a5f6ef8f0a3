"""Run the site, the form and the editor for the guides' screenshots, on a copy of the project."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask, g
from waitress.server import create_server

from tools.dev.ports import free_port
from tools.editor import bundle
from tools.editor.app import create_app
from tools.editor.git import Git
from tools.editor.history import Author
from tools.editor.hosting import HostingSettings
from tools.editor.project import Project
from tools.editor.sign_in import SignIn
from tools.editor.upstream import Upstream
from tools.editor.workspace import ScratchCopy

ROOT = Path(__file__).resolve().parents[2]
AMINA, BEN = Author("Amina Khan", "amina@example.org.uk"), Author("Ben Okoro", "ben@example.org.uk")
EDITED_PAGE = "docs/contact.md"
PARAGRAPH = re.compile(r"^[A-Z].+\n\n", re.MULTILINE)
# The history of EDITED_PAGE, for the button "Earlier versions": time, author and commit message.
EARLIER_VERSIONS = (
    ("2026-08-12T09:00:00+01:00", BEN, "Begin the site"),
    ("2026-09-02T10:15:00+01:00", BEN, "Change Contact us"),
    ("2026-10-14T15:40:00+01:00", AMINA, "Change Contact us"),
)
HOSTING_SETTINGS = {
    "EDITOR_HOST": "edit.example.org.uk",
    "EDITOR_EMAILS": f"{AMINA.name} <{AMINA.email}>",
    "FORM_SMTP_URL": "smtp://127.0.0.1:1",
    "FORM_MAIL_FROM": "site@example.org.uk",
}


def copy_project(folder: Path) -> Path:
    """Copy the project into a Git repository with a history and a remote. Return the copy's path."""
    project, names = folder / "project", Git(ROOT).query("ls-files", "-z", "-co", "--exclude-standard")
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, project / name)
    style_sheet = project / "overrides" / "css" / "base.css"  # a screenshot must wait for the fonts; a visitor need not
    style_sheet.write_text(
        style_sheet.read_text(encoding="utf-8").replace("font-display: optional", "font-display: block"), "utf-8"
    )
    git(folder, "init", "-q", "--bare", "site.git")
    git(project, "init", "-q", "-b", "main")
    page = project / EDITED_PAGE
    texts = [page.read_text(encoding="utf-8")]
    for paragraph in PARAGRAPH.findall(texts[0])[1 - len(EARLIER_VERSIONS) :]:
        texts.insert(0, texts[0].replace(paragraph, ""))
    for (date, author, message), text in zip(EARLIER_VERSIONS, texts, strict=True):
        page.write_text(text, encoding="utf-8")
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", message, author=author, date=date)
    git(project, "remote", "add", "origin", str(folder / "site.git"))
    git(project, "push", "-q", "-u", "origin", "main")
    return project


def git(folder: Path, *arguments: str, author: Author = AMINA, date: str = "") -> None:
    """Run Git in `folder`, and create the folder if it is missing.

    A commit gets the `author` and the `date`, by default the current time. Raises subprocess.CalledProcessError if Git
    fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    date_variables = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}
    identity = ("-c", f"user.name={author.name}", "-c", f"user.email={author.email}", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, env={**os.environ, **date_variables})


@contextlib.contextmanager
def serve(make_app: Callable[[str], Flask]) -> Iterator[str]:
    """Serve a Flask application on a free port on loopback, and yield its URL.

    `make_app` is called with that URL and returns the application. The server closes when the block ends.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = create_server(make_app(url), sockets=[listener], threads=8, ident=None)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield url
    finally:
        server.close()


@contextlib.contextmanager
def serve_site_and_form(project: Path) -> Iterator[str]:
    """Run `make serve` in the folder `project`, wait until the site answers, and yield its URL."""
    port = free_port()
    command = [sys.executable, "-m", "tools.dev.serve", f"--port={port}", f"--mail-port={free_port()}"]
    process = subprocess.Popen(command, cwd=project, env={**os.environ, "PYTHONPATH": str(project)})
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def serve_editors(project: Path) -> Iterator[tuple[str, str]]:
    """Serve two editors of `project`, and yield their URLs.

    A sample person is signed in to the first. The second asks people to sign in.
    """
    hosting = HostingSettings.from_environment(HOSTING_SETTINGS)
    assert hosting
    script = bundle.build_script()

    def make_signed_in_app(url: str) -> Flask:
        app = create_app(scratch, script, {url})
        app.before_request(lambda: setattr(g, "author", AMINA))
        return app

    with (
        ScratchCopy(Project(project, Upstream(Git(project)))) as scratch,
        serve(make_signed_in_app) as url,
        serve(lambda editor_url: create_app(scratch, script, {editor_url}, SignIn(hosting))) as sign_in_url,
    ):
        yield url, sign_in_url
