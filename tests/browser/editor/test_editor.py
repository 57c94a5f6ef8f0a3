"""`make edit` as somebody uses it at first: change words, see the real page, publish, and nothing else changes."""

import difflib
import json
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.support import project_copy
from tests.support.deployment import answers, program, wait_for
from tools.dev.ports import free_port

LIVE_PREVIEW = 15_000  # milliseconds; shared machines are slow


def saved(root: Path, format_name: str, text: str, **change: Any) -> tuple[dict[str, Any], str]:
    """What the editor reads out of a file, and the file it would save with `change`."""
    asked = json.dumps([{"format": format_name, "text": text, "change": change}])
    done = subprocess.run(
        ["node", str(root / "tests" / "support" / "files.cjs")], input=asked, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout)
    return answer["data"], answer["text"]


@pytest.mark.system
def test_saving_a_file_untouched_changes_no_letter_of_it(root: Path) -> None:
    for page in sorted((root / "docs").glob("*.md")):
        data, text = saved(root, "page", page.read_text())
        assert text == page.read_text(), page.name
        assert data["title"], page.name
    for leaflet in sorted((root / "leaflet").glob("*.md")):
        assert saved(root, "leaflet", leaflet.read_text())[1] == leaflet.read_text()
    data, text = saved(root, "service", (root / "mkdocs.yml").read_text())
    assert text == (root / "mkdocs.yml").read_text()
    real = yaml.safe_load(re.sub(r"!\S+ (\[.*\])", r"\1", text))["extra"]["service"]
    for name, value in data.items():
        if name != "text":
            expected: Any = real
            for part in name.split("__"):
                expected = expected[part]
            assert value == expected, name


@pytest.mark.system
@pytest.mark.parametrize("value", ["01632 960999", "a: b # c", 'say "hi"', "", "yes", "Zoë’s team", "2025"])
@pytest.mark.parametrize("name", ["phone", "statistics__happy__year", "confidentiality", "secure_email"])
def test_a_detail_comes_back_as_it_was_typed(root: Path, name: str, value: str) -> None:
    before = (root / "mkdocs.yml").read_text()
    text = saved(root, "service", before, **{name: value})[1]
    found: Any = yaml.safe_load(re.sub(r"!\S+ (\[.*\])", r"\1", text))["extra"]["service"]
    for part in name.split("__"):
        found = found[part]
    assert (found or "") == value
    assert "# the reporting year" not in before or "# the reporting year" in text
    old = yaml.safe_load(re.sub(r"!\S+ (\[.*\])", r"\1", before))
    new = yaml.safe_load(re.sub(r"!\S+ (\[.*\])", r"\1", text))
    assert {k: v for k, v in new.items() if k not in ("extra", "markdown_extensions")} == {
        k: v for k, v in old.items() if k not in ("extra", "markdown_extensions")
    }


@pytest.mark.system
def test_a_new_description_replaces_the_old_one_only(root: Path) -> None:
    page = (root / "docs" / "contact.md").read_text()
    text = saved(root, "page", page, description="Ways to reach us: $1 & more")[1]
    before, after = (yaml.safe_load(one.split("---\n")[1]) for one in (page, text))
    assert after == {**before, "description": "Ways to reach us: $1 & more"}
    assert text.split("---\n", 2)[2] == page.split("---\n", 2)[2]


