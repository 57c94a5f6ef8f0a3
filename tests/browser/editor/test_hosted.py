"""Tests of the hosted editor behind nginx, with a mailbox and a Git host."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.conftest import CHROMIUM_ARGUMENTS
from tests.support.deployment import ROOT, mailbox_command, running_nginx, running_program, wait_for_port
from tests.support.editor_page import TIMEOUT_MS, EditorPage
from tests.support.hosted_editor import HOST, ORIGIN, SiteRepositories
from tests.support.waiting import wait_until
from tools.dev.ports import free_port
from tools.dev.system_packages import chromium_path
from tools.publish import nginx

pytestmark = [pytest.mark.system, pytest.mark.browser]


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory, root: Path) -> SiteRepositories:
    return SiteRepositories(tmp_path_factory.mktemp("repositories"), root)


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Run the local mailbox; yield the URL of its page and its SMTP port."""
    folder, port, smtp_port = tmp_path_factory.mktemp("mailbox"), free_port(), free_port()
    with running_program(*mailbox_command(folder / "emails", smtp_port, port), cwd=folder):
        wait_for_port(port, "the mailbox's page")
        wait_for_port(smtp_port, "the mailbox")
        yield f"http://127.0.0.1:{port}/", smtp_port


@pytest.fixture(scope="module")
def https_port(
    repositories: SiteRepositories,
    mailbox: tuple[str, int],
    certificate: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[int]:
    """Run the hosted editor behind nginx with the project's configuration; yield the HTTPS port of nginx."""
    folder, editor_port, nginx_port = tmp_path_factory.mktemp("front"), free_port(), free_port()
    settings = {
        "EDITOR_HOST": HOST,
        "EDITOR_EMAILS": "Amina Khan <amina@example.org.uk>, ben@example.org.uk",
        "FORM_SMTP_URL": f"smtp://127.0.0.1:{mailbox[1]}",
        "FORM_MAIL_FROM": "site@example.org.uk",
    }
    machine = nginx.Machine(
        *certificate,
        log_folder=folder,
        http_address=f"127.0.0.1:{free_port()}",
        https_address=f"127.0.0.1:{nginx_port}",
    )
    configuration = nginx.editor_configuration(machine, HOST, f"127.0.0.1:{editor_port}")
    (folder / "front-door.conf").write_text(configuration)
    command = (sys.executable, "-m", "tools.editor", "--root", str(repositories.clone), "--port", str(editor_port))
    env = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    with running_program(*command, cwd=folder, env=env), running_nginx(folder, nginx_port):
        wait_for_port(editor_port, "the editor", seconds=120)
        yield nginx_port


@pytest.fixture(scope="module")
def editor_browser(playwright: Playwright, https_port: int) -> Iterator[Browser]:
    """Yield a browser that can resolve only the editor's host name, which it resolves to loopback."""
    host_rules_option = f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{https_port},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM_ARGUMENTS, host_rules_option])
    yield browser
    browser.close()


@pytest.fixture
def page(editor_browser: Browser) -> Iterator[Page]:
    """Yield a phone-sized browser page.

    Afterwards the test fails if a script failed or the browser reported a violation of the content security policy.
    """
    page_errors: list[str] = []
    context = editor_browser.new_context(ignore_https_errors=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.on("console", lambda message: page_errors.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: page_errors.append(str(error)))
    yield page
    context.close()
    assert page_errors == []


def sign_in(page: Page, mailbox_url: str, email: str) -> None:
    """Request a sign-in link, follow it from the newest email in the mailbox, and press the button that signs in."""
    page.goto(ORIGIN)
    page.get_by_label("Your email address").fill(email)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    email_link = (
        page.get_by_role("listitem").filter(has_text=email).get_by_role("link", name="Your link to edit the site")
    )

    def email_has_arrived() -> bool:
        page.goto(mailbox_url)
        return email_link.count() > 0

    wait_until(email_has_arrived, "the email with the link")
    email_link.first.click()
    words = page.locator("pre").inner_text().split()
    page.goto(next(word for word in words if word.startswith(f"{ORIGIN}/sign-in/")))
    expect(page.get_by_text(f"You are about to sign in as {email}.")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()


def test_a_colleague_signs_in_by_email_publishes_a_sentence_and_signs_out(
    page: Page, repositories: SiteRepositories, mailbox: tuple[str, int]
) -> None:
    sign_in(page, mailbox[0], "amina@example.org.uk")
    expect(page.get_by_role("heading", name="Pages")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_text("amina@example.org.uk")).to_be_visible()
    editor = EditorPage(repositories.clone, ORIGIN, page)
    editor.open("docs/cookies.md")
    editor.append("\n\nWritten from a phone.\n")
    editor.button("Page").click()
    expect(editor.preview).to_contain_text("Written from a phone.", timeout=TIMEOUT_MS)
    editor.button("Publish").click()
    editor.expect_message("Published. The site will show it in a few minutes.")
    assert repositories.read("docs/cookies.md").endswith("Written from a phone.\n")
    assert repositories.last_commit().startswith("Amina Khan <amina@example.org.uk> Change ")
    editor.button("Earlier versions").click()
    newest_version = page.get_by_role("dialog").get_by_role("button").first
    expect(newest_version).to_contain_text("Change Cookies", timeout=TIMEOUT_MS)
    expect(newest_version).to_contain_text("Amina Khan")
    page.get_by_role("button", name="Close").click()

    editor.go_to("")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your email address")).to_be_visible()
    page.goto(f"{ORIGIN}/#/edit/docs/cookies.md")
    expect(page.get_by_label("Your email address")).to_be_visible()


def test_words_typed_after_the_session_ended_come_back_after_signing_in_again(
    page: Page, mailbox: tuple[str, int], repositories: SiteRepositories
) -> None:
    sign_in(page, mailbox[0], "ben@example.org.uk")
    editor = EditorPage(repositories.clone, ORIGIN, page)
    editor.open("docs/accessibility.md")
    page.context.clear_cookies()
    editor.append("\n\nTyped after the session ended.\n")
    editor.button("Page").click()
    expect(page.locator(".preview-state")).to_contain_text(
        "You are signed out. Your words are kept", timeout=TIMEOUT_MS
    )
    sign_in(page, mailbox[0], "ben@example.org.uk")
    editor.open("docs/accessibility.md")
    assert editor.text().endswith("Typed after the session ended.\n")
    assert "Typed after" not in repositories.read("docs/accessibility.md")
