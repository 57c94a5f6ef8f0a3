"""Getting around in the editor: search, links to the place of a mistake, the menu in the preview, and undo."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.editor_page import TIMEOUT_MS, Editor

pytestmark = [pytest.mark.system, pytest.mark.browser]


def test_words_are_found_in_pages_and_leaflets_and_lead_to_their_line(phone: Editor) -> None:
    phone.go_to("")
    phone.page.get_by_label("Find words").fill("trained FACILITATOR")
    phone.button("Find").click()
    found = phone.page.locator(".links a")
    expect(found.first).to_be_visible(timeout=TIMEOUT_MS)
    titles = found.all_inner_texts()
    assert any("leaflet" in title for title in titles) and any("leaflet" not in title for title in titles), titles
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    words = phone.page.locator(".links li").last.inner_text().partition(": ")[2]
    found.last.click()
    expect(phone.page.locator(".cm-line", has_text=words[:30]).first).to_be_in_viewport(timeout=TIMEOUT_MS)


def test_a_link_in_the_way_of_deleting_a_page_leads_to_its_line(editor: Editor) -> None:
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
def test_a_page_that_the_site_needs_cannot_be_deleted(editor: Editor, name: str) -> None:
    editor.go_to("")
    editor.button("Move, rename or delete").click()
    editor.button(f"Delete {name}").click()
    expect(editor.page.get_by_role("dialog")).to_contain_text("This page cannot be deleted", timeout=TIMEOUT_MS)


def test_three_clicks_choose_a_line_without_its_end(editor: Editor) -> None:
    editor.open("docs/support.md")
    before = editor.text()
    line = editor.page.locator(".cm-line", has_text=re.compile(r"^[A-Z].*\.$")).first
    words = line.inner_text()
    line.click(click_count=3)
    editor.page.keyboard.type("Another sentence.")
    assert editor.text() == before.replace(words, "Another sentence.", 1)


def test_the_menu_opens_in_the_preview(phone: Editor) -> None:
    phone.open("docs/support.md")
    phone.show_pane("Page")
    phone.preview.get_by_role("button", name="Menu").click(timeout=TIMEOUT_MS)
    expect(phone.preview.locator("#menu").get_by_role("link").first).to_be_visible()


def test_what_a_new_entry_lacks_is_told_by_the_labels_of_the_form_and_leads_there(editor: Editor) -> None:
    editor.go_to("settings/helplines")
    editor.button("Add to helplines").click()
    mistake = editor.problems.get_by_role("button", name="Helplines → New entry → Checked on is missing: fill it in")
    expect(mistake).to_be_visible(timeout=TIMEOUT_MS)
    expect(editor.problems).not_to_contain_text(re.compile(r"mkdocs|extra\.|add the line"))
    editor.page.locator(".form").evaluate("form => form.scrollTop = form.scrollHeight")
    mistake.click()
    expect(editor.page.get_by_label("Checked on").last).to_be_in_viewport()


def test_an_entry_that_was_removed_by_a_slip_is_put_back(phone: Editor) -> None:
    phone.go_to("settings/helplines")
    expect(phone.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    names = phone.page.locator(".entry summary")
    before = names.all_inner_texts()
    phone.button("Remove Samaritans").click()
    assert len(names.all_inner_texts()) == len(before) - 1
    phone.button("Put back Samaritans").click()
    assert names.all_inner_texts() == before
    expect(phone.page.get_by_text("Everything is saved.")).to_be_visible()


def test_the_preview_frames_what_a_setting_changes(editor: Editor) -> None:
    editor.go_to("settings/organisation")
    expect(editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    editor.page.get_by_label("Area", exact=True).fill("the Vale of Tarn")
    edited = editor.preview.locator("[data-edited]")
    expect(edited).to_contain_text("the Vale of Tarn", timeout=TIMEOUT_MS)
    expect(edited).to_be_in_viewport()