class Editor:
    """The editor in a browser, on a copy of the project."""

    def __init__(self, folder: Path, address: str, page: Page) -> None:
        self.folder, self.address, self.page = folder, address, page

    def open(self, entry: str) -> None:
        """Open one entry and wait until the real page stands beside it."""
        self.page.goto(f"{self.address}/#/collections/{entry}")
        self.page.reload()
        expect(self.note).to_contain_text(re.compile("Nothing to mend|to mend"), timeout=20_000)

    @property
    def _pane(self) -> FrameLocator:
        return self.page.frame_locator("#preview-pane")

    @property
    def note(self) -> Any:
        """What stands above the preview."""
        return self._pane.locator(".preview-note")

    @property
    def shown(self) -> Any:
        """The real page in the preview."""
        return self._pane.frame_locator("iframe").locator("body")

    @property
    def words(self) -> Any:
        """The box with the words."""
        return self.page.locator(".words textarea")

    def publish(self) -> None:
        """Press Publish, as the guide says."""
        self.page.get_by_role("button", name="Publish", exact=True).click()
        self.page.get_by_role("menuitem", name="Publish now").click()
        expect(self.page.get_by_text("Changes saved", exact=False).first).to_be_visible(timeout=15_000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[tuple[Path, int]]:
    folder = project_copy.copy(root, tmp_path_factory.mktemp("edited"))
    port = free_port()
    here = tmp_path_factory.mktemp("editor-log")
    with program(sys.executable, "-m", "tools.editor", "--root", str(folder), "--port", str(port), cwd=here):
        wait_for("the editor answers", lambda: answers(port), seconds=90)
        yield folder, port


@pytest.fixture
def editor(running: tuple[Path, int], browser: Browser) -> Iterator[Editor]:
    folder, port = running
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    yield Editor(folder, f"http://127.0.0.1:{port}", page)
    page.close()
    local = (f"http://127.0.0.1:{port}/", "data:", "blob:", "about:", "chrome:", "chrome-extension:")
    assert [url for url in elsewhere if not url.startswith(local)] == []


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.system
@pytest.mark.browser
def test_words_are_changed_seen_and_published_and_nothing_else_is(editor: Editor) -> None:
    file = editor.folder / "docs" / "contact.md"
    before = {path: path.read_bytes() for path in editor.folder.rglob("*") if path.is_file()}
    editor.open("pages/entries/contact")
    editor.words.fill(editor.words.input_value().replace("safest for you", "safest and easiest for you"))
    expect(editor.shown).to_contain_text("safest and easiest for you", timeout=LIVE_PREVIEW)
    assert file.read_bytes() == before[file], "the preview must not touch the file"
    editor.publish()
    wait_for("the words in the file", lambda: b"safest and easiest" in file.read_bytes())
    lines = changed_lines(before[file].decode(), file.read_text())
    assert len(lines) == 2 and "safest and easiest" in lines[1]
    now = {path: path.read_bytes() for path in editor.folder.rglob("*") if path.is_file()}
    assert {path for path in now if now[path] != before.get(path)} == {file}


@pytest.mark.system
@pytest.mark.browser
def test_no_button_of_the_editor_lies_over_the_pages_own(editor: Editor) -> None:
    editor.open("pages/entries/contact")
    page = editor.page.frame_locator("#preview-pane").locator("iframe").bounding_box()
    shown = [one for one in editor.page.get_by_role("button").all() if one.get_attribute("title")]
    boxes = [box for one in shown if (box := one.bounding_box())]
    assert page and boxes
    assert [box for box in boxes if box["x"] > page["x"] and box["y"] + box["height"] > page["y"]] == []


@pytest.mark.system
@pytest.mark.browser
def test_mistakes_are_told_with_page_and_line_beside_the_words(editor: Editor) -> None:
    editor.open("pages/entries/support")
    text = editor.words.input_value()
    head = (editor.folder / "docs" / "support.md").read_text().split(text)[0].count("\n")
    line = head + text.rstrip("\n").count("\n") + 3
    editor.words.fill(text.rstrip("\n") + "\n\nSee [the team](contcat.md).\n")
    expect(editor.note).to_contain_text(f"support.md, line {line}", timeout=LIVE_PREVIEW)
    expect(editor.note).to_contain_text("contact.md")
    editor.words.fill(text.rstrip("\n") + "\n\nCall {{ fone }}.\n")
    expect(editor.note).to_contain_text(
        "there is no fact called {{ fone }}. Did you mean {{ phone }}?", timeout=LIVE_PREVIEW
    )
    expect(editor.note).to_contain_text(f"line {line}")
    editor.words.fill(text)
    expect(editor.note).to_contain_text("Nothing to mend", timeout=LIVE_PREVIEW)


@pytest.mark.system
@pytest.mark.browser
def test_a_fact_is_put_in_from_the_menu(editor: Editor) -> None:
    editor.open("pages/entries/support")
    editor.words.fill("# Support\n\nCall ")
    editor.words.press("Control+End")
    editor.page.locator(".words select").select_option("phone")
    assert editor.words.input_value() == "# Support\n\nCall {{ phone }}"
    expect(editor.shown).to_contain_text("Call 01632 960123", timeout=LIVE_PREVIEW)


@pytest.mark.system
@pytest.mark.browser
def test_a_phone_number_changes_on_every_page_and_in_one_line_of_one_file(editor: Editor) -> None:
    file = editor.folder / "mkdocs.yml"
    before = file.read_text()
    editor.open("contact/entries/contact")
    editor.page.get_by_label("Phone number").fill("01632 960444")
    expect(editor.shown).to_contain_text("01632 960444", timeout=2 * LIVE_PREVIEW)
    editor.publish()
    wait_for("the number in the file", lambda: "01632 960444" in file.read_text())
    assert changed_lines(before, file.read_text()) == ["-     phone: 01632 960123", '+     phone: "01632 960444"']


@pytest.mark.system
@pytest.mark.browser
def test_a_statistic_is_changed_with_its_year(editor: Editor) -> None:
    editor.open("statistics/entries/statistics")
    editor.page.get_by_label("Happy with the outcome: how many").fill("8")
    editor.page.get_by_label("Happy with the outcome: reporting year").fill("2025 to 2026")
    expect(editor.shown).to_contain_text("8 in 10 people", timeout=2 * LIVE_PREVIEW)
    editor.publish()
    file = editor.folder / "mkdocs.yml"
    wait_for("the year in the file", lambda: "2025 to 2026" in file.read_text())
    assert "the reporting year; a production build needs it" in file.read_text()


@pytest.mark.system
@pytest.mark.browser
def test_a_leaflets_mistake_is_told(editor: Editor) -> None:
    editor.open("leaflets/entries/leaflet")
    text = editor.words.input_value()
    editor.words.fill(text.replace("{{ phone }}", "{{ phome }}", 1))
    expect(editor.note).to_contain_text("phome", timeout=2 * LIVE_PREVIEW)
    expect(editor.note).to_contain_text("line")


def ask(port: int, path: str, body: Any = None, **headers: str) -> int:
    data = None if body is None else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, names)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.system
