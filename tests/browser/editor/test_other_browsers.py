"""The editor in Firefox and in WebKit: words are written, seen, undone and saved there too."""

from pathlib import Path

import pytest

from tests.support.driven_browser import DrivenBrowser, until_true

pytestmark = [pytest.mark.system, pytest.mark.browser]

IN_PREVIEW = "return document.querySelector('.stage iframe:not(.next)')?.contentDocument?.body?.innerText || ''"
WORDS = "return document.querySelector('.cm-content').cmTile.root.view.state.doc.toString()"
CURSOR_TO_THE_END = """
const view = document.querySelector(".cm-content").cmTile.root.view;
view.dispatch({ selection: { anchor: view.state.doc.length } });
view.focus();
"""
BUTTON = """
const wanted = [...document.querySelectorAll("button")].find((button) => button.textContent === arguments[0]);
const ready = wanted.getAttribute("aria-disabled") !== "true";
if (ready) wanted.click();
return ready;
"""
SECONDS = 60


def test_a_sentence_is_written_seen_undone_and_saved(other_browser: DrivenBrowser, running: tuple[Path, int]) -> None:
    folder, port = running
    name = type(other_browser).__name__
    other_browser.fresh()
    other_browser.resize(1200, 800)
    other_browser.open(f"http://127.0.0.1:{port}/#/edit/docs/complaints.md")
    until_true(lambda: "mend" in other_browser.text(), "the page was built", SECONDS)
    before = other_browser.script(WORDS)
    other_browser.script(CURSOR_TO_THE_END)
    sentence = f"Written in {name}."
    other_browser.press(*sentence)
    until_true(lambda: sentence in other_browser.script(IN_PREVIEW), "the sentence in the preview", SECONDS)
    # What was typed with a pause in it is several steps.
    until_true(
        lambda: other_browser.script(BUTTON, "Undo") and other_browser.script(WORDS) == before, "undone", SECONDS
    )
    until_true(
        lambda: other_browser.script(BUTTON, "Redo") and sentence in other_browser.script(WORDS), "done again", SECONDS
    )
    until_true(lambda: other_browser.script(BUTTON, "Save"), "the button is ready", SECONDS)
    until_true(
        lambda: sentence in (folder / "docs" / "complaints.md").read_text(encoding="utf-8"),
        "the sentence in the file",
        SECONDS,
    )
    assert [line for line in other_browser.complaints() if "sandbox" not in line] == []
