"""Run the editor of `make edit` on a copy of the project, and operate it in Chromium as a person would."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.support import project_copy, sample_service
from tests.support.deployment import running_program, wait_for_port
from tools.content.yaml_edit import value_at
from tools.dev.ports import free_port

TIMEOUT_MS = 60_000  # shared machines are slow
PASTE_SCRIPT = """(element, kinds) => {
  const data = new DataTransfer();
  for (const [kind, text] of Object.entries(kinds)) data.setData(kind, text);
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def git(folder: Path, *arguments: str) -> str:
    """Run Git in a folder, as a sample author; return its output."""
    author = ["-c", "user.name=Amina Khan", "-c", "user.email=amina@example.org"]
    completed = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return completed.stdout


@contextmanager
def running_editor(root: Path, folder: Path, log_folder: Path) -> Iterator[tuple[Path, int]]:
    """Copy the project with the sample service into `folder`, as a Git repository, and run the editor on the copy.

    Yield the folder and the port.
    """
    project_copy.copy(root, folder)
    config = folder / "mkdocs.yml"
    config.write_text(sample_service.sample_configuration(config.read_text(encoding="utf-8")), encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "The site as it was")
    port = free_port()
    with running_program(
        sys.executable, "-m", "tools.editor", "--root", str(folder), "--port", str(port), cwd=log_folder
    ):
        wait_for_port(port, "the editor", seconds=120)
        yield folder, port


class EditorPage:
    """A browser page that shows the editor, which edits a copy of the project."""

    def __init__(self, folder: Path, url: str, page: Page) -> None:
        self.folder, self.url, self.page = folder, url, page

    def go_to(self, part: str) -> None:
        """Open a part of the editor, such as "" (the list of pages), "leaflets" or "settings/contact"."""
        self.page.goto(f"{self.url}/#/{part}")
        self.page.reload()
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible(timeout=TIMEOUT_MS)

    def open(self, path: str) -> None:
        """Open a page or leaflet and wait until its preview is built."""
        self.go_to(f"edit/{path}")
        expect(self.problems).not_to_contain_text("Loading", timeout=TIMEOUT_MS)

    def open_settings(self, group: str) -> None:
        """Open a group of the settings and wait until its preview is built."""
        self.go_to(f"settings/{group}")
        expect(self.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)

    @property
    def problems(self) -> Locator:
        """Return the list of problems that the editor shows."""
        return self.page.locator(".problems")

    @property
    def preview(self) -> Locator:
        """Return the body of the previewed page."""
        return self._preview_frame.locator("body")

    @property
    def _preview_frame(self) -> FrameLocator:
        return self.page.frame_locator(".stage iframe:not(.next)")

    @property
    def text_area(self) -> Locator:
        """Return the text area in which a page or leaflet is edited."""
        return self.page.locator(".surface .cm-content")

    def text(self) -> str:
        """Return the whole text of the open page or leaflet, including lines out of view."""
        return str(self.text_area.evaluate("element => element.cmTile.root.view.state.doc.toString()"))

    def replace_text(self, text: str) -> None:
        """Replace the whole text of the open page or leaflet."""
        self.text_area.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.paste({"text/plain": text})

    def append(self, text: str) -> None:
        """Append `text` to the open page or leaflet."""
        self.text_area.click()
        self.page.keyboard.press("ControlOrMeta+End")
        self.paste({"text/plain": text})

    def paste(self, text_by_type: dict[str, str]) -> None:
        """Paste text as if it were copied from another program; `text_by_type` maps MIME types to texts."""
        self.text_area.evaluate(PASTE_SCRIPT, text_by_type)

    def show_pane(self, pane: str) -> None:
        """Switch to the pane "Words" or "Page" on a phone; a wide window shows both."""
        if self.button(pane).is_visible():
            self.button(pane).click()

    def button(self, name: str) -> Locator:
        """Return the editor's button with this name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def expect_message(self, text: str) -> None:
        """Wait until the message at the foot of the window contains `text`."""
        expect(self.page.locator("#message")).to_contain_text(text, timeout=TIMEOUT_MS)

    def save(self) -> None:
        """Check that nothing is wider than the window, press Save, and wait for the confirmation."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        self.button("Save").click()
        self.expect_message("Saved on this machine")

    def file_text(self, path: str) -> str:
        """Return the text of a file of the project."""
        return (self.folder / path).read_text(encoding="utf-8")

    def service_settings(self) -> Any:
        """Return the value of `extra.service` in mkdocs.yml."""
        return value_at(self.file_text("mkdocs.yml"), ["extra", "service"])
