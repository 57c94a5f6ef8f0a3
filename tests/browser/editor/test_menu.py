"""Tests of changing the menu in the editor, checked in the menu of the built site."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.support import project_copy
from tests.support.editor_page import TIMEOUT_MS, EditorPage

pytestmark = [pytest.mark.system, pytest.mark.browser]


def open_menu_editing(editor: EditorPage) -> None:
    editor.go_to("")
    if editor.button("Add a part to the menu").is_hidden():
        editor.button("Move, rename or delete").click()


def dialog(editor: EditorPage) -> Locator:
    return editor.page.get_by_role("dialog")


def menu_parts(editor: EditorPage) -> list[str]:
    return editor.page.locator(".part-row h2").all_inner_texts()


def add_part(editor: EditorPage, name: str, page: str) -> None:
    editor.button("Add a part to the menu").click()
    dialog(editor).get_by_label("Name of the part").fill(name)
    dialog(editor).get_by_label("Its first page").select_option(page)
    dialog(editor).get_by_role("button", name="Add the part").click()
    expect(editor.page.get_by_role("heading", name=name, level=2)).to_be_visible(timeout=TIMEOUT_MS)


def build_and_read_tabs(editor: EditorPage) -> list[str]:
    """Rebuild the site from the saved files; return the names of the tabs in its menu."""
    completed = project_copy.run_python(editor.folder, "-m", "tools.publish.build")
    assert completed.returncode == 0, completed.stderr
    html = (editor.folder / "site" / "index.html").read_text(encoding="utf-8")
    menu = re.search(r'<nav class="menu".*?</ul>', html, re.DOTALL)
    assert menu
    return re.findall(r">([^<]+)</a></li>", menu[0])


def test_a_menu_part_is_added_filled_renamed_moved_and_deleted_on_a_phone(phone_editor: EditorPage) -> None:
    open_menu_editing(phone_editor)
    original_parts = menu_parts(phone_editor)
    add_part(phone_editor, "For families", "family-and-friends.md")
    assert menu_parts(phone_editor).index("For families") == original_parts.index("How it works")
    phone_editor.button("Move Under 18 into another part").click()
    dialog(phone_editor).get_by_label("Move it to").select_option("For families")
    dialog(phone_editor).get_by_role("button", name="Move", exact=True).click()
    phone_editor.expect_message("Moved")
    phone_editor.button("Rename the part For families").click()
    dialog(phone_editor).get_by_label("Name of the part").fill("Families: young & old")
    dialog(phone_editor).get_by_role("button", name="Rename", exact=True).click()
    expect(phone_editor.page.get_by_role("heading", name="Families: young & old", level=2)).to_be_visible(
        timeout=TIMEOUT_MS
    )
    phone_editor.button("Move the part Families: young & old up").click()
    expect(phone_editor.button("Move the part Families: young & old up")).to_be_focused(timeout=TIMEOUT_MS)
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab_names = build_and_read_tabs(phone_editor)
    assert "Families: young &amp; old" in tab_names or "Families: young & old" in tab_names
    assert tab_names.index("For professionals") > tab_names.index("I caused harm"), tab_names
    html = (phone_editor.folder / "site" / "under-18" / "index.html").read_text(encoding="utf-8")
    assert "family-and-friends" in html.partition("In this section")[2]
    phone_editor.button("Delete the part Families: young & old").click()
    dialog(phone_editor).get_by_label("Move its pages to").select_option("")
    dialog(phone_editor).get_by_role("button", name="Delete the part").click()
    phone_editor.expect_message("Its pages are still there")
    assert menu_parts(phone_editor) == original_parts
    assert (phone_editor.folder / "docs" / "under-18.md").is_file() and "Under 18" in build_and_read_tabs(phone_editor)


def test_the_footer_part_stays_the_last_part_of_the_menu(editor: EditorPage) -> None:
    open_menu_editing(editor)
    original_config = editor.file_text("mkdocs.yml")
    last_part = menu_parts(editor)[-1]
    editor.button(f"Move the part {last_part} up").click()
    expect(dialog(editor)).to_contain_text("the part for the footer must stay last", timeout=TIMEOUT_MS)
    editor.button("I see").click()
    assert editor.file_text("mkdocs.yml") == original_config


def test_a_second_menu_part_of_the_same_name_is_refused_with_a_message(editor: EditorPage) -> None:
    open_menu_editing(editor)
    editor.button("Rename the part How it works").click()
    dialog(editor).get_by_label("Name of the part").fill("Help and contact")
    dialog(editor).get_by_role("button", name="Rename", exact=True).click()
    expect(dialog(editor)).to_contain_text("There is a part with this name already", timeout=TIMEOUT_MS)
