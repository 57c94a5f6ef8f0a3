"""Publishing either pushes the change to the branch from which the site is built, or changes nothing."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.editor_page import git
from tests.support.hosted_editor import ORIGIN, Colleague, MonotonicClock, SiteRepositories, make_hosting_settings
from tests.support.mail_server import MailServer
from tools.editor.app import create_app
from tools.editor.git import Git
from tools.editor.project import Project
from tools.editor.sign_in import SignIn
from tools.editor.upstream import Upstream
from tools.editor.workspace import ScratchCopy

pytestmark = pytest.mark.server

PAGE_PATH = "docs/cookies.md"


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory, root: Path) -> SiteRepositories:
    return SiteRepositories(tmp_path_factory.mktemp("repositories"), root)


@pytest.fixture(scope="module")
def scratch_copy(repositories: SiteRepositories) -> Iterator[ScratchCopy]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SERVICE_ENV", "production")
        yield from _open_scratch_copy(repositories)


def _open_scratch_copy(repositories: SiteRepositories) -> Iterator[ScratchCopy]:
    with ScratchCopy(Project(repositories.clone, Upstream(Git(repositories.clone)))) as scratch_copy:
        yield scratch_copy


class SignedInColleague(Colleague):
    """A colleague who is signed in to the editor."""

    def open_page(self, path: str = PAGE_PATH) -> dict[str, Any]:
        return self.json_body(self.browser.get(f"/api/file?path={path}", base_url=ORIGIN))

    def publish(self, page: dict[str, Any], body: str) -> dict[str, Any]:
        data = {"path": page["path"], "body": body, "version": page["version"]}
        headers = {"Origin": ORIGIN}
        return self.json_body(self.browser.post("/api/publish", json=data, base_url=ORIGIN, headers=headers))

    @staticmethod
    def json_body(response: Any) -> dict[str, Any]:
        body = response.get_json()
        assert isinstance(body, dict)
        return body


@pytest.fixture
def amina(
    scratch_copy: ScratchCopy, mail_server: MailServer, clock: MonotonicClock, tmp_path: Path
) -> SignedInColleague:
    app = create_app(scratch_copy, tmp_path / "editor.js", {ORIGIN}, SignIn(make_hosting_settings(mail_server), clock))
    colleague = SignedInColleague(app, mail_server)
    colleague.sign_in()
    return colleague


def test_a_published_change_is_pushed_under_the_editors_name(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    page = amina.open_page()
    result = amina.publish(page, page["body"] + "\nA new sentence.\n")
    assert result["status"] == "published", result
    assert repositories.read(PAGE_PATH).endswith("\nA new sentence.\n")
    assert repositories.last_commit().startswith("Amina Khan <amina@example.org.uk> Change ")
    assert repositories.is_clean()
    assert amina.open_page()["version"] == result["version"]


def test_a_new_picture_and_a_new_page_are_pushed(repositories: SiteRepositories, amina: SignedInColleague) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(picture, "PNG")
    headers = {"Origin": ORIGIN}
    response = amina.browser.post(
        "/api/pictures?name=room.png", data=picture.getvalue(), base_url=ORIGIN, headers=headers
    )
    assert amina.json_body(response)["path"] == "pictures/room.png"
    assert "docs/pictures/room.png" in git(repositories.bare_repository, "ls-tree", "-r", "--name-only", "main")
    overview = amina.json_body(amina.browser.get("/api/overview", base_url=ORIGIN))
    section_title = next(section["title"] for section in overview["sections"] if section["title"])
    page = {"title": "Our room", "description": "Where we meet.", "template": "empty", "section": section_title}
    result = amina.json_body(amina.browser.post("/api/pages", json=page, base_url=ORIGIN, headers=headers))
    assert (result["status"], result["path"]) == ("published", "docs/our-room.md")
    assert "# Our room" in repositories.read("docs/our-room.md") and "our-room.md" in repositories.read("mkdocs.yml")


def test_changes_that_a_colleague_pushed_to_another_page_are_kept(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    page = amina.open_page()
    repositories.push_as_ben(
        "docs/accessibility.md", (repositories.ben_clone / "docs/accessibility.md").read_text() + "\nBen’s sentence.\n"
    )
    result = amina.publish(page, page["body"] + "\nBeside Ben’s.\n")
    assert result["status"] == "published"
    assert "Ben’s sentence." in repositories.read("docs/accessibility.md") and "Beside Ben’s." in repositories.read(
        PAGE_PATH
    )


def test_when_a_colleague_pushes_first_both_changes_are_published(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    """A pre-push hook makes another colleague push first, so the Git host rejects the editor's first push."""
    page = amina.open_page()
    git(repositories.ben_clone, "pull", "-q")
    (repositories.ben_clone / "docs/accessibility.md").write_text(
        (repositories.ben_clone / "docs/accessibility.md").read_text() + "\nFirst.\n"
    )
    git(repositories.ben_clone, "commit", "-q", "-am", "By another way")
    hook = repositories.clone / ".git/hooks/pre-push"
    hook.write_text(f"#!/bin/sh\nrm {hook}\nunset GIT_DIR\ncd {repositories.ben_clone} && git push -q\n")
    hook.chmod(0o755)
    result = amina.publish(page, page["body"] + "\nSecond.\n")
    assert not hook.exists(), "Ben's push did not come first"
    assert result["status"] == "published"
    assert "First." in repositories.read("docs/accessibility.md") and "Second." in repositories.read(PAGE_PATH)
    assert git(repositories.bare_repository, "log", "-2", "--format=%an", "main").split("\n")[0] == "Amina Khan"
    assert repositories.is_clean()


