"""Create the editor's web application. The routes that change the site are in tools/editor/editing.py."""

import mimetypes
import secrets
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, render_template, request, send_file, send_from_directory
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from service_profile import ProfileError
from tools.content import page_templates
from tools.editor import editing, front_matter, guard, pages, pictures
from tools.editor.menu import MenuError
from tools.editor.project import LEAFLETS, EditError, Project, facts, file_details
from tools.editor.sign_in import SignIn
from tools.editor.upstream import NotPublished
from tools.editor.workspace import ScratchCopy

ROOT = Path(__file__).resolve().parents[2]
EDITOR_FOLDER = ROOT / "editor"
# Nothing from any other host, and no inline script. The nonce is for the style that CodeMirror inserts.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; object-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
MAX_REQUEST_BYTES = 20_000_000


def create_app(scratch: ScratchCopy, script: Path, origins: set[str], sign_in: SignIn | None = None) -> Flask:
    """Return the editor's web application.

    `script` is the path of the bundled script that the browser runs. Only requests to `origins`, such as
    http://127.0.0.1:8010, are accepted. With `sign_in`, people must sign in.
    """
    app = Flask(__name__, static_folder=None, template_folder=str(EDITOR_FOLDER))
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    project = scratch.project
    guard.require_origin(app, origins)
    if sign_in:
        guard.require_sign_in(app, sign_in)
    _add_headers_and_error_handlers(app)
    _add_editor_files(app, script)
    _add_site_routes(app, scratch)
    _add_read_routes(app, project)
    editing.register_routes(app, project, scratch)
    return app


def _add_headers_and_error_handlers(app: Flask) -> None:
    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if not request.path.startswith("/site/"):
            response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY.format(nonce="none"))
        return response

    @app.errorhandler(EditError)
    @app.errorhandler(NotPublished)
    @app.errorhandler(ProfileError)
    @app.errorhandler(MenuError)
    def refusal_response(error: ValueError) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, HTTPStatus.BAD_REQUEST

    @app.errorhandler(HTTPException)
    def error_response(error: HTTPException) -> tuple[dict[str, str], int]:
        is_too_large = isinstance(error, RequestEntityTooLarge)
        message = "That is larger than 20 MB. Make it smaller first." if is_too_large else str(error.description)
        return {"error": message}, error.code or HTTPStatus.INTERNAL_SERVER_ERROR


def _add_editor_files(app: Flask, bundled_script: Path) -> None:
    @app.get("/")
    def index() -> Response:
        nonce = secrets.token_urlsafe(16)
        page = render_template("index.html", nonce=nonce, email=g.author.email)
        return Response(
            page, headers={"Content-Security-Policy": CONTENT_POLICY.format(nonce=nonce)}, mimetype="text/html"
        )

    @app.get("/editor.css")
    def style_sheet() -> Response:
        return send_file(EDITOR_FOLDER / "editor.css")

    @app.get("/editor.js")
    def script() -> Response:
        return send_file(bundled_script)


def _add_site_routes(app: Flask, scratch: ScratchCopy) -> None:
    # The CSS inside each page refers to its fonts by URLs from the site's root, so the preview serves them there too.
    @app.get("/assets/fonts/<name>")
    @app.get("/<path:folder>/assets/fonts/<name>")
    def font(name: str, **_url_values: str) -> Response:
        return send_from_directory(scratch.project.root / "overrides" / "assets" / "fonts", name)

    @app.get("/site/<int:number>/")
    @app.get("/site/<int:number>/<path:path>")
    def site_file(number: int, path: str = "") -> Response:
        site = scratch.site_folder(number).resolve()
        file = (site / path).resolve()
        file = file / "index.html" if file.is_dir() else file
        if not file.is_relative_to(site) or not file.is_file():
            abort(HTTPStatus.NOT_FOUND, "There is no such page.")
        return send_file(file, mimetype=mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    @app.get("/api/picture")
    def picture() -> Response:
        response = send_file(pictures.picture_file(scratch.project, str(request.args.get("path"))))
        # A drawing (SVG) opened by itself must not run a script of the editor.
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return response


def _add_read_routes(app: Flask, project: Project) -> None:
    @app.get("/api/overview")
    def overview() -> dict[str, Any]:
        leaflets = [{"path": path, "title": title} for path, (title, _) in LEAFLETS.items()]
        try:
            known_facts = facts(project.root)
        except ProfileError:
            known_facts = []
        templates = [{"name": name, "title": title} for name, (title, _) in page_templates.TEMPLATES.items()]
        return {
            **pages.overview(project),
            "leaflets": leaflets,
            "facts": known_facts,
            "templates": templates,
            "history": project.history.is_available,
            "publishes": project.publishes,
        }

    @app.get("/api/file")
    def file() -> dict[str, Any]:
        return file_details(project, str(request.args.get("path")))

    @app.get("/api/search")
    def search() -> dict[str, Any]:
        return {"found": pages.search(project, str(request.args.get("words")))}

    @app.get("/api/links")
    def links() -> dict[str, Any]:
        path = Project.check_path(str(request.args.get("path")))
        pages.check_deletable(path)
        return {"links": pages.links_to(project, path)}

    @app.get("/api/history")
    def history() -> dict[str, Any]:
        path = Project.check_path(str(request.args.get("path")))
        return {"versions": [vars(version) for version in project.history.versions(path)]}

    @app.get("/api/history/text")
    def earlier_text() -> dict[str, Any]:
        path = Project.check_path(str(request.args.get("path")))
        text = project.history.text(path, str(request.args.get("id")))
        if text is None:
            raise EditError("That version no longer exists.")
        page = front_matter.parse_page(text) if path.startswith("docs/") else None
        return {"body": page.body if page else text, "description": page.description if page else None}

    @app.get("/api/pictures")
    def list_pictures() -> dict[str, Any]:
        paths = pictures.picture_paths(project)
        return {"pictures": [{"path": path, "usedBy": pictures.find_uses(project, path)} for path in paths]}
