"""Tests of search and undo in the editor, of links that open it at a line, and of the menu in the preview."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.editor_page import TIMEOUT_MS, EditorPage

pytestmark = [pytest.mark.system, pytest.mark.browser]


def test_words_are_found_in_pages_and_leaflets_and_results_open_at_their_line(phone_editor: EditorPage) -> None:
    phone_editor.go_to("")
    phone_editor.page.get_by_label("Find words").fill("trained FACILITATOR")
    phone_editor.button("Find").click()
    results = phone_editor.page.locator(".links a")
    expect(results.first).to_be_visible(timeout=TIMEOUT_MS)
    titles = results.all_inner_texts()
    assert any("leaflet" in title for title in titles) and any("leaflet" not in title for title in titles), titles
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    words = phone_editor.page.locator(".links li").last.inner_text().partition(": ")[2]
    results.last.click()
    expect(phone_editor.page.locator(".cm-line", has_text=words[:30]).first).to_be_in_viewport(timeout=TIMEOUT_MS)


def test_the_editor_opens_at_the_line_of_a_link_that_prevents_deleting_a_page(editor: EditorPage) -> None:
    editor.go_to("")
    editor.button("Move, rename or delete").click()
    editor.button("Delete Under 18").click()
    link = editor.page.get_by_role("dialog").get_by_role("link").last
    link.click()
    expect(editor.page.get_by_role("dialog")).to_have_count(0)
    expect(editor.text_area).to_be_visible(timeout=TIMEOUT_MS)
    line = "view.state.doc.lineAt(view.state.selection.main.head).text"
    assert "under-18.md" in editor.text_area.evaluate(
        f"element => {{ const view = element.cmTile.root.view; return {line} }}"
    )


@pytest.mark.parametrize("name", ["Search this site", "Privacy"])
def test_a_required_page_cannot_be_deleted(editor: EditorPage, name: str) -> None:
    editor.go_to("")
    editor.button("Move, rename or delete").click()
    editor.button(f"Delete {name}").click()
    expect(editor.page.get_by_role("dialog")).to_contain_text("This page cannot be deleted", timeout=TIMEOUT_MS)


def test_a_triple_click_selects_a_line_without_its_line_break(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    original_text = editor.text()
    line = editor.page.locator(".cm-line", has_text=re.compile(r"^[A-Z].*\.$")).first
    sentence = line.inner_text()
    line.click(click_count=3)
    editor.page.keyboard.type("Another sentence.")
    assert editor.text() == original_text.replace(sentence, "Another sentence.", 1)


def test_the_menu_opens_in_the_preview(phone_editor: EditorPage) -> None:
    phone_editor.open("docs/support.md")
    phone_editor.show_pane("Page")
    phone_editor.preview.get_by_role("button", name="Menu").click(timeout=TIMEOUT_MS)
    expect(phone_editor.preview.locator("#menu").get_by_role("link").first).to_be_visible()


def test_a_missing_field_is_named_by_its_label_and_opens_with_a_click(editor: EditorPage) -> None:
    editor.go_to("settings/helplines")
    editor.button("Add to helplines").click()
    missing_date = editor.problems.get_by_role(
        "button", name="Helplines → New entry → Checked on is missing: fill it in"
    )
    expect(missing_date).to_be_visible(timeout=TIMEOUT_MS)
    expect(editor.problems).not_to_contain_text(re.compile(r"mkdocs|extra\.|add the line"))
    editor.page.locator(".form").evaluate("form => form.scrollTop = form.scrollHeight")
    missing_date.click()
    expect(editor.page.get_by_label("Checked on").last).to_be_in_viewport()


def test_an_entry_removed_by_mistake_can_be_put_back(phone_editor: EditorPage) -> None:
    phone_editor.go_to("settings/helplines")
    expect(phone_editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    names = phone_editor.page.locator(".entry summary")
    original_names = names.all_inner_texts()
    phone_editor.button("Remove Samaritans").click()
    assert len(names.all_inner_texts()) == len(original_names) - 1
    phone_editor.button("Put back Samaritans").click()
    assert names.all_inner_texts() == original_names
    expect(phone_editor.page.get_by_text("Everything is saved.")).to_be_visible()


def test_the_preview_highlights_what_a_setting_changes(editor: EditorPage) -> None:
    editor.go_to("settings/organisation")
    expect(editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    editor.page.get_by_label("Area", exact=True).fill("the Vale of Tarn")
    edited_element = editor.preview.locator("[data-edited]")
    expect(edited_element).to_contain_text("the Vale of Tarn", timeout=TIMEOUT_MS)
    expect(edited_element).to_be_in_viewport()
