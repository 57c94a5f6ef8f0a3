"""One interface to a browser window of any engine, so that tests of the editor are written only once.

A handle is the browser engine's reference to an element.
"""

from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import ElementHandle, Page

from tests.support.driven_browser import BACKSPACE, DrivenBrowser


class Window(Protocol):
    """A browser window that a test operates as a person would, and whose content the test can read."""

    def open(self, url: str) -> None: ...
    def refresh(self) -> None: ...
    def script(self, code: str, *arguments: Any) -> Any: ...
    def element(self, code: str, *arguments: Any) -> Any: ...
    def click(self, handle: Any) -> None: ...
    def fill(self, handle: Any, text: str) -> None: ...
    def choose(self, handle: Any, option: str) -> None: ...
    def attach(self, handle: Any, file: Path) -> None: ...
    def erase(self) -> None: ...
    def type(self, text: str) -> None: ...
    def console_errors(self) -> list[str]: ...


class ChromiumWindow:
    """A window of Chromium: a Playwright page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._console_errors: list[str] = []
        page.on(
            "console", lambda message: self._console_errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self._console_errors.append(str(error)))

    def open(self, url: str) -> None:
        self.page.goto(url)

    def refresh(self) -> None:
        self.page.reload()

    def script(self, code: str, *arguments: Any) -> Any:
        return self.page.evaluate(self._as_function(code), list(arguments))

    def element(self, code: str, *arguments: Any) -> ElementHandle | None:
        return self.page.evaluate_handle(self._as_function(code), list(arguments)).as_element()

    @staticmethod
    def _as_function(code: str) -> str:
        return f"values => (function () {{ {code} }}).apply(null, values)"

    def click(self, handle: ElementHandle) -> None:
        handle.click()

    def fill(self, handle: ElementHandle, text: str) -> None:
        handle.fill(text)

    def choose(self, handle: ElementHandle, option: str) -> None:
        handle.select_option(label=option)

    def attach(self, handle: ElementHandle, file: Path) -> None:
        handle.set_input_files(file)

    def erase(self) -> None:
        self.page.keyboard.press("Backspace")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def console_errors(self) -> list[str]:
        return self._console_errors


class DrivenWindow:
    """A window of Firefox or WebKit."""

    def __init__(self, browser: DrivenBrowser, width: int = 1280, height: int = 800) -> None:
        self.browser = browser
        browser.reset()
        browser.resize(width, height)

    def open(self, url: str) -> None:
        self.browser.open(url)

    def refresh(self) -> None:
        self.browser.refresh()

    def script(self, code: str, *arguments: Any) -> Any:
        return self.browser.script(code, *arguments)

    def element(self, code: str, *arguments: Any) -> str | None:
        return self.browser.element(code, *arguments)

    def click(self, handle: str) -> None:
        self.browser.command("ElementClick", id=handle)

    def fill(self, handle: str, text: str) -> None:
        self.browser.command("ElementClear", id=handle)
        if text:
            self.browser.command("ElementSendKeys", id=handle, text=text)

    def choose(self, handle: str, option: str) -> None:
        code = "return [...arguments[0].options].find((it) => it.textContent === arguments[1])"
        option_handle = self.browser.element(code, self.browser.element_reference(handle), option)
        assert option_handle, f"there is no option {option}"
        self.click(option_handle)

    def attach(self, handle: str, file: Path) -> None:
        self.browser.command("ElementSendKeys", id=handle, text=str(file))

    def erase(self) -> None:
        self.browser.press(BACKSPACE)

    def type(self, text: str) -> None:
        self.browser.press(*text)

    def console_errors(self) -> list[str]:
        return self.browser.console_errors()
