"""Publishing either pushes the change to the branch from which the site is built, or changes nothing."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.editor_page import git
from tests.support.hosted_editor import ORIGIN, Clock, Colleague, Team, hosting
from tests.support.mail_server import MailServer
from tools.editor.app import create_app
from tools.editor.git import Git
from tools.editor.project import Project
from tools.editor.sign_in import SignIn
from tools.editor.upstream import Upstream
from tools.editor.workspace import Scratch

pytestmark = pytest.mark.server

PAGE = "docs/cookies.md"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Team:
    return Team(tmp_path_factory.mktemp("team"), root)


@pytest.fixture(scope="module")
def scratch(team: Team) -> Iterator[Scratch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERVICE_ENV", "production")
        yield from _scratch(team)


def _scratch(team: Team) -> Iterator[Scratch]:
    with Scratch(Project(team.clone, Upstream(Git(team.clone)))) as made:
        yield made


class Amina(Colleague):
    """Amina, a colleague who is signed in to the editor."""

    def opens(self, path: str = PAGE) -> dict[str, Any]:
        return self.json(self.browser.get(f"/api/file?path={path}", base_url=ORIGIN))

    def publishes(self, opened: dict[str, Any], body: str) -> dict[str, Any]:
        sent = {"path": opened["path"], "body": body, "version": opened["version"]}
        headers = {"Origin": ORIGIN}
        return self.json(self.browser.post("/api/publish", json=sent, base_url=ORIGIN, headers=headers))

    @staticmethod
    def json(response: Any) -> dict[str, Any]:
        found = response.get_json()
        assert isinstance(found, dict)
        return found


@pytest.fixture
def amina(scratch: Scratch, mails: MailServer, clock: Clock, tmp_path: Path) -> Amina:
    app = create_app(scratch, tmp_path / "editor.js", {ORIGIN}, SignIn(hosting(mails), clock))
    person = Amina(app, mails)
    person.sign_in()
    return person


def test_what_is_published_is_pushed_under_the_persons_name(team: Team, amina: Amina) -> None:
    opened = amina.opens()
    answer = amina.publishes(opened, opened["body"] + "\nA new sentence.\n")
    assert answer["status"] == "published", answer
    assert team.read(PAGE).endswith("\nA new sentence.\n")
    assert team.last().startswith("Amina Khan <amina@example.org.uk> Change ")
    assert team.is_clean()
    assert amina.opens()["version"] == answer["version"]


def test_a_picture_and_a_new_page_are_pushed_too(team: Team, amina: Amina) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(picture, "PNG")
    headers = {"Origin": ORIGIN}
    sent = amina.browser.post("/api/pictures?name=room.png", data=picture.getvalue(), base_url=ORIGIN, headers=headers)
    assert amina.json(sent)["path"] == "pictures/room.png"
    assert "docs/pictures/room.png" in git(team.bare, "ls-tree", "-r", "--name-only", "main")
    overview = amina.json(amina.browser.get("/api/overview", base_url=ORIGIN))
    part = next(section["title"] for section in overview["sections"] if section["title"])
    page = {"title": "Our room", "description": "Where we meet.", "template": "empty", "section": part}
    made = amina.json(amina.browser.post("/api/pages", json=page, base_url=ORIGIN, headers=headers))
    assert (made["status"], made["path"]) == ("published", "docs/our-room.md")
    assert "# Our room" in team.read("docs/our-room.md") and "our-room.md" in team.read("mkdocs.yml")


def test_changes_that_others_pushed_to_other_pages_stay(team: Team, amina: Amina) -> None:
    opened = amina.opens()
    team.push_as_ben(
        "docs/accessibility.md", (team.ben_clone / "docs/accessibility.md").read_text() + "\nBen’s sentence.\n"
    )
    answer = amina.publishes(opened, opened["body"] + "\nBeside Ben’s.\n")
    assert answer["status"] == "published"
    assert "Ben’s sentence." in team.read("docs/accessibility.md") and "Beside Ben’s." in team.read(PAGE)


def test_a_push_between_ours_and_the_hosts_answer_is_taken_over_and_ours_follows(team: Team, amina: Amina) -> None:
    """A pre-push hook pushes Ben's commit first, once, so that the host rejects our first push."""
    opened = amina.opens()
    git(team.ben_clone, "pull", "-q")
    (team.ben_clone / "docs/accessibility.md").write_text(
        (team.ben_clone / "docs/accessibility.md").read_text() + "\nFirst.\n"
    )
    git(team.ben_clone, "commit", "-q", "-am", "By another way")
    hook = team.clone / ".git/hooks/pre-push"
    hook.write_text(f"#!/bin/sh\nrm {hook}\nunset GIT_DIR\ncd {team.ben_clone} && git push -q\n")
    hook.chmod(0o755)
    answer = amina.publishes(opened, opened["body"] + "\nSecond.\n")
    assert not hook.exists(), "the two pushes never met"
    assert answer["status"] == "published"
    assert "First." in team.read("docs/accessibility.md") and "Second." in team.read(PAGE)
    assert git(team.bare, "log", "-2", "--format=%an", "main").split("\n")[0] == "Amina Khan"
    assert team.is_clean()