def test_a_colleagues_change_to_the_same_page_is_shown_and_nothing_is_lost(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    page = amina.open_page()
    git(repositories.ben_clone, "pull", "-q")
    repositories.push_as_ben(PAGE_PATH, (repositories.ben_clone / PAGE_PATH).read_text() + "\nBen was first.\n")
    amina_text = page["body"] + "\nAmina was second.\n"
    result = amina.publish(page, amina_text)
    assert result["status"] == "conflict" and result["body"].endswith("Ben was first.\n")
    assert "Amina was second." not in repositories.read(PAGE_PATH), "nothing is written before Amina has chosen"
    retry_result = amina.publish({**page, "version": result["version"]}, result["body"] + "\nAmina was second.\n")
    assert retry_result["status"] == "published"
    assert repositories.read(PAGE_PATH).endswith("Ben was first.\n\nAmina was second.\n")


def test_while_the_git_host_is_down_nothing_changes_and_a_retry_publishes(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    page, original_text = amina.open_page(), repositories.read(PAGE_PATH)
    moved_repository = repositories.bare_repository.rename(repositories.bare_repository.with_suffix(".away"))
    result = amina.publish(page, page["body"] + "\nTyped while it was away.\n")
    assert result["error"].startswith(
        "The server that keeps the site is not responding. Nothing has been lost: try again"
    )
    assert repositories.is_clean() and (repositories.clone / PAGE_PATH).read_text() == original_text
    moved_repository.rename(repositories.bare_repository)
    assert amina.publish(page, page["body"] + "\nTyped while it was away.\n")["status"] == "published"
    assert "Typed while it was away." in repositories.read(PAGE_PATH)


def test_a_change_that_the_git_host_refuses_is_reported_and_undone(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    page, original_text = amina.open_page(), repositories.read(PAGE_PATH)
    hook = repositories.bare_repository / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    result = amina.publish(page, page["body"] + "\nRefused.\n")
    hook.unlink()
    assert result["error"].startswith("The server that keeps the site did not accept the change. Nothing has been lost")
    assert (
        repositories.read(PAGE_PATH) == original_text == (repositories.clone / PAGE_PATH).read_text()
        and repositories.is_clean()
    )


def test_a_broken_link_is_not_published(repositories: SiteRepositories, amina: SignedInColleague) -> None:
    page, last_commit = amina.open_page(), repositories.last_commit()
    result = amina.publish(page, page["body"] + "\n[Nowhere](nowhere.md)\n")
    assert result["status"] == "refused" and "nowhere.md" in result["problems"][0]
    assert repositories.last_commit() == last_commit and repositories.is_clean()


def test_a_change_that_only_the_production_build_refuses_is_not_published(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    last_commit = repositories.last_commit()
    data = {"values": {"extra.service.phone": "01632 960999"}, "seen": {"extra.service.phone": "01632 960123"}}
    result = amina.json_body(
        amina.browser.post("/api/settings", json=data, base_url=ORIGIN, headers={"Origin": ORIGIN})
    )
    assert result["status"] == "refused" and "01632 960999" in " ".join(result["problems"])
    assert repositories.last_commit() == last_commit and repositories.is_clean()


def test_unfinished_changes_of_a_killed_editor_are_put_aside_not_published(
    repositories: SiteRepositories, amina: SignedInColleague
) -> None:
    (repositories.clone / PAGE_PATH).write_text("half of a change")
    git(repositories.clone, "commit", "-q", "-am", "Not pushed")
    (repositories.clone / "docs/half.md").write_text("the other half")
    (repositories.clone / ".git/index.lock").touch()
    Upstream(Git(repositories.clone)).pull()  # as the editor does when it starts
    page = amina.open_page()
    assert amina.publish(page, page["body"] + "\nAfter the stop.\n")["status"] == "published"
    assert repositories.read(PAGE_PATH).endswith("After the stop.\n") and "half of a change" not in repositories.read(
        PAGE_PATH
    )
    branch = git(repositories.clone, "branch", "--list", "put-aside-*").split()[0]
    assert git(repositories.clone, "show", f"{branch}:{PAGE_PATH}") == "half of a change"
    assert git(repositories.clone, "show", "stash@{0}^3:docs/half.md") == "the other half"
