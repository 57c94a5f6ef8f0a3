"""Somebody who edits at the hosted editor's address, in a browser of their own."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.support import project_copy
from tests.support.editor_page import PASTE
from tests.support.internet import EDITOR

SENTENCE = "Choose the way that is safest{} for you. If someone checks your phone or email, use one they cannot see."
CONTACT = f"""---
title: Contact
description: How to reach the team.
---
# Contact

{SENTENCE.format("")}
"""
SLOW = 15_000  # milliseconds; shared machines are slow


def project(root: Path, to: Path) -> Path:
    """Return a copy of the project with a contact page of the tests' own, whatever the real one says."""
    folder = project_copy.copy(root, to)
    (folder / "docs" / "contact.md").write_text(CONTACT, encoding="utf-8")
    return folder


class Colleague:
    """One person; `told` is what their browser says that a policy or the network stopped."""

    def __init__(self, browser: Browser, window: bool = True) -> None:
        self.window = window
        self.told: list[str] = []
        self.context: BrowserContext = browser.new_context(
            ignore_https_errors=True, viewport={"width": 1280, "height": 800}
        )
        self.context.on("console", self._listen)
        self.context.on("requestfailed", self._note)
        self.page: Page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(f"https://{EDITOR}/")

    def _note(self, request: Request) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:  # so ends what was asked for when a page is left
            self.told.append(f"{request.url} {request.failure}")

    def _listen(self, message: ConsoleMessage) -> None:
        if re.search("security policy|opener|refused to|blocked", message.text, re.IGNORECASE):
            self.told.append(message.text)

    def log_in(self, choice: str) -> None:
        """Press Login and choose at the Git host: GitHub's window, or GitLab's page in place of the editor's."""
        if not self.window:
            self.page.get_by_role("button", name="Login with GitLab").click()
            self.page.get_by_role("link", name=choice).click()
            return
        with self.page.expect_popup() as window:
            self.page.get_by_role("button", name="Login with GitHub").click()
        window.value.get_by_role("link", name=choice).click()

    def enter(self, login: str) -> None:
        """Log in and see the pages."""
        self.log_in(f"I am {login}")
        expect(self.page.get_by_role("heading", name="Pages")).to_be_visible(timeout=SLOW)
        expect(self.entry("Contact")).to_be_visible(timeout=SLOW)

    def entry(self, name: str) -> Any:
        """Return an entry of the list; a word may stand beside it that says how far a change of it is."""
        name = re.escape(name)
        return self.page.get_by_role("heading", name=re.compile(f"^{name}( Draft| In review| Ready)?$"), level=2)

    def open(self, collection: str, entry: str) -> None:
        """Choose an entry as it is chosen from the list."""
        self.page.get_by_role("link", name=collection, exact=True).click()
        self.page.get_by_role("heading", name=collection, level=1).wait_for()
        self.entry(entry).click()
        expect(self.button("Save")).to_be_visible(timeout=SLOW)

    @property
    def words(self) -> Any:
        """Return the box with the words."""
        return self.page.locator(".words .cm-content")

    def text(self) -> str:
        """Return all words, those out of view too."""
        return str(self.words.evaluate("element => element.cmTile.root.view.state.doc.toString()"))

    def write(self, text: str) -> None:
        """Replace all words, as by selecting them and pasting plain text."""
        self.words.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.words.evaluate(PASTE, {"text/plain": text})

    def button(self, name: str) -> Any:
        """Return one of the editor's buttons."""
        return self.page.get_by_role("button", name=name, exact=True)

    def change(self, old: str, new: str) -> None:
        """Change one sentence."""
        text = self.text()
        assert old in text, old
        self.write(text.replace(old, new))

    def save(self) -> None:
        """Save, and be told that it is."""
        self.button("Save").click()
        self.hears("Entry saved")

    def leave(self) -> None:
        """Go back to the list."""
        self.page.get_by_role("link", name=re.compile("Writing in")).click()

    def hears(self, words: str) -> None:
        """Read a message, and put it away so that the next one is a new one."""
        message = self.page.get_by_role("alert").filter(has_text=words)
        expect(message).to_be_visible(timeout=SLOW)
        message.click()
        expect(message).to_be_hidden()

    def publish(self) -> None:
        """Set the change to Ready and press Publish; what comes of it is told."""
        self.page.get_by_role("button", name=re.compile("^Status: ")).click()
        self.page.get_by_role("menuitem", name="Ready").click()
        self.hears("Entry status updated")
        self.button("Publish").click()
        self.page.get_by_role("menuitem", name="Publish now").click()
