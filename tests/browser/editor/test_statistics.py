"""Tests that a statistic can be removed without leaving a gap on any page, and can be added again."""

import re
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from playwright.sync_api import expect

from tests.support import project_copy
from tests.support.editor_page import TIMEOUT_MS, EditorPage
from tools.content.yaml_edit import value_at

pytestmark = [pytest.mark.system, pytest.mark.browser]

STATISTIC_FIGURE = "7 in 10"
STATISTIC_TEXT = "happy with the outcome"
# An empty element, or a heading with nothing below it.
GAP_PATTERN = re.compile(
    r"<(p|li|ul|figure|dd)\b(?![^>]*\bid=)[^>]*>\s*</\1>|<(h[23])\b[^>]*>[^<]*</\2>\s*(?:<\2|</main>|</section>)"
)


def statistics_setting(editor: EditorPage) -> Any:
    return value_at(editor.file_text("mkdocs.yml"), ["extra", "service", "statistics"])


def open_statistics(editor: EditorPage) -> None:
    editor.go_to("settings/statistics")
    expect(editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)


def build_site(editor: EditorPage) -> Path:
    completed = project_copy.run_python(editor.folder, "-m", "tools.publish.build")
    assert completed.returncode == 0, completed.stderr
    return editor.folder / "site"


def published_texts(site: Path) -> dict[str, str]:
    """Return the content of every published page, by path, and of every JSON and PDF file, by file name."""
    text_by_file = {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html")}
    text_by_file |= {path.name: path.read_text("utf-8") for path in site.rglob("*.json")}
    for path in site.rglob("*.pdf"):
        with pymupdf.open(path) as pdf:
            text_by_file[path.name] = " ".join(" ".join(page.get_text() for page in pdf).split())
    return text_by_file


def files_with_figure(site: Path) -> set[str]:
    return {name for name, text in published_texts(site).items() if STATISTIC_TEXT in text or STATISTIC_FIGURE in text}


def test_a_statistic_is_removed_in_one_action_and_restored_on_a_phone(phone_editor: EditorPage) -> None:
    original_files = files_with_figure(build_site(phone_editor))
    assert {"does-it-help/index.html", "index.html", "leaflet-to-fold.pdf"} <= original_files, original_files
    open_statistics(phone_editor)
    entry = phone_editor.page.locator(".entry").filter(has_text=STATISTIC_TEXT)
    entry.get_by_role("button", name=re.compile("^Remove")).click()
    phone_editor.page.wait_for_function(
        "document.querySelector('.preview-state').textContent.startsWith('This is how')"
    )
    expect(phone_editor.preview).not_to_contain_text(STATISTIC_TEXT, timeout=TIMEOUT_MS)
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone_editor.save()
    assert "happy" not in statistics_setting(phone_editor) and "satisfied" in statistics_setting(phone_editor)
    site = build_site(phone_editor)
    assert files_with_figure(site) == set()
    for path in site.rglob("*.html"):
        main = re.search(r"<main.*</main>", path.read_text(encoding="utf-8"), re.DOTALL)
        gap = main and GAP_PATTERN.search(main[0])
        assert not gap, (path, gap)
    open_statistics(phone_editor)
    phone_editor.button("Add: how many people are happy with the outcome").click()
    entry = phone_editor.page.locator(".entry").last
    entry.get_by_label("How many", exact=True).fill("7")
    entry.get_by_label("Out of how many").fill("10")
    entry.get_by_label("Sentence").fill("{value} in {of} people are happy with the outcome")
    entry.get_by_label("What the figure does not say").fill("This is our own figure.")
    expect(phone_editor.preview).to_contain_text("7 in 10 people are happy with the outcome", timeout=TIMEOUT_MS)
    phone_editor.save()
    assert statistics_setting(phone_editor)["happy"]["value"] == 7
    assert files_with_figure(build_site(phone_editor)) == original_files
