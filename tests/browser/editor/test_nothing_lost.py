"""Tests that no text is lost when the editor is reloaded, two people edit a page, or an old version is restored."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.editor_page import TIMEOUT_MS, EditorPage, git

pytestmark = [pytest.mark.system, pytest.mark.browser]


def test_a_reload_brings_unsaved_words_back_in_their_place(editor: EditorPage) -> None:
    original_text = editor.file_text("docs/what-happens.md")
    editor.open("docs/what-happens.md")
    editor.append("\n\nNot yet saved.")
    editor.page.reload()
    expect(editor.page.get_by_text("are back. Not saved yet.")).to_be_visible(timeout=TIMEOUT_MS)
    assert editor.text().endswith("Not yet saved.")
    expect(editor.page.locator(".cm-line", has_text="Not yet saved.")).to_be_in_viewport()
    assert editor.file_text("docs/what-happens.md") == original_text
    editor.go_to("")
    expect(editor.page.locator(".page-row", has_text="Not saved yet")).to_have_count(1)
    editor.open("docs/what-happens.md")
    editor.button("Throw my changes away").click()
    expect(editor.page.get_by_text("Everything is saved.")).to_be_visible()
    editor.go_to("")
    expect(editor.page.get_by_text("Not saved yet")).to_have_count(0)


def test_neither_of_two_people_who_edit_one_page_loses_words(open_editor: Callable[..., EditorPage]) -> None:
    first_editor, second_editor = open_editor(), open_editor()
    for editor in (first_editor, second_editor):
        editor.open("docs/cookies.md")
    first_editor.append("\n\nThe first person’s sentence.\n")
    first_editor.save()
    second_editor.append("\n\nThe second person’s sentence.\n")
    expect(second_editor.preview).to_contain_text("The second person’s sentence.", timeout=TIMEOUT_MS)
    second_editor.button("Save").click()
    dialog = second_editor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The first person’s sentence.", timeout=TIMEOUT_MS)
    expect(dialog).to_contain_text("The second person’s sentence.")
    assert "second person" not in second_editor.file_text("docs/cookies.md"), (
        "nothing is written before the person chose"
    )
    second_editor.button("Use your version, on the right").click()
    second_editor.append("\n\nThe first person’s sentence.\n")
    second_editor.save()
    assert "The first person’s sentence." in second_editor.file_text("docs/cookies.md")
    assert "The second person’s sentence." in second_editor.file_text("docs/cookies.md")


def test_a_page_can_be_restored_to_an_earlier_version(editor: EditorPage) -> None:
    original_text = editor.file_text("docs/privacy.md")
    editor.open("docs/privacy.md")
    editor.append("\n\nA sentence to regret.\n")
    editor.save()
    assert git(editor.folder, "log", "-1", "--format=%s", "--", "docs/privacy.md").startswith("Change ")
    editor.button("Earlier versions").click()
    editor.page.get_by_role("button", name=re.compile("The site as it was")).click()
    editor.button("Go back to this version").click()
    assert "regret" not in editor.text()
    assert "regret" in editor.file_text("docs/privacy.md"), "nothing changes before Save"
    expect(editor.page.locator(".preview-state")).to_have_text("This is how it will look.", timeout=TIMEOUT_MS)
    editor.save()
    assert editor.file_text("docs/privacy.md") == original_text


def test_words_are_kept_while_the_editor_does_not_answer(editor: EditorPage) -> None:
    editor.open("docs/accessibility.md")
    editor.page.context.set_offline(True)
    editor.append("\n\nTyped meanwhile.")
    expect(editor.page.locator(".preview-state")).to_contain_text("Your words are kept", timeout=TIMEOUT_MS)
    editor.page.context.set_offline(False)
    editor.page.reload()
    expect(editor.text_area).to_be_visible(timeout=TIMEOUT_MS)
    assert editor.text().endswith("Typed meanwhile.")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (502, "The editor is not responding. Your words are kept in this browser."),
        (504, "The editor took too long to answer. Your words are kept in this browser."),
        (413, "That is larger than 20 MB. Make it smaller first."),
    ],
)
def test_an_error_page_of_the_web_server_is_reported_in_words_and_the_text_stays(
    editor: EditorPage, status: int, message: str
) -> None:
    editor.page.route("**/api/publish", lambda route: route.fulfill(status=status, body="<h1>nginx</h1>"))
    editor.open("docs/cookies.md")
    editor.append("\n\nWords that must stay.")
    editor.button("Save").click()
    editor.expect_message(message)
    editor.page.reload()
    expect(editor.text_area).to_contain_text("Words that must stay.", timeout=TIMEOUT_MS)
