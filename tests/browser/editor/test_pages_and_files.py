"""Tests of managing pages and pictures in the editor, checked on the built site."""

import io
import re
from pathlib import Path

import pytest
import yaml
from PIL import Image
from playwright.sync_api import expect

from tests.support import project_copy
from tests.support.editor_page import TIMEOUT_MS, EditorPage

pytestmark = [pytest.mark.system, pytest.mark.browser]


def nav(editor: EditorPage) -> list[object]:
    """Return the value of `nav` in mkdocs.yml."""
    block = re.search(r"^nav:\n(?:[ -].*\n|\n)+", editor.file_text("mkdocs.yml"), re.MULTILINE)
    assert block
    menu = yaml.safe_load(block[0])["nav"]
    assert isinstance(menu, list)
    return menu


def build_site(editor: EditorPage) -> Path:
    """Rebuild the site from the saved files and return its folder."""
    completed = project_copy.run_python(editor.folder, "-m", "tools.publish.build")
    assert completed.returncode == 0, completed.stderr
    return editor.folder / "site"


def add_page(editor: EditorPage, name: str) -> None:
    editor.go_to("")
    editor.button("Add a page").click()
    editor.page.get_by_label("Name of the page").fill(name)
    editor.page.get_by_label("In search results").fill("What we tell the tests about.")
    editor.page.get_by_label("Start from").select_option("information")
    editor.page.get_by_role("dialog").get_by_role("button", name="Add the page").click()
    expect(editor.page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=TIMEOUT_MS)


def test_a_page_is_moved_up_in_the_menu_on_a_phone(phone_editor: EditorPage) -> None:
    phone_editor.go_to("")
    original_nav = nav(phone_editor)
    phone_editor.button("Move, rename or delete").click()
    fourth_row = phone_editor.page.locator(".page-row").nth(3)
    name = fourth_row.locator("a").inner_text()
    fourth_row.get_by_role("button", name=re.compile("^Move .* up$")).click()
    phone_editor.expect_message("Moved")
    expect(phone_editor.page.locator(".page-row").nth(2).locator("a")).to_have_text(name)
    reordered_nav = nav(phone_editor)
    assert reordered_nav != original_nav
    assert sorted(re.findall(r"[\w-]+\.md", str(reordered_nav))) == sorted(re.findall(r"[\w-]+\.md", str(original_nav)))
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_links_and_the_old_address_of_a_renamed_page_lead_to_it(editor: EditorPage) -> None:
    first_name, second_name = "First name", "Second name"
    old_slug, new_slug = (name.lower().replace(" ", "-") for name in (first_name, second_name))
    add_page(editor, first_name)
    editor.open("docs/support.md")
    editor.append(f"\n\nSee [{first_name}]({old_slug}.md).\n")
    expect(editor.preview).to_contain_text(f"See {first_name}", timeout=TIMEOUT_MS)
    editor.save()
    editor.go_to("")
    editor.button("Move, rename or delete").click()
    editor.button(f"Rename {first_name}").click()
    editor.page.get_by_label("Name of the page").fill(second_name)
    editor.page.get_by_label("Address").fill(new_slug)
    editor.page.get_by_role("dialog").get_by_role("button", name="Rename", exact=True).click()
    editor.expect_message("Renamed")
    assert f"[{second_name}]({new_slug}.md)" in editor.file_text("docs/support.md")
    site = build_site(editor)
    assert f"/{old_slug}/ /{new_slug}/ 301!" in (site / "_redirects").read_text(encoding="utf-8")
    assert f"{second_name}</h1>" in re.sub(r"<a .*?</a>", "", (site / new_slug / "index.html").read_text("utf-8"))


def test_a_page_is_deleted_once_nothing_links_to_it(editor: EditorPage) -> None:
    name = "For a day"
    slug = name.lower().replace(" ", "-")
    add_page(editor, name)
    editor.open("docs/complaints.md")
    editor.append(f"\n\nSee [that page]({slug}.md).\n")
    expect(editor.preview).to_contain_text("See that page", timeout=TIMEOUT_MS)
    editor.save()
    editor.go_to("")
    editor.button("Move, rename or delete").click()
    editor.button(f"Delete {name}").click()
    expect(editor.page.get_by_role("dialog")).to_contain_text(f"See [that page]({slug}.md).", timeout=TIMEOUT_MS)
    editor.button("I see").click()
    editor.open("docs/complaints.md")
    editor.replace_text(editor.text().replace(f"\n\nSee [that page]({slug}.md).", ""))
    expect(editor.preview).not_to_contain_text("See that page", timeout=TIMEOUT_MS)
    editor.save()
    editor.go_to("")
    editor.button("Move, rename or delete").click()
    editor.button(f"Delete {name}").click()
    editor.page.get_by_label("People who go to its old address will see").select_option("support.md")
    editor.button("Delete the page").click()
    editor.expect_message("The page has been deleted")
    assert not (editor.folder / "docs" / f"{slug}.md").exists()
    assert f"/{slug}/ /support/ 301!" in (build_site(editor) / "_redirects").read_text(encoding="utf-8")


def test_a_picture_is_uploaded_published_and_deleted_once_no_page_uses_it(editor: EditorPage) -> None:
    photo = io.BytesIO()
    Image.effect_noise((2000, 1000), 40).convert("RGB").save(photo, "JPEG")
    upload = {"name": "Our room.JPG", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    editor.open("docs/complaints.md")
    original_text = editor.text()
    editor.append("\n\nHere is our room.\n")
    editor.button("Picture").click()
    dialog = editor.page.get_by_role("dialog")
    dialog.get_by_label("From this computer or phone").set_input_files([upload])
    dialog.get_by_role("button", name="Add it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say what it shows")
    dialog.get_by_label("What does it show?").fill("A room with two chairs")
    dialog.get_by_role("button", name="Add it").click()
    expect(editor.text_area).to_contain_text("![A room with two chairs](pictures/our-room.jpg)", timeout=TIMEOUT_MS)
    editor.show_pane("Page")
    picture = editor.preview.get_by_role("img", name="A room with two chairs")
    expect(picture).to_have_js_property("naturalWidth", 1600, timeout=TIMEOUT_MS)
    editor.save()
    assert (build_site(editor) / "pictures" / "our-room.jpg").is_file()
    editor.go_to("files")
    expect(editor.page.get_by_text("used by complaints.md")).to_be_visible()
    expect(editor.page.locator("li", has_text="our-room.jpg").locator("img")).to_have_js_property("naturalWidth", 1600)
    expect(editor.button("Delete pictures/our-room.jpg")).to_have_count(0)
    editor.open("docs/complaints.md")
    editor.replace_text(original_text)
    expect(editor.preview).not_to_contain_text("Here is our room.", timeout=TIMEOUT_MS)
    editor.save()
    editor.go_to("files")
    editor.button("Delete pictures/our-room.jpg").click()
    editor.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    editor.expect_message("Deleted")
    assert not (editor.folder / "docs" / "pictures" / "our-room.jpg").exists()
