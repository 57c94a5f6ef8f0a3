"""Tests of the forms in which the editor shows, previews and saves the settings of mkdocs.yml."""

import difflib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import project_copy
from tests.support.editor_page import TIMEOUT_MS, EditorPage

pytestmark = [pytest.mark.system, pytest.mark.browser]


def changed_lines(original_text: str, changed_text: str) -> list[str]:
    return [line for line in difflib.ndiff(original_text.splitlines(), changed_text.splitlines()) if line[0] in "+-"]


def test_a_new_phone_number_changes_one_line_of_one_file_and_shows_on_the_site(editor: EditorPage) -> None:
    number = "01632 960444"
    original_text = editor.file_text("mkdocs.yml")
    editor.open_settings("contact")
    editor.page.get_by_label("Phone number", exact=True).fill(number)
    expect(editor.preview).to_contain_text(number, timeout=TIMEOUT_MS)
    editor.save()
    config_changes = changed_lines(original_text, editor.file_text("mkdocs.yml"))
    assert len(config_changes) == 2 and number in config_changes[1]
    assert project_copy.run_python(editor.folder, "-m", "tools.publish.build").returncode == 0
    assert number in (editor.folder / "site" / "contact" / "index.html").read_text(encoding="utf-8")


def test_a_wrong_value_is_reported_at_its_field_and_is_not_saved(editor: EditorPage) -> None:
    original_text = editor.file_text("mkdocs.yml")
    editor.open_settings("contact")
    editor.page.get_by_label("Email address", exact=True).fill("not an address")
    expect(editor.page.locator(".setting .error").filter(has_text=re.compile(r"\w"))).to_have_count(
        1, timeout=TIMEOUT_MS
    )
    expect(editor.page.get_by_role("button", name=re.compile("^Cannot save yet"))).to_be_visible()
    assert editor.file_text("mkdocs.yml") == original_text


