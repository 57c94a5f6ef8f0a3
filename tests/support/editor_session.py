"""Operate the editor as a person would, in any browser engine, and check what the editor shows."""

from pathlib import Path
from typing import Any

from tests.support.editor_window import Window
from tests.support.waiting import wait_until
from tools.content.yaml_edit import value_at

TIMEOUT_SECONDS = 60  # shared machines are slow
# Finds a button or field by its name: inside the open dialog, if there is one, and inside the group or entry `group`.
FIND_CONTROL = """
const [kind, name, group] = arguments;
const plain = (text) => (text || "").replace(/\\s+/g, " ").trim();
const isVisible = (it) => it.checkVisibility();
let place = [...document.querySelectorAll("dialog[open]")].pop() || document;
if (group) {
  const hasName = (box) => plain(box.querySelector("legend, summary")?.textContent) === group;
  place = [...place.querySelectorAll("fieldset, .entry")].filter(hasName).pop();
  if (!place) return null;
}
if (kind === "button") {
  const label = (it) => plain(it.getAttribute("aria-label") || it.textContent);
  const matches = (it) => (name.endsWith("*") ? label(it).startsWith(name.slice(0, -1)) : label(it) === name);
  return [...place.querySelectorAll("button, summary, a")].find((it) => isVisible(it) && matches(it));
}
const labels = [...place.querySelectorAll("label")].filter((it) => isVisible(it) && plain(it.textContent) === name);
const controls = [...place.querySelectorAll("input, textarea")].filter((it) => it.getAttribute("aria-label") === name);
return labels.map((it) => document.getElementById(it.htmlFor)).concat(controls).pop();
"""
READ_PREVIEW_TEXT = """
const frame = document.querySelector(".stage iframe:not(.next)");
return (frame?.contentDocument?.body?.innerText || "").replace(/\\s+/g, " ");
"""
PREVIEW_IS_BUILT = "return document.querySelector('.preview-state')?.textContent === 'This is how it will look.'"
READ_WINDOW_TEXT = "return document.body.innerText.replace(/\\s+/g, ' ')"
READ_EDITED_TEXT = "return document.querySelector('.surface .cm-content').cmTile.root.view.state.doc.toString()"
# Puts the cursor at the end, or selects the given text.
PUT_CURSOR = """
const view = document.querySelector(".surface .cm-content").cmTile.root.view;
const text = view.state.doc.toString();
const from = arguments[0] === "" ? text.length : text.indexOf(arguments[0]);
if (from < 0) return false;
view.dispatch({ selection: { anchor: from, head: from + arguments[0].length }, scrollIntoView: true });
view.focus();
return true;
"""


class EditorSession:
    """A browser window that shows the editor of the project in `folder`."""

    def __init__(self, window: Window, folder: Path, url: str) -> None:
        self.window, self.folder, self.url = window, folder, url
        window.open(f"{url}/")

    def go_to(self, part: str = "") -> None:
        """Open a part of the editor, such as "" (the list of pages), "settings/contact" or "edit/docs/contact.md"."""
        self.window.script("history.replaceState(null, '', arguments[0])", f"/#/{part}")
        self.window.refresh()
        self.wait_for("return document.querySelector('main h1') !== null", "the editor is there")
        if part.startswith(("edit/", "settings/")):
            self.wait_for(PREVIEW_IS_BUILT, f"{part} was built")

    def wait_for(self, code: str, description: str, *arguments: Any) -> None:
        """Wait until `code` returns true in the page; after TIMEOUT_SECONDS, fail with `description`."""
        wait_until(lambda: bool(self.window.script(code, *arguments)), description, TIMEOUT_SECONDS)

    def press(self, name: str, group: str = "") -> None:
        """Click the button, link or list entry called `name`; a trailing `*` matches any ending.

        With `group`, only this group is searched.
        """
        self.window.click(self._find("button", name, group))

    def fill(self, group: str = "", **fields: str) -> None:
        """Fill in fields: each keyword is a field's label, with `_` for each space.

        With `group`, only fields in this group are filled in.
        """
        self.fill_in({label.replace("_", " "): words for label, words in fields.items()}, group)

    def fill_in(self, fields: dict[str, str], group: str = "") -> None:
        """Fill in fields; `fields` maps labels to texts.

        With `group`, only fields in this group are filled in.
        """
        for label, text in fields.items():
            self.window.fill(self._find("field", label, group), text)

    def choose(self, label: str, option: str) -> None:
        """Choose the option with the text `option` in the list labelled `label`."""
        self.window.choose(self._find("field", label, ""), option)

    def attach(self, label: str, file: Path) -> None:
        """Attach a file to the file field labelled `label`."""
        self.window.attach(self._find("field", label, ""), file)

    def _find(self, kind: str, name: str, group: str) -> Any:
        controls: list[Any] = []
        wait_until(
            lambda: bool(controls.append(self.window.element(FIND_CONTROL, kind, name, group)) or controls[-1]),
            f"a {kind} called {name} {group}".strip(),
            TIMEOUT_SECONDS,
        )
        return controls[-1]

    def entry_name(self, text: str) -> str:
        """Return the full name of the only list entry whose name contains `text`."""
        code = "return [...document.querySelectorAll('.entry summary')].map((it) => it.textContent)"
        (matching_name,) = [name for name in self.window.script(code) if text in name]
        return str(matching_name)

    def text(self) -> str:
        """Return the whole text of the open page or leaflet, including lines out of view."""
        return str(self.window.script(READ_EDITED_TEXT))

    def write(self, text: str, replaced_text: str = "") -> None:
        """Type `text` at the end of the open page or leaflet, or in place of `replaced_text`, if given."""
        assert self.window.script(PUT_CURSOR, replaced_text), f"the page does not say {replaced_text}"
        if replaced_text:
            self.window.erase()
        self.window.type(text)

    def expect_in_preview(self, text: str) -> None:
        """Wait until the preview contains `text`; on a phone, switch to the preview first and back afterwards."""
        preview_button = self.window.element(FIND_CONTROL, "button", "Page", "")  # visible only on a phone
        if preview_button:
            self.press("Page")
        wait_until(lambda: text in self.window.script(READ_PREVIEW_TEXT), f"“{text}” in the preview", TIMEOUT_SECONDS)
        if preview_button:
            self.press("Words")

    def expect_text(self, text: str) -> None:
        """Wait until this text appears anywhere in the editor's window."""
        wait_until(lambda: text in self.window.script(READ_WINDOW_TEXT), f"the editor says “{text}”", TIMEOUT_SECONDS)

    def save(self) -> None:
        """Check that nothing is wider than the window, press Save, and wait for the confirmation."""
        self.expect_no_overflow()
        self.window.script("document.getElementById('message').textContent = ''")
        self.press("Save")
        self.expect_text("Saved on this machine")

    def expect_no_overflow(self) -> None:
        """Check that nothing is wider than the window."""
        assert self.window.script("return document.documentElement.scrollWidth <= innerWidth"), "wider than the window"

    def file_text(self, path: str) -> str:
        """Return the text of a file of the project."""
        return (self.folder / path).read_text(encoding="utf-8")

    @property
    def service(self) -> Any:
        """Return the value of `extra.service` in mkdocs.yml."""
        return value_at(self.file_text("mkdocs.yml"), ["extra", "service"])
