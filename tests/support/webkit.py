"""Debian's WebKitGTK, driven over the HTTP interface of WebKitWebDriver."""

import contextlib
import http.client
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.driven_browser import COMMAND_SECONDS, DrivenBrowser, DriverError, end_process, start_process
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

REQUEST_BY_COMMAND = {
    "Navigate": "POST url",
    "Back": "POST back",
    "Refresh": "POST refresh",
    "ElementClear": "POST element/{id}/clear",
    "ElementClick": "POST element/{id}/click",
    "ElementSendKeys": "POST element/{id}/value",
    "PerformActions": "POST actions",
    "ExecuteScript": "POST execute/sync",
    "SetWindowRect": "POST window/rect",
    "GetCookies": "GET cookie",
    "TakeScreenshot": "GET screenshot",
    "DeleteSession": "DELETE ",
}


class WebKit(DrivenBrowser):
    """WebKitGTK's MiniBrowser and its driver on a virtual display. `folder` holds their style and log."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        (folder / "gtk-3.0").mkdir()
        # Otherwise the toolbar sets the window's minimum width, which is wider than a small phone.
        (folder / "gtk-3.0/gtk.css").write_text("* { font-size: 1px; min-width: 0; padding: 0; margin: 0; border: 0 }")
        with (folder / "webkit.log").open("wb") as log:
            screen_command = ["Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1400x1000x24"]
            self._screen_process = start_process(screen_command, stdout=subprocess.PIPE, stderr=log)
            assert self._screen_process.stdout is not None
            with self._screen_process.stdout as output:
                display = f":{int(output.readline())}"
            extra_environment = {"DISPLAY": display, "XDG_CONFIG_HOME": str(folder), "NO_AT_BRIDGE": "1"}
        self._environment = os.environ | extra_environment
        self._browser_path = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))[-1]
        self._start_driver()

    def _start_driver(self) -> None:
        self._session_id, self._port = "", free_port()
        driver_command = ["WebKitWebDriver", f"--port={self._port}"]
        self._driver_process = start_process(
            driver_command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._is_listening, "WebKitWebDriver listens", COMMAND_SECONDS)

    def command(self, name: str, **body: Any) -> Any:
        """Send a command and return the value of the response. Raises DriverError if the browser reports an error."""
        method, _, path = REQUEST_BY_COMMAND[name].partition(" ")
        return self._request(method, f"/session/{self._session_id}/{path.format(**body)}".rstrip("/"), body)

    def reset(self, javascript: bool = True) -> None:
        """Close the browser and start a new one; `javascript` says whether pages may run JavaScript."""
        self._close()
        arguments = ["--automation", f"--enable-javascript={'TRUE' if javascript else 'FALSE'}"]
        options = {"binary": str(self._browser_path), "args": arguments}
        # "none", because the other strategies hang after Back from another site to a URL that redirects.
        always_match = {"acceptInsecureCerts": True, "pageLoadStrategy": "none", "webkitgtk:browserOptions": options}
        capabilities = {"capabilities": {"alwaysMatch": always_match}}
        try:
            self._session_id = self._request("POST", "/session", capabilities)["sessionId"]
        except DriverError:  # the browser sometimes hangs on start, but not twice in a row
            end_process(self._driver_process)
            self._start_driver()
            self._session_id = self._request("POST", "/session", capabilities)["sessionId"]
        self.fetched_urls.clear()

    def resize(self, width: int, height: int = 640) -> None:
        """Set the size of the window, whose height includes the toolbar; wait until the page is `width` pixels wide."""
        self.command("SetWindowRect", width=width, height=height)
        wait_until(lambda: bool(self.script("return innerWidth === arguments[0]", width)), f"{width} pixels")

    def console_errors(self) -> list[str]:
        """Return an empty list, because WebKit's driver cannot read the console."""
        return []

    def stop(self) -> None:
        """Close the browser, its driver and the virtual display."""
        with contextlib.suppress(DriverError, OSError):
            self._close()
        end_process(self._driver_process)
        end_process(self._screen_process)

    def _close(self) -> None:
        if self._session_id:
            self.command("DeleteSession")
            self._session_id = ""

    def _is_listening(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self._request("GET", "/status", {})["ready"])
        return False

    def _request(self, method: str, path: str, body: dict[str, Any]) -> Any:
        # The response to a script is lost if its page is replaced by another site's: use a short time-out, so that the
        # caller can try again.
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=10 if "script" in body else COMMAND_SECONDS
        )
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if method == "POST" else None)
            try:
                response = connection.getresponse()
            except TimeoutError as error:
                raise DriverError(f"{method} {path}: no answer") from error
            value = json.loads(response.read())["value"]
        if response.status != 200:
            raise DriverError(f"{method} {path}: {value['error']}: {value['message']}")
        return value
