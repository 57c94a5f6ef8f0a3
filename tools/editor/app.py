"""What the editor's address answers: the editor itself, its files, the preview, and saving."""

import json
import mimetypes
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from service_profile import load
from tools.editor import npm
from tools.editor.workspace import Scratch
from tools.publish.hosting import page_address

ROOT = Path(__file__).resolve().parents[2]
EDITOR = ROOT / "editor"
DECAP = (
    "decap-cms",
    "3.16.3",
    "hf+dPlCh7TJmWl8+6VRzHYOWhri5xgUknrZbDewaWe4s9B7xJ8PQugp2QHeSldMUKzav6+z0oIpwUYhUJDYtYw==",
)
# Nothing from any other host, whatever a page or a package asks for. A picture that is sent is read out of a blob.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob:; frame-src 'self' blob:; "
    "object-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
EDITABLE = re.compile(r"docs/[\w-]+\.md|leaflet/[\w-]+\.md|mkdocs\.yml|docs/pictures/[\w.-]+")
LARGEST = 20_000_000
SHOWN = {"statistics": "does-it-help/", "contact": "contact/", "review": ""}
LEAFLETS = {
    "leaflet/leaflet.md": "leaflet-to-read.pdf",
    "leaflet/easy-read.md": "leaflet-easy-read.pdf",
    "leaflet/paper-form.md": "form-for-yourself.pdf",
}
StartResponse = Callable[..., Any]


class Refused(Exception):
    """A request that is not the editor's own, or asks for what the editor does not do."""


def editor_files() -> dict[str, Path]:
    """The editor's files by the name under which they are served; fetches Decap CMS the first time."""
    dist = npm.unpack(*DECAP) / "dist"
    own = {file.name: file for file in EDITOR.iterdir() if file.suffix in (".html", ".js", ".css", ".yml")}
    parts = {
        file.name: file
        for file in dist.iterdir()
        if file.suffix in (".js", ".wasm") and not re.search(r"(^|\.)cms\.", file.name)
    }
    return parts | own


def facts(root: Path) -> list[tuple[str, str]]:
    """The short facts that a page can hold, for the menu: name and value."""
    left_out = ("look.", "privacy.processors", "leaflet.", "call.", "form_address")
    return [
        (name, value)
        for name, value in load(root / "mkdocs.yml").facts.items()
        if value and len(value) < 90 and not name.startswith(left_out)
    ]


class EditorApp:
    """WSGI application for one editor on one machine."""

    def __init__(self, root: Path, port: int, file_server: int, scratch: Scratch) -> None:
        self.root, self.file_server, self.scratch = root, file_server, scratch
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self.files = editor_files()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            status, kind, body = self._answer(environ)
        except Refused as error:
            status, kind, body = HTTPStatus.FORBIDDEN, "text/plain; charset=utf-8", str(error).encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        if not environ["PATH_INFO"].startswith("/site/"):
            headers += [("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff")]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[HTTPStatus, str, bytes]:
        self._check_caller(environ)
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            size = int(environ.get("CONTENT_LENGTH") or 0)
            if size > LARGEST:
                raise Refused("That is too large to save.")
            asked = json.loads(environ["wsgi.input"].read(size) or b"{}")
            answer = self._preview(asked) if path == "/preview" else self._save_or_read(asked)
            return HTTPStatus.OK, "application/json", json.dumps(answer).encode()
        if path == "/facts.json":
            return HTTPStatus.OK, "application/json", json.dumps(facts(self.root)).encode()
        if path == "/config.yml":
            # decap-server is asked by its whole address only; this application stands in for it.
            here = f"url: http://{environ['HTTP_HOST']}/api/v1"
            text = self.files["config.yml"].read_text(encoding="utf-8").replace("url: /api/v1", here)
            return HTTPStatus.OK, "text/yaml; charset=utf-8", text.encode()
        return self._file(path)

    def _check_caller(self, environ: dict[str, Any]) -> None:
        """Another site in the same browser must neither read nor write: its Host or Origin differs."""
        if environ.get("HTTP_HOST") not in self.hosts:
            raise Refused("The editor answers on this machine's own address only.")
        origin = environ.get("HTTP_ORIGIN")
        if origin and origin.removeprefix("http://") not in self.hosts:
            raise Refused("Only the editor itself may ask this.")
        if environ["REQUEST_METHOD"] == "POST" and not origin:
            raise Refused("Only the editor itself may ask this.")

    def _file(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        if path.startswith("/site/"):
            site = (self.scratch.folder / "site").resolve()
            file = (site / path.removeprefix("/site/")).resolve()
            file = file / "index.html" if file.is_dir() else file
            found = file if file.is_relative_to(site) and file.is_file() else None
        else:
            found = self.files.get(path.strip("/") or "index.html")
        if not found:
            return HTTPStatus.NOT_FOUND, "text/plain", b"There is no such page."
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        return HTTPStatus.OK, kind + ("; charset=utf-8" if kind.startswith("text/") else ""), found.read_bytes()

    def _preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        path, text = str(asked.get("path")), str(asked.get("text"))
        if not EDITABLE.fullmatch(path):
            raise Refused("The editor does not change that file.")
        problems = self.scratch.build(path, text)
        return {"problems": problems, "address": f"site/{self._shown(path, str(asked.get('slug')))}"}

    def _shown(self, path: str, slug: str) -> str:
        """The page or leaflet that shows the file best."""
        if path == "mkdocs.yml":
            return SHOWN.get(slug, "")
        if path in LEAFLETS:
            return f"leaflets/{LEAFLETS[path]}"
        return page_address(Path(path), Path("docs")).lstrip("/")

    def _save_or_read(self, asked: dict[str, Any]) -> Any:
        """Hand the request on to decap-server, when it is about files that the editor changes."""
        parameters = asked.get("params") or {}
        files = [*(parameters.get("dataFiles") or []), *(parameters.get("assets") or [])]
        files += [parameters[name] for name in ("entry", "asset") if isinstance(parameters.get(name), dict)]
        wrong = [file for file in files if not EDITABLE.fullmatch(str(file.get("path"))) or file.get("newPath")]
        if wrong or asked.get("action") in ("deleteFile", "deleteFiles"):
            raise Refused("The editor changes pages, leaflets and mkdocs.yml only, and deletes nothing.")
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.file_server}/api/v1",
            json.dumps(asked).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.URLError as error:
            return {"error": f"The file could not be read or saved ({error.reason})."}
