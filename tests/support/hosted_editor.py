"""Clients of the hosted editor, and the Git repositories that it pulls from and pushes to."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from tests.support import project_copy
from tests.support.editor_page import git
from tests.support.mail_server import MailServer
from tests.support.waiting import wait_until
from tools.editor.hosting import HostingSettings

HOST = "edit.example.org.uk"
ORIGIN = f"https://{HOST}"


class MonotonicClock:
    """A monotonic clock that advances only when a test sets `now`."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Colleague:
    """A colleague who uses the hosted editor, with a browser and the email address `email`."""

    def __init__(self, app: Flask, mail_server: MailServer, email: str = "amina@example.org.uk") -> None:
        self.browser: FlaskClient = app.test_client()
        self.mail_server, self.email = mail_server, email

    def get(self, path: str, **options: object) -> "Response":
        return Response(self.browser.get(path, base_url=ORIGIN, **options))  # type: ignore[arg-type]

    def post(self, path: str, origin: str = ORIGIN, **options: object) -> "Response":
        headers = {"Origin": origin} if origin else {}
        return Response(self.browser.post(path, base_url=ORIGIN, headers=headers, **options))  # type: ignore[arg-type]

    def submit_sign_in_form(self, email: str | None = None) -> "Response":
        """Submit the sign-in form with `email`, or with the colleague's address if it is None."""
        return self.post("/sign-in", data={"email": self.email if email is None else email})

    def emailed_links(self) -> list[str]:
        """Return the paths of the sign-in links in the colleague's emails, oldest first."""
        emails = [email for email in self.mail_server.received_emails if email.recipient == self.email]
        bodies = [message_from_bytes(email.data, policy=policy.default).get_content() for email in emails]
        return [re.findall(rf"{ORIGIN}(/sign-in/\S+)", body)[0] for body in bodies]

    def request_link(self) -> str:
        """Request a sign-in link, wait for its email, and return the path of the link."""
        count = len(self.emailed_links())
        self.submit_sign_in_form()
        wait_until(lambda: len(self.emailed_links()) > count, "the email with the link")
        return self.emailed_links()[-1]

    def sign_in(self) -> None:
        assert self.post(self.request_link()).status == 303


class Response:
    """The status, headers and text of an HTTP response."""

    def __init__(self, response: object) -> None:
        self.status: int = response.status_code  # type: ignore[attr-defined]
        self.headers = response.headers  # type: ignore[attr-defined]
        self.text: str = response.get_data(as_text=True)  # type: ignore[attr-defined]
        response.close()  # type: ignore[attr-defined]


class SiteRepositories:
    """The site's bare repository, the editor's clone of it, and the clone from which Ben, a colleague, pushes."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.bare_repository, self.clone, self.ben_clone = folder / "site.git", folder / "editor", folder / "ben"
        project = project_copy.copy_with_sample_service(root, folder / "project")
        git(project, "init", "-q", "-b", "main")
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", "The site as it was")
        git(folder, "clone", "-q", "--bare", str(project), str(self.bare_repository))
        git(folder, "clone", "-q", str(self.bare_repository), str(self.clone))
        git(folder, "clone", "-q", str(self.bare_repository), str(self.ben_clone))

    def read(self, path: str) -> str:
        """Return the text of a file on the main branch of the bare repository."""
        return git(self.bare_repository, "show", f"main:{path}")

    def last_commit(self) -> str:
        """Return the author and subject of the last commit on the main branch of the bare repository."""
        return git(self.bare_repository, "log", "-1", "--format=%an <%ae> %s", "main").strip()

    def push_as_ben(self, path: str, text: str) -> None:
        git(self.ben_clone, "pull", "-q")
        (self.ben_clone / path).write_text(text, encoding="utf-8")
        git(self.ben_clone, "add", "-A")
        git(self.ben_clone, "commit", "-q", "-m", "By another way")
        git(self.ben_clone, "push", "-q")

    def is_clean(self) -> bool:
        """Return whether everything in the editor's clone is committed and pushed."""
        is_pushed = git(self.clone, "rev-parse", "HEAD") == git(self.clone, "rev-parse", "@{upstream}")
        return is_pushed and not git(self.clone, "status", "--porcelain")


def make_hosting_settings(mail_server: MailServer) -> HostingSettings:
    settings = {
        "EDITOR_HOST": HOST,
        "EDITOR_EMAILS": "Amina Khan <amina@example.org.uk>, ben@example.org.uk",
        "FORM_SMTP_URL": mail_server.url,
        "FORM_MAIL_FROM": "site@example.org.uk",
    }
    hosting_settings = HostingSettings.from_environment(settings)
    assert hosting_settings
    return hosting_settings
