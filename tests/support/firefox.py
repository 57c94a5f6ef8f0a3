"""Debian's Firefox, driven over Marionette, whose messages are a length, a colon and a JSON array."""

import contextlib
import json
import socket
from pathlib import Path
from typing import Any

from tests.support.driven_browser import SECONDS, DrivenBrowser, DriverError, end, start, until_true


class Firefox(DrivenBrowser):
    """A Firefox process with its profile in `folder`."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        # With port 0, Firefox chooses a free port and writes it to its profile.
        (folder / "user.js").write_text('user_pref("marionette.port", 0);\n')
        arguments = ["-headless", "-marionette", "-remote-allow-system-access", "-no-remote", "-profile", str(folder)]
        with (folder / "firefox.log").open("wb") as log:
            self._process = start(["firefox-esr", *arguments], stdout=log, stderr=log)
        port = folder / "MarionetteActivePort"
        until_true(lambda: port.exists() and port.read_text() != "", "Firefox listens", SECONDS)
        self._socket = socket.create_connection(("127.0.0.1", int(port.read_text())), SECONDS)
        self._answers = self._socket.makefile("rb")
        self._last_id = 0
        self._answer()  # the greeting
        self.command("NewSession", acceptInsecureCerts=True, timeouts={"pageLoad": SECONDS * 1000})

    def command(self, name: str, **body: Any) -> Any:
        """Send a command and return the value of the response. Raises DriverError."""
        self._last_id += 1
        message = json.dumps([0, self._last_id, name if ":" in name else f"WebDriver:{name}", body]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, number, error, result = self._answer()
        assert number == self._last_id
        if error:
            raise DriverError(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def fresh(self, script: bool = True, dark: bool = False) -> None:
        """Clear the cookies and replace all tabs with a new one."""
        self._in_its_own_window(
            """Services.prefs.setBoolPref("javascript.enabled", arguments[0]);
            Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", arguments[1] ? 0 : 1);
            Services.cookies.removeAll();""",
            script,
            dark,
        )
        old = self.command("GetWindowHandles")
        new = self.command("NewWindow", type="tab", focus=True)["handle"]
        for handle in old:
            self.command("SwitchToWindow", handle=handle)
            self.command("CloseWindow")
        self.command("SwitchToWindow", handle=new)
        self._in_its_own_window("Services.console.reset()")  # which holds messages of the closed pages
        self.fetched.clear()
        self.resize(1280, 800)

    def resize(self, width: int, height: int = 640) -> None:
        """Set the page's size by style, because a Firefox window cannot be narrower than 450 pixels."""
        self.command("SetWindowRect", width=max(width, 500), height=height + 85)
        self._in_its_own_window(
            """const style = gBrowser.selectedBrowser.style;
            for (const [name, value] of Object.entries(arguments[0])) style.setProperty(name, value);""",
            {"width": f"{width}px", "max-width": f"{width}px", "min-width": "0", "flex": "none", "contain": "size"},
        )
        until_true(lambda: bool(self.script("return innerWidth === arguments[0]", width)), f"{width} pixels")

    def complaints(self) -> list[str]:
        """Return the console's script errors and policy violations of pages fetched over HTTP."""
        found: list[str] = self._in_its_own_window(
            """return Services.console.getMessageArray().filter(one => one instanceof Ci.nsIScriptError
                && one.sourceName.startsWith("http")).map(one => one.errorMessage)"""
        )
        # A warning about reading a page that is still loading, which happens on a slow machine.
        return [item for item in found if not item.startswith("Layout was forced before the page was fully loaded")]

    def stop(self) -> None:
        """Quit Firefox, and wait for the process to end."""
        with contextlib.suppress(DriverError, OSError):
            self.command("Marionette:Quit", flags=["eForceQuit"])
        self._answers.close()
        self._socket.close()
        end(self._process)

    def _in_its_own_window(self, code: str, *arguments: Any) -> Any:
        self.command("Marionette:SetContext", value="chrome")
        try:
            return self.script(code, *arguments)
        finally:
            self.command("Marionette:SetContext", value="content")

    def _answer(self) -> Any:
        length = b""
        while (byte := self._answers.read(1)) != b":":
            if not byte:
                raise DriverError("Firefox has ended")
            length += byte
        return json.loads(self._answers.read(int(length)))
