"""Drive Firefox and WebKit (the engine of every iPhone) alike, by the commands of the W3C's WebDriver.

Why not with a library: guides/decisions/0015-thin-browser-drivers.md.
"""

import base64
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60  # the longest that a browser may take over one command, on a machine that is busy
SHIFT = "\ue008"
ENTER = "\ue007"
BACKSPACE = "\ue003"
SCROLL_INTO_VIEW = "const it = document.querySelector(arguments[0]); it?.scrollIntoView({block: 'center'}); return it"
# Firefox's own page that says that a server is dead never calls itself complete.
PAGE_IS_THERE = """return document.readyState === "complete" || document.documentURI.startsWith("about:neterror")
    ? [performance.timeOrigin, location.href, ...performance.getEntriesByType("resource").map(one => one.name)] : [0]"""


class DriverError(Exception):
    """The browser could not do it."""


def until_true(holds: Callable[[], bool], what: str = "what was waited for", seconds: float = 20) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it never came true: {what}"
        time.sleep(0.05)


class DrivenBrowser:
    """What a person does in a browser. `css` names an element of the page that is open."""

    def __init__(self) -> None:
        self.fetched: set[str] = set()  # the addresses of all pages that came, and of what they loaded

    def command(self, name: str, **body: Any) -> Any:
        """Send one WebDriver command, by its name in the W3C's standard."""
        raise NotImplementedError

    def fresh(self, script: bool = True, dark: bool = False) -> None:
        """Begin with no history, no cookie and no page; close whatever is open."""
        raise NotImplementedError

    def resize(self, width: int, height: int = 640) -> None:
        """Set the page's width and height in pixels."""
        raise NotImplementedError

    def complaints(self) -> list[str]:
        """Return the errors in the console since the browser was fresh."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the browser and the processes that it started."""
        raise NotImplementedError

    def script(self, code: str, *arguments: Any) -> Any:
        """Return what `code` returns, run in the page by the driver: also where the page's own scripts are off."""
        return self.command("ExecuteScript", script=code, args=list(arguments))

    def another(self, act: Callable[[], Any]) -> None:
        """Do what opens another page, and wait for that page."""
        previous = self._page()
        act()
        until_true(lambda: self._page() not in (0, previous), "another page", SECONDS)

    def _page(self) -> float:
        """Return the moment at which the open page began, which tells it from others; 0 until it is loaded."""
        try:
            began, *fetched = self.script(PAGE_IS_THERE) or [0]
        except DriverError:  # between two pages there is none
            return 0
        self.fetched.update(fetched)
        return float(began)

    def open(self, address: str) -> None:
        """Open a URL."""
        self.another(lambda: self.command("Navigate", url=address))

    def back(self) -> None:
        """Press Back, and wait for the page or for the browser's message that there is none."""

        def press() -> None:
            with contextlib.suppress(DriverError):
                self.command("Back")

        self.another(press)

    def refresh(self) -> None:
        """Press Refresh."""
        self.another(lambda: self.command("Refresh"))

    @property
    def address(self) -> str:
        """Return where the page that is open is."""
        return str(self.script("return location.href"))

    @property
    def at(self) -> str:
        """Return the last part of the open page's path."""
        return self.address.partition("#")[0].rpartition("/")[2]

    @property
    def title(self) -> str:
        """Return the title of the page."""
        return str(self.script("return document.title"))

    def text(self, css: str = "body") -> str:
        """Return the element's text as a reader sees it."""
        return str(self.script("return document.querySelector(arguments[0]).innerText", css))

    def typed(self, css: str) -> str:
        """Return the field's value."""
        return str(self.script("return document.querySelector(arguments[0]).value", css))

    def count(self, css: str) -> int:
        """Return the number of matching elements."""
        return int(self.script("return document.querySelectorAll(arguments[0]).length", css))

    def is_shown(self, css: str) -> bool:
        """Return whether the element takes up any room."""
        return bool(self.script("return document.querySelector(arguments[0]).getClientRects().length > 0", css))

    def has_focus(self, css: str) -> bool:
        """Return whether the element has the keyboard focus."""
        return bool(self.script("return document.activeElement.matches(arguments[0])", css))

    def click(self, css: str) -> None:
        """Click the element; use `follow` for what opens another page."""
        self.command("ElementClick", id=self._scrolled_to(css))

    def follow(self, css: str) -> None:
        """Click the element, and wait for the page that it opens."""
        self.another(lambda: self.click(css))

    def type(self, css: str, words: str) -> None:
        """Type into a field that is empty."""
        self.command("ElementSendKeys", id=self._scrolled_to(css), text=words.replace("\n", ENTER))

    def element(self, code: str, *arguments: Any) -> str | None:
        """Return the element that `code` returns, for `command`, scrolled to where people see it; None for none."""
        found = self.script(
            f"const it = (function () {{ {code} }}).apply(null, arguments);"
            "it?.scrollIntoView({block: 'center', behavior: 'instant'}); return it || null",
            *arguments,
        )
        return str(next(iter(found.values()))) if found else None

    @staticmethod
    def reference(element: str) -> dict[str, str]:
        """Return an element as an argument of a script, as the W3C writes it."""
        return {"element-6066-11e4-a52e-4f735466cecf": element}

    def press(self, *keys: str) -> None:
        """Press keys one after another, wherever the focus is."""
        moves = [
            {"type": kind, "value": ENTER if key == "\n" else key} for key in keys for kind in ("keyDown", "keyUp")
        ]
        self.command("PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": moves}])

    def cookies(self) -> list[dict[str, Any]]:
        """Return the cookies that the page's server gets."""
        found: list[dict[str, Any]] = self.command("GetCookies")
        return found

    def screenshot(self, file: Path) -> None:
        """Save a picture of what the window shows."""
        file.write_bytes(base64.b64decode(self.command("TakeScreenshot", full=False)))

    def _scrolled_to(self, css: str) -> str:
        # As people do; WebKit's driver does not always.
        found = self.script(SCROLL_INTO_VIEW, css)
        assert found, f"there is no {css} on {self.address}"
        return str(next(iter(found.values())))


def start(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
    """Start a process that also ends when the tests are killed."""
    tied = [sys.executable, "-m", "tools.dev.run_until_parent_ends", *command]
    return subprocess.Popen(tied, cwd=ROOT, stdin=subprocess.PIPE, **settings)


def end(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process that this module started, and wait until it has ended."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