def test_a_port_that_is_taken_is_told_and_nothing_is_left_running(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        command = [sys.executable, "-m", "tools.editor", f"--port={number}"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (1, f"The editor cannot start on port {number}: Address already in use\n")
    origin = f"http://127.0.0.1:{number}".encode()
    environments = (process.info["environ"] or {} for process in psutil.process_iter(["environ"]))
    assert [one for one in environments if one.get("ORIGIN", "").encode() == origin] == []


@pytest.mark.system
def test_no_other_site_in_the_same_browser_can_read_or_write(running: tuple[Path, int]) -> None:
    _, port = running
    ours = f"http://127.0.0.1:{port}"
    read = {"branch": "main", "action": "getEntry", "params": {"branch": "main", "path": "docs/contact.md"}}
    assert ask(port, "/api/v1", read, Origin=ours) == 200
    assert ask(port, "/api/v1", read, Origin="https://evil.example") == 403
    assert ask(port, "/api/v1", read) == 403
    assert ask(port, "/", Host="evil.example") == 403


@pytest.mark.system
@pytest.mark.parametrize("path", ["tools/lint.py", "../outside.md", "docs/../Makefile", "/etc/passwd", "docs/x.html"])
def test_only_words_can_be_written(running: tuple[Path, int], path: str) -> None:
    folder, port = running
    write = {
        "branch": "main",
        "action": "persistEntry",
        "params": {
            "branch": "main",
            "dataFiles": [{"path": path, "slug": "x", "raw": "changed"}],
            "assets": [],
            "options": {"commitMessage": "x"},
        },
    }
    assert ask(port, "/api/v1", write, Origin=f"http://127.0.0.1:{port}") == 403
    assert ask(port, "/preview", {"path": path, "text": "x"}, Origin=f"http://127.0.0.1:{port}") == 403
    assert not any(file.read_bytes() == b"changed" for file in folder.rglob("*") if file.is_file())


def test_each_leaflet_shows_as_what_is_made_from_it(site: Path, root: Path) -> None:
    from tools.editor.app import LEAFLETS

    for words, leaflet in LEAFLETS.items():
        assert (root / words).is_file() and (site / "leaflets" / leaflet).is_file()