def test_a_helpline_is_added_moved_and_removed_on_a_phone(phone_editor: EditorPage) -> None:
    phone_editor.open_settings("helplines")
    first_helpline = next(iter(phone_editor.service_settings()["helplines"]))
    phone_editor.button("Add to helplines").click()
    entry = phone_editor.page.locator(".entry").last
    for label, text in {
        "Name": "A new helpline",
        "Number": "0808 157 0000",
        "What it is for": "Someone who listens.",
    }.items():
        entry.get_by_label(label, exact=True).fill(text)
    entry.get_by_label("Where this comes from").fill("https://www.gov.uk/")
    entry.get_by_label("Checked on").fill("2026-11-23")
    phone_editor.button("Move A new helpline up").click()
    expect(phone_editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone_editor.save()
    helplines = phone_editor.service_settings()["helplines"]
    assert list(helplines)[-2] == "a_new_helpline" and helplines["a_new_helpline"]["checked"] == "2026-11-23"
    assert next(iter(helplines)) == first_helpline
    phone_editor.open_settings("helplines")
    phone_editor.button("Remove A new helpline").click()
    expect(phone_editor.page.locator(".preview-state")).to_have_text("This is how it will look.", timeout=TIMEOUT_MS)
    phone_editor.save()
    assert "a_new_helpline" not in phone_editor.service_settings()["helplines"]


def test_a_reload_brings_typed_settings_back(editor: EditorPage) -> None:
    editor.open_settings("organisation")
    editor.page.get_by_label("Area", exact=True).fill("Somewhere else")
    editor.page.reload()
    expect(editor.page.get_by_text("What you typed before is back")).to_be_visible(timeout=TIMEOUT_MS)
    expect(editor.page.get_by_label("Area", exact=True)).to_have_value("Somewhere else")
    editor.button("Throw my changes away").click()
    editor.page.get_by_role("dialog").get_by_role("button", name="Throw them away").click()
    expect(editor.page.get_by_label("Area", exact=True)).not_to_have_value("Somewhere else", timeout=TIMEOUT_MS)


def test_the_postal_address_and_the_exit_address_can_be_set(editor: EditorPage) -> None:
    town = "Marlford"
    editor.open_settings("contact")
    group = editor.page.get_by_role("group", name="Postal address")
    while group.get_by_role("button", name=re.compile("^Remove")).count():
        group.get_by_role("button", name=re.compile("^Remove")).first.click()
    for number, line in enumerate(("1 High Street", town), start=1):
        group.get_by_role("button", name="Add a line").click()
        group.get_by_label(f"Postal address, line {number}").fill(line)
    expect(editor.page.locator(".preview-state")).to_have_text("This is how it will look.", timeout=TIMEOUT_MS)
    editor.save()
    assert editor.service_settings()["post_address"] == ["1 High Street", town]
    editor.open_settings("form")
    exit_address = "https://www.gov.uk/marlford"
    editor.page.get_by_label("Where “Leave this page” goes").fill(exit_address)
    expect(editor.preview.locator(f"a[href='{exit_address}']").first).to_be_attached(timeout=TIMEOUT_MS)
    editor.save()
    assert editor.service_settings()["exit_address"] == exit_address


def test_the_second_of_two_people_who_edit_a_setting_chooses_between_both_values(
    open_editor: Callable[..., EditorPage],
) -> None:
    first_editor, second_editor = open_editor(), open_editor()
    for editor in (first_editor, second_editor):
        editor.open_settings("contact")
    first_editor.page.get_by_label("Opening hours", exact=True).fill("Monday to Friday, 10am to 4pm")
    first_editor.page.get_by_label("Email address", exact=True).fill("first@example.org.uk")
    first_editor.save()
    second_editor.page.get_by_label("Opening hours", exact=True).fill("Every day, 8am to 8pm")
    second_editor.page.get_by_label("Number for texts", exact=True).fill("07700 900555")
    expect(second_editor.page.locator(".preview-state")).to_have_text("This is how it will look.", timeout=TIMEOUT_MS)
    second_editor.button("Save").click()
    dialog = second_editor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Opening hours", timeout=TIMEOUT_MS)
    expect(dialog.get_by_label("The saved version Monday to Friday, 10am to 4pm")).to_be_visible()
    expect(dialog.get_by_label("Your version Every day, 8am to 8pm")).to_be_checked()
    expect(dialog).not_to_contain_text("first@example.org.uk")  # only the first editor changed the email address
    assert second_editor.service_settings()["opening_hours"] == "Monday to Friday, 10am to 4pm", (
        "nothing is written before the choice"
    )
    dialog.get_by_label("The saved version").check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    second_editor.expect_message("Saved on this machine")
    saved_settings = second_editor.service_settings()
    assert (saved_settings["opening_hours"], saved_settings["email"], saved_settings["text_number"]) == (
        *("Monday to Friday, 10am to 4pm", "first@example.org.uk", "07700 900555"),
    )


def test_a_person_is_warned_before_replacing_helplines_that_someone_else_has_changed(
    open_editor: Callable[..., EditorPage],
) -> None:
    first_editor, second_editor = open_editor(), open_editor()
    for editor in (first_editor, second_editor):
        editor.open_settings("helplines")
    original_names = list(first_editor.service_settings()["helplines"])
    first_editor.page.get_by_role("button", name=re.compile("^Move .* down$")).first.click()
    first_editor.save()
    second_editor.page.get_by_role("button", name=re.compile("^Move .* up$")).last.click()
    expect(second_editor.page.locator(".preview-state")).to_have_text("This is how it will look.", timeout=TIMEOUT_MS)
    second_editor.button("Save").click()
    dialog = second_editor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("These settings have changed since you opened them", timeout=TIMEOUT_MS)
    dialog.get_by_role("button", name="Save", exact=True).click()
    second_editor.expect_message("Saved on this machine")
    assert list(second_editor.service_settings()["helplines"]) == [
        *original_names[:-2],
        original_names[-1],
        original_names[-2],
    ]


def test_a_mistake_in_a_new_helpline_is_reported_with_the_labels_of_its_fields(editor: EditorPage) -> None:
    editor.open_settings("helplines")
    editor.button("Add to helplines").click()
    entry = editor.page.locator(".entry").last
    entry.get_by_label("Name", exact=True).fill("Night line")
    entry.get_by_label("Its web page").fill("not an address")
    missing_date = editor.problems.get_by_role("button", name="Helplines → Night line → Checked on is missing")
    expect(missing_date).to_be_visible(timeout=TIMEOUT_MS)
    expect(editor.problems).not_to_contain_text("mkdocs.yml")
    expect(entry.get_by_text("This is not a web address")).to_be_visible()
    entry.locator("summary").click()
    missing_date.click()
    expect(entry.get_by_label("Checked on")).to_be_focused()


def test_after_a_change_of_name_the_editor_lists_where_the_old_name_remains(editor: EditorPage) -> None:
    editor.open_settings("organisation")
    name_field = editor.page.get_by_label("Name of the service")
    old_name = name_field.input_value()
    editor.open("docs/complaints.md")
    editor.append(f"\n\nWe are the {old_name}.\n")
    expect(editor.preview).to_contain_text(f"We are the {old_name}.", timeout=TIMEOUT_MS)
    editor.save()
    editor.open_settings("organisation")
    name_field.fill("Another Service")
    expect(editor.preview).to_contain_text("Another Service", timeout=TIMEOUT_MS)
    editor.save()
    dialog = editor.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"“{old_name}” is still in:", timeout=TIMEOUT_MS)
    expect(dialog).to_contain_text("Complaints, line")