def test_a_change_to_the_same_page_is_shown_and_nothing_is_lost(team: Team, amina: Amina) -> None:
    opened = amina.opens()
    git(team.ben_clone, "pull", "-q")
    team.push_as_ben(PAGE, (team.ben_clone / PAGE).read_text() + "\nBen was first.\n")
    mine = opened["body"] + "\nAmina was second.\n"
    answer = amina.publishes(opened, mine)
    assert answer["status"] == "conflict" and answer["body"].endswith("Ben was first.\n")
    assert "Amina was second." not in team.read(PAGE), "nothing is written before she chose"
    again = amina.publishes({**opened, "version": answer["version"]}, answer["body"] + "\nAmina was second.\n")
    assert again["status"] == "published"
    assert team.read(PAGE).endswith("Ben was first.\n\nAmina was second.\n")


def test_while_the_host_is_away_nothing_changes_and_trying_again_publishes(team: Team, amina: Amina) -> None:
    opened, original = amina.opens(), team.read(PAGE)
    away = team.bare.rename(team.bare.with_suffix(".away"))
    answer = amina.publishes(opened, opened["body"] + "\nTyped while it was away.\n")
    assert answer["error"].startswith(
        "The server that keeps the site is not responding. Nothing has been lost: try again"
    )
    assert team.is_clean() and (team.clone / PAGE).read_text() == original
    away.rename(team.bare)
    assert amina.publishes(opened, opened["body"] + "\nTyped while it was away.\n")["status"] == "published"
    assert "Typed while it was away." in team.read(PAGE)


def test_a_change_that_the_host_refuses_is_reported_and_undone(team: Team, amina: Amina) -> None:
    opened, original = amina.opens(), team.read(PAGE)
    hook = team.bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    answer = amina.publishes(opened, opened["body"] + "\nRefused.\n")
    hook.unlink()
    assert answer["error"].startswith("The server that keeps the site did not accept the change. Nothing has been lost")
    assert team.read(PAGE) == original == (team.clone / PAGE).read_text() and team.is_clean()


def test_a_mistake_is_not_published(team: Team, amina: Amina) -> None:
    opened, original = amina.opens(), team.last()
    answer = amina.publishes(opened, opened["body"] + "\n[Nowhere](nowhere.md)\n")
    assert answer["status"] == "refused" and "nowhere.md" in answer["problems"][0]
    assert team.last() == original and team.is_clean()


def test_what_only_the_hostings_production_build_would_refuse_is_not_published(team: Team, amina: Amina) -> None:
    original = team.last()
    sent = {"values": {"extra.service.phone": "01632 960999"}, "seen": {"extra.service.phone": "01632 960123"}}
    answer = amina.json(amina.browser.post("/api/settings", json=sent, base_url=ORIGIN, headers={"Origin": ORIGIN}))
    assert answer["status"] == "refused" and "01632 960999" in " ".join(answer["problems"])
    assert team.last() == original and team.is_clean()


def test_what_a_killed_process_left_behind_is_put_aside_and_not_published(team: Team, amina: Amina) -> None:
    (team.clone / PAGE).write_text("half of a change")
    git(team.clone, "commit", "-q", "-am", "Not pushed")
    (team.clone / "docs/half.md").write_text("the other half")
    (team.clone / ".git/index.lock").touch()
    Upstream(Git(team.clone)).take_over()  # as the editor does when it starts
    opened = amina.opens()
    assert amina.publishes(opened, opened["body"] + "\nAfter the stop.\n")["status"] == "published"
    assert team.read(PAGE).endswith("After the stop.\n") and "half of a change" not in team.read(PAGE)
    aside = git(team.clone, "branch", "--list", "put-aside-*").split()[0]
    assert git(team.clone, "show", f"{aside}:{PAGE}") == "half of a change"
    assert git(team.clone, "show", "stash@{0}^3:docs/half.md") == "the other half"
