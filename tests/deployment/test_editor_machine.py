"""Tests of the hosted editor on a bare Debian machine, set up with the operating guide's commands."""

import json
import re
import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.support import guide, project_copy
from tests.support.editor_page import git
from tests.support.hosted_editor import HOST, ORIGIN
from tests.support.machine import DebianMachine
from tests.support.production_settings import set_in_file
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.system]

PAGE_PATH = "docs/cookies.md"
CERTIFICATE_FOLDER = "/etc/ssl/marlshire"
SMTP_PORT = 2525
# The Git host: an account that accepts pushes with the editor's SSH key, as GitHub or GitLab do.
GIT_HOST_SETUP_COMMANDS = """
apt-get install openssh-server
useradd --create-home --shell /usr/bin/git-shell git
install -d -m 700 -o git -g git /home/git/.ssh
chown -R git:git /home/git/site.git
git config --system --add safe.directory '*'
systemctl start ssh
"""


class EditorMachine(DebianMachine):
    """A Debian machine with the hosted editor, a Git host and a mailbox."""

    def set_up(self, root: Path, certificate: tuple[Path, Path]) -> None:
        """Set up the hosted editor with the operating guide's commands.

        The clone, the Git host, the certificate and the settings come from this test, because the guide leaves
        them to the operator.
        """
        project = project_copy.copy_with_service(root, self.folder / "project", project_copy.LIVE_SERVICE)
        git(project, "init", "-q", "-b", "main")
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", "The site as it was")
        self.bare_repository = self.root / "home/git/site.git"
        self.bare_repository.parent.mkdir(parents=True)
        git(project, "clone", "-q", "--bare", str(project), str(self.bare_repository))
        git(project, "clone", "-q", str(self.bare_repository), str(self.root / "srv/front-door"))
        git(self.root / "srv/front-door", "remote", "set-url", "origin", "/home/git/site.git")
        folder = self.root / CERTIFICATE_FOLDER.lstrip("/")
        folder.mkdir()
        for file, name in zip(certificate, ("fullchain.pem", "privkey.pem"), strict=True):
            shutil.copyfile(file, folder / name)
        self.run("apt-get -q update", online=True)
        for line in guide.editor_setup_commands(root):
            if line.startswith("git clone"):
                continue  # the test has cloned it
            if "git clone git@" in line:
                self.set_up_git_host()
            if line.startswith("systemctl daemon-reload"):
                self.set_editor_settings()
            self.run_guide_command(line)

    def set_up_git_host(self) -> None:
        self.run(GIT_HOST_SETUP_COMMANDS.strip().replace("\n", "; "), online=True)
        key = self.root / "var/lib/front-door-editor/.ssh/id_ed25519.pub"
        (self.root / "home/git/.ssh/authorized_keys").write_text(key.read_text())
        self.run("chown git:git /home/git/.ssh/authorized_keys")

    def set_editor_settings(self) -> None:
        set_in_file(
            self.root / "etc/front-door/editor.env",
            EDITOR_EMAILS="Amina Khan <amina@marlshire.internal>",
            FORM_SMTP_URL=f"smtp://127.0.0.1:{SMTP_PORT}",
            FORM_MAIL_FROM="site@marlshire.internal",
        )

    def run_guide_command(self, line: str) -> str:
        """Run a command of the operating guide as root in the project's folder; return its output."""
        line = line.replace("/etc/…", CERTIFICATE_FOLDER).replace("git@…", "git@127.0.0.1:site.git")
        # Accept the host's key automatically; an operator would confirm it.
        line = line.replace("env HOME=", "env GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=accept-new' HOME=")
        online = bool(re.search(r"\b(apt-get|make|tools\.editor\.bundle)\b", line))
        return self.run(f"export NODE_EXTRA_CA_CERTS=$SSL_CERT_FILE; cd /srv/front-door; {line}", online)

    def sign_in_path(self) -> str:
        """Return the path of the sign-in link that was emailed, or "" if none has arrived."""
        for file in (self.folder / "emails" / "new").glob("*"):
            body = message_from_bytes(file.read_bytes(), policy=policy.default).get_content()
            if match := re.search(rf"{ORIGIN}(/sign-in/\S+)", body):
                return match[1]
        return ""


