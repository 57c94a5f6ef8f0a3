"""Drive Firefox and WebKit with the commands of the W3C's WebDriver standard.

guides/decisions/0015-thin-browser-drivers.md says why no library is used.
"""

import base64
import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 60  # time limit of one command, generous because the machine may be busy
SHIFT = "\ue008"
ENTER = "\ue007"
BACKSPACE = "\ue003"
SCROLL_INTO_VIEW = "const it = document.querySelector(arguments[0]); it?.scrollIntoView({block: 'center'}); return it"
# The page's start time and the URLs that it loaded; 0 until it is complete. Firefox's error page for a server that
# does not answer never reaches the state "complete".
READ_PAGE_STATE = """return document.readyState === "complete" || document.documentURI.startsWith("about:neterror")
    ? [performance.timeOrigin, location.href,
       ...performance.getEntriesByType("resource").map(entry => entry.name)] : [0]"""


class DriverError(Exception):
    """Raised if the browser reports an error or does not answer."""


class DrivenBrowser:
    """A browser that tests operate as a person would. Each `css` selects an element of the open page."""

    def __init__(self) -> None:
        self.fetched_urls: set[str] = set()  # the URLs of all loaded pages and of their resources

    def command(self, name: str, **body: Any) -> Any:
        """Send one WebDriver command, named as in the W3C's standard; return its result."""
        raise NotImplementedError

    def reset(self, javascript: bool = True) -> None:
        """Start again with no history, cookies or open pages; `javascript` says whether pages may run JavaScript."""
        raise NotImplementedError

    def resize(self, width: int, height: int = 640) -> None:
        """Set the page's width and height in pixels."""
        raise NotImplementedError

    def console_errors(self) -> list[str]:
        """Return the errors in the console since `reset` was last called."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the browser and the processes that it started."""
        raise NotImplementedError

    def script(self, code: str, *arguments: Any) -> Any:
        """Run JavaScript `code` in the page, even if the page itself may not run JavaScript; return the result."""
        return self.command("ExecuteScript", script=code, args=list(arguments))

    def wait_for_new_page(self, action: Callable[[], Any]) -> None:
        """Call `action`, which must load a new page, and wait until that page has loaded."""
        previous_start = self._page_start_time()
        action()
        wait_until(lambda: self._page_start_time() not in (0, previous_start), "another page", COMMAND_SECONDS)

    def _page_start_time(self) -> float:
        """Return the time at which the open page started to load, or 0 until it has loaded."""
        try:
            start_time, *urls = self.script(READ_PAGE_STATE) or [0]
        except DriverError:  # no page is open while the browser navigates
            return 0
        self.fetched_urls.update(urls)
        return float(start_time)

    def open(self, url: str) -> None:
        """Open a URL, and wait until the page has loaded."""
        self.wait_for_new_page(lambda: self.command("Navigate", url=url))

    def back(self) -> None:
        """Press Back, and wait until the previous page or the browser's error page has loaded."""

        def press() -> None:
            with contextlib.suppress(DriverError):
                self.command("Back")

        self.wait_for_new_page(press)

    def refresh(self) -> None:
        """Reload the page, and wait until it has loaded."""
        self.wait_for_new_page(lambda: self.command("Refresh"))

    @property
    def url(self) -> str:
        """Return the URL of the open page."""
        return str(self.script("return location.href"))

    @property
    def current_slug(self) -> str:
        """Return the last segment of the open page's path."""
        return self.url.partition("#")[0].rpartition("/")[2]

    @property
    def title(self) -> str:
        """Return the title of the open page."""
        return str(self.script("return document.title"))

    def text(self, css: str = "body") -> str:
        """Return the text of the element that matches `css`, as a reader sees it."""
        return str(self.script("return document.querySelector(arguments[0]).innerText", css))

    def field_value(self, css: str) -> str:
        """Return the value of the field that matches `css`."""
        return str(self.script("return document.querySelector(arguments[0]).value", css))

    def count(self, css: str) -> int:
        """Return the number of elements that match `css`."""
        return int(self.script("return document.querySelectorAll(arguments[0]).length", css))

    def is_shown(self, css: str) -> bool:
        """Return whether the element that matches `css` is rendered, that is, has a box."""
        return bool(self.script("return document.querySelector(arguments[0]).getClientRects().length > 0", css))

    def has_focus(self, css: str) -> bool:
        """Return whether the element that matches `css` has the keyboard focus."""
        return bool(self.script("return document.activeElement.matches(arguments[0])", css))

    def click(self, css: str) -> None:
        """Click the element that matches `css`. For a link or button that loads another page, use `follow`."""
        self.command("ElementClick", id=self._find_and_scroll_to(css))

    def follow(self, css: str) -> None:
        """Click the link or button that matches `css`, and wait until the page that it leads to has loaded."""
        self.wait_for_new_page(lambda: self.click(css))

    def type(self, css: str, text: str) -> None:
        """Type `text` into the empty field that matches `css`; a line break presses Enter."""
        self.command("ElementSendKeys", id=self._find_and_scroll_to(css), text=text.replace("\n", ENTER))

    def element(self, code: str, *arguments: Any) -> str | None:
        """Scroll the element that `code` returns into view; return its WebDriver id, or None if there is no element."""
        element = self.script(
            f"const it = (function () {{ {code} }}).apply(null, arguments);"
            "it?.scrollIntoView({block: 'center', behavior: 'instant'}); return it || null",
            *arguments,
        )
        return str(next(iter(element.values()))) if element else None

    @staticmethod
    def element_reference(element_id: str) -> dict[str, str]:
        """Return the JSON with which WebDriver passes the element with this id to a script."""
        return {"element-6066-11e4-a52e-4f735466cecf": element_id}

    def press(self, *keys: str) -> None:
        """Press keys one after another in the focused element; a line break presses Enter."""
        key_actions = [
            {"type": kind, "value": ENTER if key == "\n" else key} for key in keys for kind in ("keyDown", "keyUp")
        ]
        self.command("PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": key_actions}])

    def cookies(self) -> list[dict[str, Any]]:
        """Return the cookies that apply to the open page."""
        cookies: list[dict[str, Any]] = self.command("GetCookies")
        return cookies

    def screenshot(self, file: Path) -> None:
        """Save a screenshot of the window as a PNG."""
        file.write_bytes(base64.b64decode(self.command("TakeScreenshot", full=False)))

    def _find_and_scroll_to(self, css: str) -> str:
        # Scroll as a person would; WebKit's driver does not always do so before a click.
        element = self.script(SCROLL_INTO_VIEW, css)
        assert element, f"there is no {css} on {self.url}"
        return str(next(iter(element.values())))


def start_process(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
    """Start a process that is stopped if the tests are killed."""
    command_with_guard = [sys.executable, "-m", "tools.dev.run_until_parent_ends", *command]
    return subprocess.Popen(command_with_guard, cwd=ROOT, stdin=subprocess.PIPE, **settings)


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a process that `start_process` started, by closing its standard input.

    Kill it if it is still running 20 seconds later.
    """
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
