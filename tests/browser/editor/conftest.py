"""Fixtures that run the editor on a copy of the project and open it in a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.deployment import certificate, image_builder, live_project, site
from tests.support.editor_page import EditorPage, running_editor

__all__ = ["certificate", "image_builder", "live_project", "site"]

LOCAL_URL_PREFIXES = ("data:", "blob:", "about:", "chrome:", "chrome-extension:")


@pytest.fixture(scope="module")
def editor_folder_and_port(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[tuple[Path, int]]:
    with running_editor(root, tmp_path_factory.mktemp("edited"), tmp_path_factory.mktemp("log")) as editor_location:
        yield editor_location


@pytest.fixture
def open_editor(editor_folder_and_port: tuple[Path, int], browser: Browser) -> Iterator[Callable[..., EditorPage]]:
    """Yield a function that opens the editor in a new browser context with the given width and height in pixels.

    Afterwards the test fails if a page requested another host, failed in a script or violated the content policy.
    """
    folder, port = editor_folder_and_port
    editor_url = f"http://127.0.0.1:{port}"
    requested_urls: list[str] = []
    page_errors: list[str] = []
    contexts = []

    def open_window(width: int = 1280, height: int = 800) -> EditorPage:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requested_urls.append(request.url))
        page.on(
            "console", lambda message: page_errors.append(message.text) if "Content Security" in message.text else None
        )
        page.on("pageerror", lambda error: page_errors.append(str(error)))
        return EditorPage(folder, editor_url, page)

    yield open_window
    for context in contexts:
        context.close()
    assert [url for url in requested_urls if not url.startswith((editor_url, *LOCAL_URL_PREFIXES))] == []
    assert page_errors == []


@pytest.fixture
def editor(open_editor: Callable[..., EditorPage]) -> EditorPage:
    return open_editor()


@pytest.fixture
def phone_editor(open_editor: Callable[..., EditorPage]) -> EditorPage:
    return open_editor(390, 844)
