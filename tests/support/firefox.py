"""Debian's Firefox, driven over Marionette, whose messages are a length, a colon and a JSON array."""

import contextlib
import json
import socket
from pathlib import Path
from typing import Any

from tests.support.driven_browser import COMMAND_SECONDS, DrivenBrowser, DriverError, end_process, start_process
from tests.support.waiting import wait_until


class Firefox(DrivenBrowser):
    """A Firefox process with its profile in `folder`."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        # With port 0, Firefox chooses a free port and writes it to its profile.
        (folder / "user.js").write_text('user_pref("marionette.port", 0);\n')
        arguments = ["-headless", "-marionette", "-remote-allow-system-access", "-no-remote", "-profile", str(folder)]
        with (folder / "firefox.log").open("wb") as log:
            self._process = start_process(["firefox-esr", *arguments], stdout=log, stderr=log)
        port_file = folder / "MarionetteActivePort"
        wait_until(lambda: port_file.exists() and port_file.read_text() != "", "Firefox listens", COMMAND_SECONDS)
        self._socket = socket.create_connection(("127.0.0.1", int(port_file.read_text())), COMMAND_SECONDS)
        self._responses = self._socket.makefile("rb")
        self._last_id = 0
        self._read_response()  # the greeting
        self.command("NewSession", acceptInsecureCerts=True, timeouts={"pageLoad": COMMAND_SECONDS * 1000})

    def command(self, name: str, **body: Any) -> Any:
        """Send a command and return the value of the response. Raises DriverError if the browser reports an error."""
        self._last_id += 1
        message = json.dumps([0, self._last_id, name if ":" in name else f"WebDriver:{name}", body]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, response_id, error, result = self._read_response()
        assert response_id == self._last_id
        if error:
            raise DriverError(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def reset(self, javascript: bool = True) -> None:
        """Clear the cookies and the console, and replace all tabs with a new one of 1280 by 800 pixels.

        `javascript` says whether pages may run JavaScript.
        """
        self._run_in_chrome_context(
            """Services.prefs.setBoolPref("javascript.enabled", arguments[0]);
            Services.cookies.removeAll();""",
            javascript,
        )
        old_handles = self.command("GetWindowHandles")
        new_handle = self.command("NewWindow", type="tab", focus=True)["handle"]
        for handle in old_handles:
            self.command("SwitchToWindow", handle=handle)
            self.command("CloseWindow")
        self.command("SwitchToWindow", handle=new_handle)
        self._run_in_chrome_context("Services.console.reset()")  # which holds messages of the closed pages
        self.fetched_urls.clear()
        self.resize(1280, 800)

    def resize(self, width: int, height: int = 640) -> None:
        """Set the page's size by style, because a Firefox window cannot be narrower than 450 pixels."""
        self.command("SetWindowRect", width=max(width, 500), height=height + 85)
        self._run_in_chrome_context(
            """const style = gBrowser.selectedBrowser.style;
            for (const [name, value] of Object.entries(arguments[0])) style.setProperty(name, value);""",
            {"width": f"{width}px", "max-width": f"{width}px", "min-width": "0", "flex": "none", "contain": "size"},
        )
        wait_until(lambda: bool(self.script("return innerWidth === arguments[0]", width)), f"{width} pixels")

    def console_errors(self) -> list[str]:
        """Return the script errors and the violations of the content security policy on pages fetched over HTTP."""
        messages: list[str] = self._run_in_chrome_context(
            """return Services.console.getMessageArray().filter(entry => entry instanceof Ci.nsIScriptError
                && entry.sourceName.startsWith("http")).map(entry => entry.errorMessage)"""
        )
        # A warning about reading a page that is still loading, which happens on a slow machine.
        return [item for item in messages if not item.startswith("Layout was forced before the page was fully loaded")]

    def stop(self) -> None:
        """Quit Firefox, and wait for the process to end."""
        with contextlib.suppress(DriverError, OSError):
            self.command("Marionette:Quit", flags=["eForceQuit"])
        self._responses.close()
        self._socket.close()
        end_process(self._process)

    def _run_in_chrome_context(self, code: str, *arguments: Any) -> Any:
        self.command("Marionette:SetContext", value="chrome")
        try:
            return self.script(code, *arguments)
        finally:
            self.command("Marionette:SetContext", value="content")

    def _read_response(self) -> Any:
        length = b""
        while (byte := self._responses.read(1)) != b":":
            if not byte:
                raise DriverError("Firefox has ended")
            length += byte
        return json.loads(self._responses.read(int(length)))
