"""The editor in Firefox and in WebKit: the tasks of every week are done there too, each up to the saved file."""

from pathlib import Path

import pytest

from tests.support.driven_browser import ENTER, DrivenBrowser, until_true

pytestmark = [pytest.mark.system, pytest.mark.browser]

IN_PREVIEW = """
const words = document.querySelector(".stage iframe:not(.next)")?.contentDocument?.body?.innerText || "";
return words.replaceAll("\u00a0", " ");
"""
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
# Puts the keyboard into the field with this label, with what is in it chosen, so that typing replaces it.
FIELD = """
const label = [...document.querySelectorAll(".setting label")].find((one) => one.textContent === arguments[0]);
const field = document.getElementById(label.htmlFor);
field.closest("details")?.setAttribute("open", "");
field.scrollIntoView({ block: "center" });
field.focus();
field.select();
"""
NO_PROBLEMS = "return document.querySelector('.problems')?.innerText.includes('Nothing to fix') || false"
# Advice of the browser to developers, and what it says of the page before, which the driver closed.
HINTS = ("sandbox", "scroll-linked positioning", "Script terminated by timeout")
SECONDS = 60


def open_part(browser: DrivenBrowser, port: int, part: str) -> None:
    """Open a part of the editor and wait until the page beside it was built."""
    browser.fresh()
    browser.resize(1200, 800)
    browser.open(f"http://127.0.0.1:{port}/#/{part}")
    until_true(lambda: browser.script(NO_PROBLEMS), "the page was built", SECONDS)


def save(browser: DrivenBrowser, file: Path, wanted: str) -> None:
    """Press Save once it can be pressed, and wait for the words in the file. Nothing may have gone wrong meanwhile."""
    until_true(lambda: browser.script(BUTTON, "Save"), "the button is ready", SECONDS)
    until_true(lambda: wanted in file.read_text(encoding="utf-8"), "the words in the file", SECONDS)
    complaints = [line for line in browser.complaints() if not any(hint in line for hint in HINTS)]
    assert complaints == []


def test_a_sentence_is_written_seen_undone_and_saved(other_browser: DrivenBrowser, running: tuple[Path, int]) -> None:
    folder, port = running
    name = type(other_browser).__name__
    open_part(other_browser, port, "edit/docs/complaints.md")
    original = other_browser.script(WORDS)
    other_browser.script(CURSOR_TO_THE_END)
    sentence = f"Written in {name}."
    other_browser.press(*sentence)
    until_true(lambda: sentence in other_browser.script(IN_PREVIEW), "the sentence in the preview", SECONDS)
    # What was typed with a pause in it is several steps.
    until_true(
        lambda: other_browser.script(BUTTON, "Undo") and other_browser.script(WORDS) == original, "undone", SECONDS
    )
    until_true(
        lambda: other_browser.script(BUTTON, "Redo") and sentence in other_browser.script(WORDS), "done again", SECONDS
    )
    save(other_browser, folder / "docs" / "complaints.md", sentence)


@pytest.mark.parametrize(
    ("group", "typed", "seen", "saved"),
    [
        pytest.param("contact", {"Phone number": "01632 9600{}"}, "01632 9600{}", "01632 9600{}", id="phone number"),
        pytest.param(
            "statistics",
            {"How many": "{}", "Year": "2024"},
            "{}%\nof people who were harmed",
            "value: {}",
            id="figure with its year",
        ),
    ],
)
def test_a_setting_is_changed_seen_and_saved(
    other_browser: DrivenBrowser,
    running: tuple[Path, int],
    group: str,
    typed: dict[str, str],
    seen: str,
    saved: str,
) -> None:
    folder, port = running
    own = {"Firefox": "71", "WebKit": "72"}[type(other_browser).__name__]
    open_part(other_browser, port, f"settings/{group}")
    for label, words in typed.items():
        other_browser.script(FIELD, label)
        other_browser.press(*words.format(own))
    until_true(lambda: seen.format(own) in other_browser.script(IN_PREVIEW), "the value in the preview", SECONDS)
    save(other_browser, folder / "mkdocs.yml", saved.format(own))


def test_a_leaflet_is_changed_and_saved(other_browser: DrivenBrowser, running: tuple[Path, int]) -> None:
    folder, port = running
    sentence = f"Read in {type(other_browser).__name__}."
    open_part(other_browser, port, "edit/leaflet/easy-read.md")
    other_browser.script(CURSOR_TO_THE_END)
    other_browser.press(ENTER, *sentence)
    save(other_browser, folder / "leaflet" / "easy-read.md", sentence)
