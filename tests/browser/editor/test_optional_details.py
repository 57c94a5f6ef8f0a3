"""Tests that optional details of the service, such as a logo, can be set in the editor and are published."""

import io
import re
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.support import project_copy
from tests.support.editor_page import TIMEOUT_MS, EditorPage

pytestmark = [pytest.mark.system, pytest.mark.browser]


def png_upload(name: str) -> dict[str, Any]:
    png = io.BytesIO()
    Image.new("RGB", (900, 300), "#0f5156").save(png, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": png.getvalue()}


def build_site(editor: EditorPage) -> Path:
    completed = project_copy.run_python(editor.folder, "-m", "tools.publish.build")
    assert completed.returncode == 0, completed.stderr
    return editor.folder / "site"


def test_a_logo_is_uploaded_previewed_saved_and_removed_on_a_phone(phone_editor: EditorPage) -> None:
    phone_editor.open_settings("organisation")
    field = phone_editor.page.get_by_label("Logo", exact=True)
    drawing = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    field.set_input_files([drawing])
    expect(phone_editor.page.get_by_text("Save it as a PNG or JPEG first")).to_be_visible()
    field.set_input_files([png_upload("Our Logo.png")])
    expect(phone_editor.page.get_by_text("Now: our-logo.png")).to_be_visible(timeout=TIMEOUT_MS)
    phone_editor.page.get_by_label("What the logo says").fill("Marlshire Justice")
    phone_editor.show_pane("Page")
    logo = phone_editor.preview.get_by_role("img", name="Marlshire Justice")
    expect(logo).to_have_js_property("naturalWidth", 600, timeout=TIMEOUT_MS)
    phone_editor.show_pane("Words")
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone_editor.save()
    assert phone_editor.service_settings()["logo"] == {"picture": "pictures/our-logo.png", "alt": "Marlshire Justice"}
    site = build_site(phone_editor)
    assert (site / "pictures" / "our-logo.png").is_file()
    assert 'alt="Marlshire Justice"' in (site / "index.html").read_text(encoding="utf-8")
    with pymupdf.open(site / "leaflets" / "leaflet-to-fold.pdf") as pdf:
        assert pdf[0].get_images()
    phone_editor.go_to("files")
    expect(phone_editor.page.get_by_text("used by the settings")).to_be_visible()
    phone_editor.open_settings("organisation")
    phone_editor.button("Remove the picture").click()
    expect(phone_editor.preview.locator(".brand .logo")).to_have_count(0, timeout=TIMEOUT_MS)
    phone_editor.save()
    assert phone_editor.service_settings()["logo"]["picture"] == ""
    assert not (build_site(phone_editor) / "pictures").exists(), "what nothing names is not published"


def test_funders_are_added_with_and_without_a_logo(editor: EditorPage) -> None:
    council_name, fund_name = "Tarn Council", "The Tarn Fund"
    logo = f"{council_name.lower().replace(' ', '-')}.png"
    editor.open_settings("about")
    add_button = editor.button("Add to funders")
    add_button.click()
    entry = editor.page.locator(".entry").last
    entry.get_by_label("Name", exact=True).fill(council_name)
    entry.get_by_label("Logo", exact=True).set_input_files([png_upload(logo)])
    expect(entry.get_by_text(f"Now: {logo}")).to_be_visible(timeout=TIMEOUT_MS)
    entry.get_by_label("Its web page").fill("https://www.gov.uk/")
    add_button.click()
    editor.page.locator(".entry").last.get_by_label("Name", exact=True).fill(fund_name)
    funders = editor.preview.locator(".funders")
    expect(funders.get_by_role("img", name=council_name)).to_have_js_property("complete", True, timeout=TIMEOUT_MS)
    expect(funders).to_contain_text(fund_name, timeout=TIMEOUT_MS)
    editor.save()
    assert [funder["name"] for funder in editor.service_settings()["funders"]][-2:] == [council_name, fund_name]
    html = (build_site(editor) / "index.html").read_text(encoding="utf-8")
    assert f'alt="{council_name}"' in html and f"<li>{fund_name}</li>" in html
    with pymupdf.open(editor.folder / "site" / "leaflets" / "leaflet-to-read.pdf") as pdf:
        assert fund_name in "".join(page.get_text() for page in pdf)


def test_a_second_phone_and_a_social_network_are_added_on_a_phone(phone_editor: EditorPage) -> None:
    phone_editor.open_settings("contact")
    phone_editor.page.get_by_label("Second phone: number").fill("01632 960555")
    expect(phone_editor.problems).to_contain_text("needs the line label", timeout=TIMEOUT_MS)
    phone_editor.page.get_by_label("Second phone: what it is for").fill("Out of hours")
    expect(phone_editor.preview).to_contain_text(re.compile(r"Out of hours\s*01632 960555"), timeout=TIMEOUT_MS)
    phone_editor.save()
    phone_editor.open_settings("organisation")
    phone_editor.button("Add to social networks").click()
    entry = phone_editor.page.locator(".entry").last
    entry.get_by_label("Words", exact=True).fill("Facebook")
    entry.get_by_label("Address", exact=True).fill("https://www.facebook.com/tarn")
    expect(phone_editor.preview.locator(".social svg")).to_have_count(1, timeout=TIMEOUT_MS)
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone_editor.save()
    site = build_site(phone_editor)
    assert "https://www.facebook.com/tarn" in (site / "privacy" / "index.html").read_text(encoding="utf-8")
    with pymupdf.open(site / "leaflets" / "leaflet-to-fold.pdf") as pdf:
        assert "01632 960555" in pdf[0].get_text()
