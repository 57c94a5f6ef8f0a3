"""The editor's routes: the editor itself, its files, the preview, and reading and saving."""

import mimetypes
import secrets
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request, send_file
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from service_profile import ProfileError
from tools.editor import bundle, editing, front_matter, pages, pictures
from tools.editor.menu import MenuError
from tools.editor.project import LEAFLETS, EditError, Project, entry, facts
from tools.editor.workspace import Scratch

ROOT = Path(__file__).resolve().parents[2]
EDITOR = ROOT / "editor"
# Nothing from any other host, and no text becomes a program. The nonce is for the style that CodeMirror puts in.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; object-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
LARGEST = 20_000_000  # bytes of one request


def create_app(port: int, scratch: Scratch) -> Flask:
    """Return the editor's WSGI application for the project of `scratch`, served only at loopback names on `port`."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    project = scratch.project
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    files = {"editor.css": EDITOR / "editor.css", **bundle.scripts()}
    _guard(app, hosts)
    _own_files(app, files)
    _site(app, scratch)
    _add_read_routes(app, project)
    editing.register(app, project, scratch)
    return app


def _guard(app: Flask, hosts: set[str]) -> None:
    @app.before_request
    def check_caller() -> None:
        """Refuse requests from other sites in the same browser: their Host or Origin differs."""
        origin = request.headers.get("Origin")
        if request.host not in hosts:
            abort(HTTPStatus.FORBIDDEN, "The editor answers on this machine's own address only.")
        if (origin and origin.removeprefix("http://") not in hosts) or (
            request.method not in ("GET", "HEAD") and not origin
        ):
            abort(HTTPStatus.FORBIDDEN, "Only the editor itself may ask this.")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if not request.path.startswith("/site/"):
            response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce="none"))
        return response

    @app.errorhandler(EditError)
    @app.errorhandler(ProfileError)
    @app.errorhandler(MenuError)
    def refused(error: ValueError) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, HTTPStatus.BAD_REQUEST

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[dict[str, str], int]:
        too_large = isinstance(error, RequestEntityTooLarge)
        words = "That is larger than 20 MB. Make it smaller first." if too_large else str(error.description)
        return {"error": words}, error.code or HTTPStatus.INTERNAL_SERVER_ERROR


def _own_files(app: Flask, files: dict[str, Path]) -> None:
    @app.get("/")
    def index() -> Response:
        nonce = secrets.token_urlsafe(16)
        page = (EDITOR / "index.html").read_text(encoding="utf-8").replace("NONCE", nonce)
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
        return Response(page, headers=headers, mimetype="text/html")

    @app.get("/<name>")
    def own_file(name: str) -> Response:
        if name not in files:
            abort(HTTPStatus.NOT_FOUND, "There is no such page.")
        return send_file(files[name])


def _site(app: Flask, scratch: Scratch) -> None:
    @app.get("/site/<int:number>/")
    @app.get("/site/<int:number>/<path:path>")
    def site_file(number: int, path: str = "") -> Response:
        site = scratch.site(number).resolve()
        file = (site / path).resolve()
        file = file / "index.html" if file.is_dir() else file
        if not file.is_relative_to(site) or not file.is_file():
            abort(HTTPStatus.NOT_FOUND, "There is no such page.")
        return send_file(file, mimetype=mimetypes.guess_type(file.name)[0] or "application/octet-stream")


def _add_read_routes(app: Flask, project: Project) -> None:
    @app.get("/api/overview")
    def overview() -> dict[str, Any]:
        leaflets = [{"path": path, "title": title} for path, (title, _) in LEAFLETS.items()]
        try:
            known = facts(project.root)
        except ProfileError:
            known = []
        templates = [{"name": name, "title": title} for name, (title, _) in pages.TEMPLATES.items()]
        return {
            **pages.overview(project),
            "leaflets": leaflets,
            "facts": known,
            "templates": templates,
            "history": project.history.exists,
        }

    @app.get("/api/file")
    def file() -> dict[str, Any]:
        return entry(project, str(request.args.get("path")))

    @app.get("/api/links")
    def links() -> dict[str, Any]:
        return {"links": pages.links_to(project, Project.check(str(request.args.get("path"))))}

    @app.get("/api/history")
    def history() -> dict[str, Any]:
        path = Project.check(str(request.args.get("path")))
        return {"versions": [vars(version) for version in project.history.versions(path)]}

    @app.get("/api/history/text")
    def earlier() -> dict[str, Any]:
        path = Project.check(str(request.args.get("path")))
        text = project.history.text(path, str(request.args.get("id")))
        if text is None:
            raise EditError("That version is not there any more.")
        page = front_matter.parse(text) if path.startswith("docs/") else None
        return {"body": page.body if page else text, "description": page.description if page else None}

    @app.get("/api/pictures")
    def picture_names() -> dict[str, Any]:
        found = pictures.names(project)
        return {"pictures": [{"path": path, "usedBy": pictures.users(project, path)} for path in found]}
