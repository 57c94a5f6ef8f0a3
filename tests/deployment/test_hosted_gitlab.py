"""The editor on an address of its own beside a GitLab: no Netlify, nginx as the guide writes it, and no secret."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.conftest import CHROMIUM_ARGUMENTS
from tests.support.bare_repository import Bare
from tests.support.deployment import nginx_running
from tests.support.git_host import Account
from tests.support.git_lab import HOST, GitLab
from tests.support.hosted_editor_page import SLOW, Colleague, project
from tests.support.internet import EDITOR, Internet, Serving, headers_of
from tools.dev.ports import free_port
from tools.dev.system_packages import chromium
from tools.editor.export import GitHost, export

pytestmark = [pytest.mark.system, pytest.mark.browser]


def of_the_guide(root: Path, folder: Path, certificate: tuple[Path, Path], port: int) -> str:
    """Return the guide's lines for nginx, with this test's port and paths."""
    guide = (root / "guides" / "operating.md").read_text(encoding="utf-8")
    block = re.search(r"```nginx\n(.*?)```", guide, re.DOTALL)
    assert block
    own = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/editor/fullchain.pem": str(certificate[0]),
        "/etc/editor/privkey.pem": str(certificate[1]),
        "/srv/editor-site": str(folder),
    }
    lines = block[1]
    for words, here in own.items():
        assert words in lines
        lines = lines.replace(words, here)
    return lines


@pytest.fixture
def lab(tmp_path: Path, root: Path) -> GitLab:
    bare = Bare(tmp_path / "site.git", project(root, tmp_path / "files"))
    return GitLab("team/site", "the-app-id", f"https://{EDITOR}/", bare, [Account("amina", "Amina Khan")])


@pytest.fixture
def person(
    lab: GitLab, tmp_path: Path, root: Path, certificate: tuple[Path, Path], playwright: Playwright
) -> Iterator[Colleague]:
    folder = tmp_path / "editor-site"
    export(folder, GitHost("team/site", "gitlab", f"https://{HOST}", "the-app-id"), tmp_path / "files")
    internet, port = Internet(folder), free_port()
    internet.addresses = {HOST: lab}
    (tmp_path / "front-door.conf").write_text(of_the_guide(root, folder, certificate, port))
    with Serving(internet, certificate) as serving, nginx_running(tmp_path, port):
        rules = internet.resolver_rules(serving.port, **{EDITOR: port})
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*CHROMIUM_ARGUMENTS, rules])
        made = Colleague(browser, window=False)
        yield made
        browser.close()
    assert made.told == [], "a policy or the network stopped something of the editor's own"


def test_with_gitlab_people_log_in_save_and_publish_without_netlify_and_without_a_secret(
    lab: GitLab, person: Colleague, tmp_path: Path
) -> None:
    before = lab.bare.at("main")
    page = person.page.reload()
    asked = {name.lower(): value for name, value in headers_of(tmp_path / "editor-site").items()}
    assert page and asked.items() <= page.headers.items(), "the guide's lines must send the headers that were exported"
    person.log_in("Deny")
    expect(person.page.get_by_text("The resource owner denied the request")).to_be_visible(timeout=SLOW)
    person.enter("amina")
    person.open("Pages", "Contact")
    person.change("safest for you", "safest and easiest for you")
    person.save()
    assert lab.bare.at("main") == before and sorted(lab.bare.branches()) == ["cms/pages/contact", "main"]
    person.publish()
    person.hears("Entry published")
    assert before and [one["path"] for one in lab.bare.changed(before, "main")] == ["docs/contact.md"]
    assert [line[0] for line in lab.bare.lines(before, "main")] == ["-", "+"]
    assert lab.bare.about("main^2")["name"] == "Amina Khan"