class ColleagueBrowser:
    """The browser with which a colleague uses the hosted editor through nginx."""

    cookie = ""

    def request(
        self, path: str, data: bytes | None = None, content_type: str = "application/x-www-form-urlencoded"
    ) -> str:
        """Send a POST request with `data`, or a GET request if `data` is None; return the response body.

        The request carries the session cookie. A cookie in the response replaces it.
        """
        headers = {"Host": HOST, "Origin": ORIGIN, "Cookie": self.cookie, "Content-Type": content_type}
        request = urllib.request.Request(f"https://127.0.0.1{path}", data, headers)
        with _opener.open(request, timeout=300) as response:
            if set_cookie_header := response.headers["Set-Cookie"]:
                self.cookie = set_cookie_header.partition(";")[0]
            return str(response.read().decode())

    def request_json(self, path: str, body: Any = None) -> Any:
        return json.loads(self.request(path, None if body is None else json.dumps(body).encode(), "application/json"))


class _NoRedirects(urllib.request.HTTPErrorProcessor):
    """A response processor that follows no redirect, so that a test can read the cookies of the redirect."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


_opener = urllib.request.build_opener(
    urllib.request.HTTPSHandler(context=ssl._create_unverified_context()), _NoRedirects
)


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, root: Path, certificate: tuple[Path, Path]
) -> Iterator[EditorMachine]:
    machine = EditorMachine(tmp_path_factory.mktemp("editor-machine"))
    with machine.boot():
        machine.set_up(root, certificate)
        yield machine


def test_a_colleague_signs_in_by_email_publishes_and_the_site_shows_it(machine: EditorMachine, root: Path) -> None:
    machine.wait_for_port(8010, "the editor", seconds=120)
    amina = ColleagueBrowser()
    with machine.mailbox(machine.folder / "emails", SMTP_PORT):
        machine.call_inside(lambda: amina.request("/sign-in", b"email=amina@marlshire.internal"))
        wait_until(machine.sign_in_path, "the email with the link")
    machine.call_inside(lambda: amina.request(machine.sign_in_path(), b""))
    file = machine.call_inside(lambda: amina.request_json(f"/api/file?path={PAGE_PATH}"))
    edited_page = {"path": PAGE_PATH, "body": file["body"] + "\nPublished by Amina.\n", "version": file["version"]}
    result = machine.call_inside(lambda: amina.request_json("/api/publish", edited_page))
    assert result["status"] == "published", result
    assert machine.run("git -C /home/git/site.git log -1 --format='%an <%ae>' main") == (
        "Amina Khan <amina@marlshire.internal>"
    )
    for line in guide.automatic_build_commands(root):
        machine.run_guide_command(line)
    machine.run("systemctl start front-door-site", online=True)
    assert "Published by Amina." in (machine.root / "srv/front-door/site/cookies/index.html").read_text()
    assert machine.run("systemctl is-active front-door-site.timer") == "active"


def test_an_update_of_the_software_is_not_installed_automatically(machine: EditorMachine) -> None:
    machine.run("git clone -q /home/git/site.git /root/developer")
    change = "git config user.name Ben; git config user.email ben@localhost; echo > tools/new.py; git add -A"
    machine.run(f"cd /root/developer; {change}; git commit -qm 'Another version'; git push -q")
    assert machine.run_unchecked("systemctl start front-door-site").returncode != 0
    assert "An update of the software waits" in machine.run("journalctl -u front-door-site --no-pager")
    assert not (machine.root / "srv/front-door/tools/new.py").exists()
    machine.run(
        "cd /root/developer; git reset -q --hard HEAD~1; git push -q --force; chown -R git:git /home/git/site.git"
    )


def test_the_editor_runs_without_privileges_under_its_own_account(machine: EditorMachine) -> None:
    machine.assert_unprivileged("front-door-editor", "front-door-editor")
    assert machine.run_unchecked("runuser -u front-door-editor -- cat /etc/front-door/editor.env").returncode != 0


def test_the_editor_is_started_again_when_it_is_killed(machine: EditorMachine) -> None:
    old_pid = machine.main_pid("front-door-editor")
    machine.run("systemctl kill --signal=KILL front-door-editor")
    wait_until(lambda: machine.main_pid("front-door-editor") not in (0, old_pid), "another process")
    machine.wait_for_port(8010, "the editor", seconds=120)
