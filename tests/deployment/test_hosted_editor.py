"""The editor on an address of its own, as colleagues use it: log in, change words, have them read, and publish them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.conftest import CHROMIUM_ARGUMENTS
from tests.support.bare_repository import Bare
from tests.support.git_host import Account, GitHost
from tests.support.hosted_editor_page import SENTENCE, SLOW, Colleague, project
from tests.support.internet import PIXEL, Internet, Serving
from tools.dev.system_packages import chromium
from tools.editor.export import GitHost as Wanted
from tools.editor.export import export

pytestmark = [pytest.mark.system, pytest.mark.browser]

PEOPLE = {"amina": "Amina Khan", "ben": "Ben Price"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    return project(root, tmp_path_factory.mktemp("hosted-files"))


@pytest.fixture(scope="module")
def internet(
    tmp_path_factory: pytest.TempPathFactory, files: Path, certificate: tuple[Path, Path], playwright: Playwright
) -> Iterator[tuple[Internet, Browser]]:
    """Yield the exported editor and the addresses it needs, and a browser that knows no others."""
    folder = tmp_path_factory.mktemp("editor-site")
    export(folder, Wanted("team/site"), files)
    made = Internet(folder)
    with Serving(made, certificate) as serving:
        arguments = [*CHROMIUM_ARGUMENTS, made.resolver_rules(serving.port)]
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield made, browser
        browser.close()


class Team:
    """The project at its Git host, and whoever has it open in a browser."""

    def __init__(self, browser: Browser, bare: Bare, host: GitHost) -> None:
        self.browser, self.bare, self.host = browser, bare, host
        self.colleagues: list[Colleague] = []

    def somebody(self) -> Colleague:
        """Return a further person, who has just opened the URL."""
        self.colleagues.append(Colleague(self.browser))
        return self.colleagues[-1]

    def published(self) -> list[str]:
        """Return the lines that differ on main from the project as it was."""
        return self.bare.lines(self.bare.git("rev-list", "--max-parents=0", "main"), "main")


@pytest.fixture
def team(internet: tuple[Internet, Browser], files: Path, tmp_path: Path) -> Iterator[Team]:
    bare = Bare(tmp_path / "site.git", files)
    people = [Account(login, name) for login, name in PEOPLE.items()]
    people += [Account("reader", "Rhys Reader", "read"), Account("stranger", "Sam Strange", "nothing")]
    host = internet[0].host = GitHost("team/site", bare, people)
    made = Team(internet[1], bare, host)
    yield made
    told = [words for one in made.colleagues for words in one.told]
    for one in made.colleagues:
        one.context.close()
    assert told == [], "a policy or the network stopped something of the editor's own"


def test_a_colleagues_sentence_is_public_once_a_second_person_publishes_it_and_nothing_else_changed(team: Team) -> None:
    before = team.bare.at("main")
    amina = team.somebody()
    amina.enter("amina")
    amina.open("Pages", "Contact")
    pane = amina.page.frame_locator("#preview-pane")
    expect(pane.locator(".preview")).to_contain_text("The finished page is not shown here")
    amina.change("safest for you", "safest and easiest for you")
    amina.save()
    assert team.bare.at("main") == before, "a saved change must not be public"
    assert sorted(team.bare.branches()) == ["cms/pages/contact", "main"]
    (request,) = team.host.requests
    assert (request.branch, request.by.login, request.state) == ("cms/pages/contact", "amina", "open")
    assert [one["path"] for one in team.bare.changed("main", request.branch)] == ["docs/contact.md"]

    team.host.previews[request.branch] = "https://deploy-preview-1--front-door.netlify.app"
    ben = team.somebody()
    ben.enter("ben")
    ben.page.get_by_role("link", name="Workflow").click()
    expect(ben.page.get_by_text("Amina Khan")).to_be_visible(timeout=SLOW)
    expect(ben.page.get_by_role("button", name="New Post")).to_be_hidden()
    ben.page.get_by_role("link", name="Contact").click()
    expect(ben.words).to_contain_text("safest and easiest for you", timeout=SLOW)
    preview = ben.page.get_by_role("link", name="View Preview")
    expect(preview).to_have_attribute("href", "https://deploy-preview-1--front-door.netlify.app/contact/", timeout=SLOW)
    ben.publish()
    ben.hears("Entry published")

    assert team.published() == ["-" + SENTENCE.format(""), "+" + SENTENCE.format(" and easiest")]
    assert before and [one["path"] for one in team.bare.changed(before, "main")] == ["docs/contact.md"]
    assert team.bare.about("main^2")["name"] == "Amina Khan" and team.bare.about("main")["name"] == "Ben Price"
    assert team.bare.branches() == ["main"] and team.host.requests[0].state == "closed"
    expect(ben.page.get_by_role("link", name="View Live")).to_have_attribute("href", re.compile("/contact/$"))


def test_who_may_not_write_is_told_so_and_what_to_do_and_another_account_gets_in(team: Team) -> None:
    person = team.somebody()
    person.log_in("I am reader")
    message = person.page.get_by_role("alert")
    expect(message).to_contain_text("does not have access to this repo", timeout=SLOW)
    expect(message).to_contain_text("Ask whoever looks after the site")
    # Decap leaves its button like this: without these words nobody would know a way out.
    expect(person.page.get_by_text("Logging in … If it stays like this, reload the page.")).to_be_visible()
    person.page.reload()
    person.enter("amina")


def test_who_says_no_or_closes_the_window_reads_why_and_can_try_again(team: Team) -> None:
    person = team.somebody()
    person.log_in("Cancel")
    expect(person.page.get_by_text("The user has denied your application")).to_be_visible(timeout=SLOW)
    with person.page.expect_popup() as window:
        person.page.get_by_role("button", name="Login with GitHub").click()
    window.value.close()
    person.log_in("I am stranger")
    # Decap still listens for the window that was closed, and may say it twice.
    expect(person.page.get_by_role("alert").first).to_contain_text('Repo "team/site" not found', timeout=SLOW)


def test_an_outage_of_the_git_host_is_told_as_one(team: Team, internet: tuple[Internet, Browser]) -> None:
    person = team.somebody()
    person.page.clock.install()  # Decap asks each five minutes
    person.page.reload()
    person.enter("amina")
    internet[0].well = False
    try:
        person.page.clock.fast_forward("05:01")
        person.hears("The backend service is experiencing an outage")
    finally:
        internet[0].well = True


def test_who_was_taken_off_the_project_saves_nothing_more_is_told_so_and_keeps_the_words(team: Team) -> None:
    amina = team.somebody()
    amina.enter("amina")
    amina.open("Pages", "Contact")
    amina.change("safest for you", "safest and easiest for you")
    team.host.people["amina"].may = "read"
    amina.button("Save").click()
    amina.hears("Failed to persist entry")
    assert team.bare.branches() == ["main"]
    expect(amina.words).to_contain_text("safest and easiest for you")


def test_a_phone_number_and_a_statistic_that_wait_side_by_side_both_reach_their_one_file(team: Team) -> None:
    amina = team.somebody()
    amina.enter("amina")
    changes = {
        "Name and contact details": ("Phone number", "01632 960444"),
        "Statistics": ("Happy with the outcome: reporting year", "2025 to 2026"),
    }
    for part, (label, value) in changes.items():
        amina.open(part, part)
        amina.page.get_by_label(label).fill(value)
        amina.save()
        amina.leave()
    assert team.published() == []
    for part in changes:
        amina.open(part, part)
        amina.publish()
        amina.hears("Entry published")
        amina.leave()
    assert team.published() == [
        "-    phone: 01632 960123",
        '+    phone: "01632 960444"',
        '-        year: ""                      # the reporting year; a production build needs it',
        '+        year: "2025 to 2026"                      # the reporting year; a production build needs it',
    ]


def test_a_picture_is_seen_beside_the_words_and_waits_with_them_until_they_are_published(team: Team) -> None:
    amina = team.somebody()
    amina.enter("amina")
    amina.open("Pages", "Contact")
    amina.words.press("Control+End")
    amina.button("Picture").click()
    with amina.page.expect_file_chooser() as chooser:
        amina.page.get_by_text("Upload", exact=True).click()
    chooser.value.set_files({"name": "two-people.gif", "mimeType": "image/gif", "buffer": PIXEL})
    amina.button("Choose selected").click()
    expect(amina.words).to_contain_text("![what it shows](pictures/two-people.gif)", timeout=SLOW)
    picture = amina.page.frame_locator("#preview-pane").get_by_role("img", name="what it shows")
    expect(picture).to_have_js_property("naturalWidth", 1, timeout=SLOW)
    amina.save()
    changed = {one["path"] for one in team.bare.changed("main", "cms/pages/contact")}
    assert changed == {"docs/contact.md", "docs/pictures/two-people.gif"}
    assert team.bare.raw("cat-file", "blob", "cms/pages/contact:docs/pictures/two-people.gif") == PIXEL
    amina.page.reload()
    expect(picture).to_have_js_property("naturalWidth", 1, timeout=SLOW)


def test_a_change_that_no_longer_fits_is_told_and_overwrites_nothing(team: Team) -> None:
    """Decap forces upon main what git cannot merge: only the protection that the guide asks for stops it."""
    amina = team.somebody()
    amina.enter("amina")
    amina.open("Pages", "Contact")
    amina.change("safest for you", "safest and easiest for you")
    amina.save()
    elsewhere = team.bare.text("main", "docs/contact.md").replace("safest for you", "kindest to you")
    changed = {"mode": "100644", "path": "docs/contact.md", "sha": team.bare.blob(elsewhere.encode())}
    main = str(team.bare.at("main"))
    commit = team.bare.commit("By another way", team.bare.tree(main, [changed]), [main], ("Cai", "cai@example.org"))
    team.bare.git("update-ref", "refs/heads/main", commit)
    amina.publish()
    amina.hears("Failed to publish: API_ERROR: Changes must be made through a pull request")
    assert "kindest to you" in team.bare.text("main", "docs/contact.md") and team.bare.at("main") == commit
    assert "safest and easiest" in team.bare.text("cms/pages/contact", "docs/contact.md"), "the change must not be lost"


@pytest.mark.soak
def test_of_two_who_save_one_page_at_once_the_second_is_told_and_the_firsts_words_can_be_found_again(
    team: Team,
) -> None:
    """Decap moves the first draft aside, into the branch that the operating guide names."""
    amina, ben = team.somebody(), team.somebody()
    for person, login in ((amina, "amina"), (ben, "ben")):
        person.enter(login)
        person.open("Pages", "Contact")
    amina.change("safest for you", "safest and easiest for you")
    amina.save()
    ben.change("safest for you", "kindest to you")
    ben.button("Save").click()
    ben.hears("Failed to persist entry")
    (aside,) = [name for name in team.bare.branches() if name.startswith("cms_")]
    assert "safest and easiest" in team.bare.text(aside, "docs/contact.md")
    assert team.published() == []
