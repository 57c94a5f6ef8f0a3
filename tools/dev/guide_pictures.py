"""Retake the screenshots in guides/pictures, with the site, the form and the editor as they are now.

    python -m tools.dev.guide_pictures [NAME …]    # such as 7-arrange; without names, all of them

Everything runs on a copy of the project in a temporary folder, on loopback. Needs Chromium, and npm for the editor.
"""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from tools.dev.picture_subjects import (
    AMINA,
    EARLIER_VERSIONS,
    EDITED_PAGE,
    ROOT,
    copy_project,
    serve_editors,
    serve_site_and_form,
)
from tools.dev.system_packages import chromium_path

PICTURE_FOLDER = ROOT / "guides" / "pictures"
WINDOW_SIZE = (1100, 634)  # pixels
WEBP_QUALITY = 80  # from 0 to 100
MAX_PICTURE_BYTES = 100_000
TIMEOUT_MS = 60_000  # the first preview is slow
FRONT_DOOR_PICTURE_NAME = "front-door"
EDITOR_PICTURE_NAMES = (
    *("1-pages", "2-words", "3-picture", "4-mistakes", "5-settings", "6-leaflet", "7-arrange", "8-sign-in"),
    *("9-logo", "10-statistics", "11-versions", "12-conflict"),
)


class EditorWindows:
    """The editor's windows in the guides' screenshots.

    Each method opens a new browser window and returns its Playwright page.
    """

    def __init__(self, browser: Browser, url: str, sign_in_url: str) -> None:
        self.browser, self.url, self.sign_in_url = browser, url, sign_in_url

    def open_window(self, view: str) -> Page:
        """Open a view of the editor, such as settings/contact, in a new window, and wait until it has loaded."""
        page = self.browser.new_context(
            viewport={"width": WINDOW_SIZE[0], "height": WINDOW_SIZE[1]}, locale="en-GB"
        ).new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.goto(f"{self.url}/#/{view}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=TIMEOUT_MS)
        if view.startswith(("edit/", "settings/")):
            wait_for_preview(page)
        return page

    def pages(self) -> Page:
        """Open the list of pages."""
        return self.open_window("")

    def words(self) -> Page:
        """Type a sentence, and wait until the preview shows it."""
        page = self.open_window(f"edit/{EDITED_PAGE}")
        put_cursor_after_first_paragraph(page)
        page.keyboard.insert_text(" We will listen.")
        expect(page.frame_locator(".stage iframe:not(.next)").get_by_text("We will listen.")).to_be_visible(
            timeout=TIMEOUT_MS
        )
        wait_for_preview(page)
        return page

    def picture(self) -> Page:
        """Open the dialog that asks for a picture and its description."""
        page = self.open_window(f"edit/{EDITED_PAGE}")
        page.get_by_role("button", name="Picture", exact=True).click()
        page.get_by_label("What does it show?").fill("A room with two chairs and a window")
        return page

    def mistakes(self) -> Page:
        """Type a broken link and an unknown name in braces, and wait until the editor refuses to publish."""
        page = self.open_window(f"edit/{EDITED_PAGE}")
        put_cursor_after_first_paragraph(page)
        page.keyboard.insert_text(" See [the team](about-su.md), or call {{ fone }}.")
        expect(page.get_by_role("button", name="Cannot publish yet: 2 things to fix")).to_be_visible(timeout=TIMEOUT_MS)
        return page

    def settings(self) -> Page:
        """Open the settings form for the contact details."""
        return self.open_window("settings/contact")

    def leaflet(self) -> Page:
        """Open the text of the leaflet, with pictures of its pages beside it."""
        page = self.open_window("edit/leaflet/leaflet.md")
        expect(page.get_by_alt_text("Page 1 of the leaflet")).to_be_visible(timeout=TIMEOUT_MS)
        return page

    def arrange(self) -> Page:
        """Open the list of pages with the buttons for moving, renaming and deleting them."""
        page = self.open_window("")
        page.get_by_role("button", name="Move, rename or delete").click()
        return page

    def sign_in(self) -> Page:
        """Open the page on which people ask for a sign-in link."""
        page = self.browser.new_context(viewport={"width": WINDOW_SIZE[0], "height": 330}).new_page()
        page.goto(f"{self.sign_in_url}/sign-in")
        page.get_by_label("Your email address").fill(AMINA.email)
        return page

    def logo(self) -> Page:
        """Upload a logo, and wait until the preview shows it."""
        page = self.open_window("settings/organisation")
        field = page.get_by_label("Logo", exact=True)
        field.set_input_files([FilePayload(name="logo.png", mimeType="image/png", buffer=sample_logo(page))])
        expect(page.get_by_text("Now: logo.png")).to_be_visible(timeout=TIMEOUT_MS)
        page.get_by_label("What the logo says").fill("Tarn Restorative Justice")
        logo_image = page.frame_locator(".stage iframe:not(.next)").get_by_role("img", name="Tarn Restorative Justice")
        expect(logo_image).to_be_visible(timeout=TIMEOUT_MS)
        expect(page.locator("#message")).to_be_hidden(timeout=TIMEOUT_MS)
        page.get_by_text("Logo", exact=True).evaluate("label => label.scrollIntoView()")
        return page

    def statistics(self) -> Page:
        """Open the form for the statistics."""
        return self.open_window("settings/statistics")

    def versions(self) -> Page:
        """Open the list of a page's earlier versions, and show one of them."""
        page = self.open_window(f"edit/{EDITED_PAGE}")
        page.get_by_role("button", name="Earlier versions").click()
        page.get_by_role("button", name=EARLIER_VERSIONS[0][2]).click()
        expect(page.get_by_role("button", name="Go back to this version")).to_be_visible()
        return page

    def conflict(self) -> Page:
        """Change a page in two windows, publish one change, and show both versions in the other window."""
        my_page, their_page = self.open_window("edit/docs/cookies.md"), self.open_window("edit/docs/cookies.md")
        for page, words in ((their_page, "We explain each of them.\n\n"), (my_page, "There are few of them.\n\n")):
            page.locator(".cm-content").click()
            page.keyboard.press("ControlOrMeta+End")
            page.keyboard.insert_text(f"\n\n{words.strip()}\n")
            expect(page.frame_locator(".stage iframe:not(.next)").get_by_text(words.strip())).to_be_visible(
                timeout=TIMEOUT_MS
            )
            wait_for_preview(page)
            page.get_by_role("button", name="Publish", exact=True).click()
            if page is their_page:
                expect(page.locator("#message")).to_contain_text("Published", timeout=TIMEOUT_MS)
        expect(my_page.get_by_role("heading", name="This page has changed since you opened it")).to_be_visible(
            timeout=TIMEOUT_MS
        )
        return my_page


def wait_for_preview(page: Page) -> None:
    """Wait until the preview shows the current text."""
    expect(page.locator(".preview-state")).to_have_text("This is how it will look.", timeout=TIMEOUT_MS)


def put_cursor_after_first_paragraph(page: Page) -> None:
    """Put the cursor at the end of the first paragraph below the heading."""
    page.locator(".cm-content").evaluate(
        """element => {
          const { view } = element.cmTile.root;
          view.dispatch({ selection: { anchor: /^# .*\\n\\n.*$/m.exec(view.state.doc.toString())[0].length } });
          view.focus();
        }"""
    )


def sample_logo(page: Page) -> bytes:
    """Return a PNG of a sample logo, which is a name in large letters."""
    logo_page = page.context.new_page()
    logo_page.set_content("<p style='display:inline-block;margin:0;font:700 60px serif;color:#0f5156'>Tarn Justice</p>")
    data = logo_page.locator("p").screenshot()
    logo_page.close()
    return data


def front_door_picture(browser: Browser, url: str) -> Image.Image:
    """Return a picture of the home page on a computer beside the form on a phone."""
    gap, height = 21, 645
    canvas = Image.new("RGB", (1260, height + 2 * gap), "#d8cfc4")
    left_edge = gap
    for path, width, zoom in (("/", 1280, 886 / 1280), ("/referral/", 390, 312 / 390)):
        page = browser.new_context(viewport={"width": width, "height": round(height / zoom)}).new_page()
        page.goto(url + path)
        if path != "/":
            page.get_by_role("main").get_by_role("button").first.click()
        screenshot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        scaled_picture = screenshot.convert("RGB").resize((round(width * zoom), height), Image.Resampling.LANCZOS)
        canvas.paste(scaled_picture, (left_edge, gap))
        left_edge += scaled_picture.width + gap
    return canvas


def save_picture(name: str, picture: Image.Image) -> None:
    """Save a picture for the guides. Raises SystemExit if the file is larger than MAX_PICTURE_BYTES."""
    path = PICTURE_FOLDER / name
    if path.suffix == ".png":
        picture.quantize(128, kmeans=3, dither=Image.Dither.NONE).save(path, optimize=True)
    else:
        picture.save(path, quality=WEBP_QUALITY, method=6)
    if path.stat().st_size > MAX_PICTURE_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size} bytes, more than {MAX_PICTURE_BYTES}.")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB", flush=True)


