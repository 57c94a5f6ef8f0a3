"""The few addresses of the internet that the hosted editor needs, on one https port of loopback.

A browser with `resolver_rules` is led here by their real names: the editor's own address with exactly the headers of
its `_headers` file, the Git host's API, its login, and Netlify, which hands the login on to the window that asked.
"""

import base64
import json
import mimetypes
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.support.git_host import GitHost, No

EDITOR = "editor.example.org.uk"
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
Reply = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}
ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
}
# What Netlify's window does: it says that it is there, and answers the one who says so too.
HAND_OVER = """<!doctype html><title>Authorising</title><script>
addEventListener("message", function (event) {
  if (event.data === "authorizing:github") opener.postMessage(%s, event.origin);
});
opener.postMessage("authorizing:github", "*");
</script>"""


def headers_of(folder: Path) -> dict[str, str]:
    """Return what a `_headers` file with one rule for everything asks for."""
    first, *lines = (folder / "_headers").read_text(encoding="utf-8").splitlines()
    assert first == "/*"
    return dict(line.strip().split(": ", 1) for line in lines)


def choice(back: str, choices: dict[str, dict[str, str]], state: str) -> bytes:
    """Return a login's page: links back to who asked, each with what it sends along."""
    links = [f'<p><a href="{back}?{urlencode(sent | {"state": state})}">{words}</a>' for words, sent in choices.items()]
    return ("<!doctype html><title>Authorise</title>" + "".join(links)).encode()


class Internet:
    """Everything that answers, for the editor in `folder`; whoever serves it says which `host` there is."""

    host: GitHost
    well = True  # what the Git host's status page says

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.addresses: dict[str, Callable[[Request], Reply]] = {
            EDITOR: self._editor,
            "api.github.com": self._api,
            "github.com": self._login,
            "api.netlify.com": self._netlify,
            "www.githubstatus.com": self._status,
        }

    def resolver_rules(self, port: int, **others: int) -> str:
        """Return the argument that leads Chromium here, or to another's port, and nowhere else."""
        rules = [f"MAP {name} 127.0.0.1:{others.get(name, port)}" for name in {*self.addresses, *others}]
        return "--host-resolver-rules=" + ",".join([*rules, "MAP * ~NOTFOUND"])

    def _editor(self, request: "Request") -> Reply:
        file = self.folder / (request.path.strip("/") or "index.html")
        if request.method != "GET" or not file.is_file() or file.name == "_headers":
            return 404, headers_of(self.folder) | HTML, b"Not found"
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        kind = "text/yaml" if file.suffix == ".yml" else kind
        return 200, headers_of(self.folder) | {"Content-Type": kind}, file.read_bytes()

    def _api(self, request: "Request") -> Reply:
        if request.method == "OPTIONS":
            return 204, ANYBODY, b""
        kind = ANYBODY | {"Content-Type": "application/json; charset=utf-8"}
        token = request.headers.get("authorization", "").removeprefix("token ")
        try:
            told = self.host.answer(request.method, request.path, request.query, request.json, token)
        except No as refused:
            return refused.status, kind, json.dumps({"message": refused.message}).encode()
        return (204, ANYBODY, b"") if told is None else (200, kind, json.dumps(told).encode())

    def _login(self, request: "Request") -> Reply:
        """Return the Git host's own page: who are you, and may this application act for you?"""
        if request.path != "/login/oauth/authorize":
            return 404, HTML, b"Not Found"
        back = request.query["redirect_uri"]
        choices = {f"I am {login}": {"code": login} for login in self.host.people}
        choices["Cancel"] = {"error": "access_denied", "error_description": "The user has denied your application"}
        return 200, HTML, choice(back, choices, request.query["state"])

    def _netlify(self, request: "Request") -> Reply:
        if request.path == "/auth":
            if request.query["site_id"] != EDITOR:
                return 404, HTML, b"Not Found"
            wanted = {"client_id": "the-app", "scope": request.query["scope"], "state": "s"}
            wanted["redirect_uri"] = "https://api.netlify.com/auth/done"
            return 302, {"Location": "https://github.com/login/oauth/authorize?" + urlencode(wanted)}, b""
        if request.path != "/auth/done":
            return 404, HTML, b"Not Found"
        if "code" in request.query:
            given = {"token": self.host.token(request.query["code"]), "provider": "github"}
            words = f"authorization:github:success:{json.dumps(given)}"
        else:
            words = f"authorization:github:error:{json.dumps({'message': request.query['error_description']})}"
        return 200, HTML, (HAND_OVER % json.dumps(words)).encode()

    def _status(self, request: "Request") -> Reply:
        parts = [{"name": "API Requests", "status": "operational" if self.well else "major_outage"}]
        return 200, ANYBODY | {"Content-Type": "application/json"}, json.dumps({"components": parts}).encode()


class Request:
    """One request, read to its end."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        address = urlsplit(handler.path)
        self.method, self.path = handler.command, unquote(address.path)
        self.raw_path = address.path
        self.query = dict(parse_qsl(address.query))
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = handler.rfile.read(int(self.headers.get("content-length") or 0))

    @property
    def json(self) -> dict[str, Any]:
        """Return the body, when it holds something."""
        return dict(json.loads(self.body)) if self.body else {}


class Serving:
    """The internet on one port, for as long as a `with` block lasts."""

    def __init__(self, internet: Internet, certificate: tuple[Path, Path]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ssl.SSLError, ConnectionError):
                    self.close_connection = True  # the browser went away

            def _answer(self) -> None:
                request = Request(self)
                status, headers, body = internet.addresses[request.headers["host"]](request)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # The handshake waits for the connection's own thread: a browser that opens one in advance holds nobody up.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port

    def __enter__(self) -> "Serving":
        Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
