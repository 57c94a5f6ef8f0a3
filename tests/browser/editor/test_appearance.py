"""Tests of the editor's light and dark colours, and of its thumbnails of pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.editor_page import TIMEOUT_MS, EditorPage
from tests.support.usability import axe_violations

pytestmark = [pytest.mark.system, pytest.mark.browser]

MEASURE_LUMINANCE_SCRIPT = r"""selector => {
  let element = document.querySelector(selector);
  const colour = () => getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  while (colour()[3] === 0) element = element.parentElement;
  const [red, green, blue] = colour();
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}"""
AXE_OPTIONS = {"runOnly": ["color-contrast", "image-alt"]}


def check_colours(page: Page, scheme: str, *selectors: str) -> None:
    """Check that each element in `selectors` is light or dark, as `scheme` says, and that axe finds no problem.

    `selectors` are CSS selectors.
    """
    for selector in selectors:
        assert (page.evaluate(MEASURE_LUMINANCE_SCRIPT, selector) > 0.5) == (scheme == "light"), selector
    # The preview is the site's own page, which has tests of its own.
    assert axe_violations(page, **AXE_OPTIONS, iframes=False) == []


@pytest.fixture
def picture_name(editor_folder_and_port: tuple[Path, int]) -> str:
    """Add a picture to the project; return its file name."""
    pictures = editor_folder_and_port[0] / "docs" / "pictures"
    pictures.mkdir(exist_ok=True)
    Image.new("RGB", (300, 200), "#0f5156").save(pictures / "a-square.png")
    return "a-square.png"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_part_of_the_editor_can_be_read_in_light_and_dark(
    open_editor: Callable[..., EditorPage], scheme: Any, picture_name: str
) -> None:
    editor = open_editor()
    editor.page.emulate_media(color_scheme=scheme)
    for part in ("", "leaflets", "settings", "settings/contact", "files"):
        editor.go_to(part)
        check_colours(editor.page, scheme, "body")
    editor.open("docs/complaints.md")
    expect(editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    check_colours(editor.page, scheme, "body", ".cm-content", ".cm-gutters", ".editor-foot")
    editor.append("\n\n[There](nowhere.md) is {{ fone }}")
    expect(editor.problems).to_contain_text("2 things to fix", timeout=TIMEOUT_MS)
    editor.text_area.press("ControlOrMeta+f")
    check_colours(editor.page, scheme, "body", ".cm-panels", ".editor-foot")
    editor.button("Picture").click()
    editor.page.get_by_text("Choose one that is already here").click()
    check_colours(editor.page, scheme, ".dialog", ".chooser button")
    editor.button("Cancel").click()
    editor.button("Earlier versions").click()
    editor.page.locator(".versions button").first.click()
    expect(editor.page.locator(".compare .cm-changedLine").first).to_be_visible()
    check_colours(editor.page, scheme, ".dialog", ".compare .cm-content", ".compare .cm-changedLine")


def test_in_forced_colours_changed_text_is_underlined_and_a_pressed_button_stands_out(
    open_editor: Callable[..., EditorPage],
) -> None:
    editor = open_editor()
    editor.open("docs/questions.md")
    editor.append("\n\nOne more line.")
    editor.button("Earlier versions").click()
    editor.page.locator(".versions button").first.click()
    changed_text = editor.page.locator(".compare .cm-changedText").first
    expect(changed_text).to_be_visible()
    pressed_button, other_button = editor.page.locator(".versions button[aria-pressed=true]"), editor.button("Close")
    editor.page.emulate_media(forced_colors="active")
    expect(changed_text).to_have_css("text-decoration-line", "underline")
    background = "element => getComputedStyle(element).backgroundColor"
    assert pressed_button.evaluate(background) != other_button.evaluate(background)


def test_each_picture_has_a_thumbnail_beside_its_name(editor: EditorPage, picture_name: str) -> None:
    editor.go_to("files")
    thumbnail = editor.page.locator("li", has_text=picture_name).locator("img")
    expect(thumbnail).to_have_js_property("naturalWidth", 300, timeout=TIMEOUT_MS)
    box = thumbnail.bounding_box()
    assert box and box["width"] < 100 and box["height"] < 100
    for path in ("mkdocs.yml", "../mkdocs.yml", "pictures/../../mkdocs.yml", "pictures/none.png"):
        response = editor.page.request.get(f"{editor.url}/api/picture", params={"path": path})
        assert response.status == 400, path
