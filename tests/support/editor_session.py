"""What a person does in the editor, and sees there, in the window of any engine."""

from pathlib import Path
from typing import Any

from tests.support.driven_browser import until_true
from tests.support.editor_window import Window
from tools.content.yaml_edit import value_at

SECONDS = 60  # shared machines are slow
# What can be pressed or filled in by this name: in the dialog, if one is open, and in the group or entry of that name.
FIND = """
const [kind, name, group] = arguments;
const plain = (text) => (text || "").replace(/\\s+/g, " ").trim();
const seen = (it) => it.checkVisibility();
let place = [...document.querySelectorAll("dialog[open]")].pop() || document;
if (group) {
  const named = (box) => plain(box.querySelector("legend, summary")?.textContent) === group;
  place = [...place.querySelectorAll("fieldset, .entry")].filter(named).pop();
  if (!place) return null;
}
if (kind === "button") {
  const said = (it) => plain(it.getAttribute("aria-label") || it.textContent);
  const called = (it) => (name.endsWith("*") ? said(it).startsWith(name.slice(0, -1)) : said(it) === name);
  return [...place.querySelectorAll("button, summary, a")].find((it) => seen(it) && called(it));
}
const labels = [...place.querySelectorAll("label")].filter((it) => seen(it) && plain(it.textContent) === name);
const controls = [...place.querySelectorAll("input, textarea")].filter((it) => it.getAttribute("aria-label") === name);
return labels.map((it) => document.getElementById(it.htmlFor)).concat(controls).pop();
"""
SHOWN = """
const frame = document.querySelector(".stage iframe:not(.next)");
return (frame?.contentDocument?.body?.innerText || "").replace(/\\s+/g, " ");
"""
BUILT = "return document.querySelector('.preview-state')?.textContent === 'This is how it will look.'"
SAYS = "return document.body.innerText.replace(/\\s+/g, ' ')"
WORDS = "return document.querySelector('.surface .cm-content').cmTile.root.view.state.doc.toString()"
# Puts the cursor at the end, or chooses the words that are given.
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
    """The editor at `url`, which works on the project in `folder`, in one window."""

    def __init__(self, window: Window, folder: Path, url: str) -> None:
        self.window, self.folder, self.url = window, folder, url
        window.open(f"{url}/")

    def go(self, part: str = "") -> None:
        """Open a part of the editor: "" for the pages, "settings/contact", "edit/docs/contact.md"."""
        self.window.script("history.replaceState(null, '', arguments[0])", f"/#/{part}")
        self.window.refresh()
        self.wait("return document.querySelector('main h1') !== null", "the editor is there")
        if part.startswith(("edit/", "settings/")):
            self.wait(BUILT, f"{part} was built")

    def wait(self, code: str, what: str, *arguments: Any) -> None:
        """Wait until `code` returns true in the page."""
        until_true(lambda: bool(self.window.script(code, *arguments)), what, SECONDS)

    def press(self, name: str, group: str = "") -> None:
        """Click a button, a link or the name of an entry; `The site*` for one that begins so."""
        self.window.click(self._find("button", name, group))

    def fill(self, group: str = "", **fields: str) -> None:
        """Fill fields in by their labels, with `_` for a space."""
        self.fill_in({label.replace("_", " "): words for label, words in fields.items()}, group)

    def fill_in(self, fields: dict[str, str], group: str = "") -> None:
        """Fill fields in by their labels."""
        for label, words in fields.items():
            self.window.fill(self._find("field", label, group), words)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list by its words."""
        self.window.choose(self._find("field", label, ""), option)

    def attach(self, label: str, file: Path) -> None:
        """Give a file to a field."""
        self.window.attach(self._find("field", label, ""), file)

    def _find(self, kind: str, name: str, group: str) -> Any:
        found: list[Any] = []
        until_true(
            lambda: bool(found.append(self.window.element(FIND, kind, name, group)) or found[-1]),
            f"a {kind} called {name} {group}".strip(),
            SECONDS,
        )
        return found[-1]

    def entry(self, words: str) -> str:
        """Return the whole name of the entry that has these words in it."""
        code = "return [...document.querySelectorAll('.entry summary')].map((it) => it.textContent)"
        (found,) = [name for name in self.window.script(code) if words in name]
        return str(found)

    def words(self) -> str:
        """Return all words of the page or leaflet, those out of view too."""
        return str(self.window.script(WORDS))

    def write(self, words: str, instead_of: str = "") -> None:
        """Type at the end of the words, or in the place of some of them."""
        assert self.window.script(PUT_CURSOR, instead_of), f"the page does not say {instead_of}"
        if instead_of:
            self.window.erase()
        self.window.type(words)

    def sees(self, words: str) -> None:
        """Wait until the real page beside the words, or behind the button Page, says this."""
        on_a_phone = self.window.element(FIND, "button", "Page", "")
        if on_a_phone:
            self.press("Page")
        until_true(lambda: words in self.window.script(SHOWN), f"“{words}” in the preview", SECONDS)
        if on_a_phone:
            self.press("Words")

    def is_told(self, words: str) -> None:
        """Wait until the editor says this anywhere in its window."""
        until_true(lambda: words in self.window.script(SAYS), f"the editor says “{words}”", SECONDS)

    def save(self) -> None:
        """Press Save, and be told that it is. Nothing is wider than the window then."""
        self.fits()
        self.window.script("document.getElementById('message').textContent = ''")
        self.press("Save")
        self.is_told("Saved on this machine")

    def fits(self) -> None:
        """Check that nothing is wider than the window."""
        assert self.window.script("return document.documentElement.scrollWidth <= innerWidth"), "wider than the window"

    def file(self, path: str) -> str:
        """Return the text of a file of the project."""
        return (self.folder / path).read_text(encoding="utf-8")

    @property
    def service(self) -> Any:
        """Return extra.service as mkdocs.yml has it."""
        return value_at(self.file("mkdocs.yml"), ["extra", "service"])