def take_editor_pictures(browser: Browser, project: Path, names: set[str]) -> None:
    """Take the editor screenshots called `names`, in the order of the numbers in their names, and save them."""
    with serve_editors(project) as (url, sign_in_url):
        windows = EditorWindows(browser, url, sign_in_url)
        for name in sorted(names, key=lambda name: int(name.partition("-")[0])):
            page = getattr(windows, name.partition("-")[2].replace("-", "_"))()
            save_picture(f"{name}.webp", Image.open(io.BytesIO(page.screenshot(animations="disabled"))))
            page.context.close()


def main(names: list[str]) -> int:
    """Retake the screenshots called `names`, or all of them. Return 0, or 2 for an unknown name."""
    requested_names = set(names) or {*EDITOR_PICTURE_NAMES, FRONT_DOOR_PICTURE_NAME}
    if unknown_names := requested_names - {*EDITOR_PICTURE_NAMES, FRONT_DOOR_PICTURE_NAME}:
        print(f"No picture is called {', '.join(sorted(unknown_names))}.", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="guide-pictures-") as folder,
        sync_playwright() as playwright,
        contextlib.closing(
            playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        ) as browser,
    ):
        project = copy_project(Path(folder))
        if FRONT_DOOR_PICTURE_NAME in requested_names:
            with serve_site_and_form(project) as url:
                save_picture(f"{FRONT_DOOR_PICTURE_NAME}.png", front_door_picture(browser, url))
        if requested_names - {FRONT_DOOR_PICTURE_NAME}:
            take_editor_pictures(browser, project, requested_names - {FRONT_DOOR_PICTURE_NAME})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
