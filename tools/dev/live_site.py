"""Serve the site and the form as one WSGI application. A changed source file starts a new build."""

import html
import mimetypes
import threading
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from form_service import create_app
from service_profile import ProfileError, load, security_headers
from tools.publish.build import BuildError, build

FORM_PATHS = ("/referral", "/healthz", "/readyz", "/metrics")
SOURCE_PATHS = ("docs", "overrides", "leaflet", "mkdocs.yml")
LEAFLET_OUTPUT_FOLDER = "docs/leaflets"
PROBLEM_PAGE = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>The site could not be built</title>
<h1>The site could not be built</h1><p>Mend this, save, and reload:</p><pre>{problem}</pre></html>"""

StartResponse = Callable[..., Any]


def fingerprint(root: Path) -> frozenset[tuple[str, int, int]]:
    """Return the path, modification time and size of every source file. The result differs after any edit."""
    entries = set()
    for source in SOURCE_PATHS:
        path = root / source
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file() and LEAFLET_OUTPUT_FOLDER not in file.as_posix() and "__pycache__" not in file.parts:
                status = file.stat()
                entries.add((str(file), status.st_mtime_ns, status.st_size))
    return frozenset(entries)


class LiveSite:
    """A WSGI application that serves the form at its paths, and the files of site/ at all others."""

    def __init__(self, root: Path) -> None:
        self.root, self.site = root, root / "site"
        self.built_fingerprint: frozenset[tuple[str, int, int]] = frozenset()
        self.problem: str | None = None
        self.form: Any = None
        self.lock = threading.Lock()
        self.headers: list[tuple[str, str]] = []

    def refresh(self) -> None:
        """Rebuild the site and the form if a source file has changed. Any errors are stored in `problem`."""
        with self.lock:
            current_fingerprint = fingerprint(self.root)
            if current_fingerprint == self.built_fingerprint:
                return
            self.built_fingerprint = current_fingerprint
            problems = dict.fromkeys(filter(None, (self._build(), self._renew_form())))
            self.problem = "\n".join(problems) or None
            if self.problem:
                print(f"The site could not be built:\n{self.problem}", flush=True)

    def _build(self) -> str | None:
        """Build the site, and store the headers to send with it. Return an error message, or None on success."""
        try:
            build(production=False)
            self.headers = list(security_headers.site_headers(load()).items())
        except (BuildError, ProfileError) as error:
            return str(error)
        except Exception as error:  # an old page must never look like the edited one
            traceback.print_exc()
            return f"{type(error).__name__}: {error}"
        return None

    def _renew_form(self) -> str | None:
        """Create the form again, because it reads mkdocs.yml only when it starts.

        Return None on success. After an error, return its message and keep the old form in use.
        """
        try:
            old_form, self.form = self.form, create_app()
        except ProfileError as error:
            return str(error)
        if old_form is not None:
            old_form.extensions["form_service"].store.close()
        return None

    def close(self) -> None:
        """Stop the form, and close its store."""
        if self.form is not None:
            self.form.extensions["form_service"].store.close()
            self.form = None

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path != path.lower() and path.lower().rstrip("/") == "/referral":  # typed in capitals, as from a leaflet
            return self._redirect(environ, start_response, "/referral/")
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in FORM_PATHS):
            if self.form is None:
                return self._problem_response(start_response)
            form: Iterable[bytes] = self.form(environ, start_response)
            return form
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return self._method_not_allowed_response(start_response)
        if "." not in path.rsplit("/", 1)[-1] or path.endswith((".html", ".pdf")):
            self.refresh()
            if self.problem:
                return self._problem_response(start_response)
        return self._file_response(path, environ, start_response)

    def _problem_response(self, start_response: StartResponse) -> Iterable[bytes]:
        page = PROBLEM_PAGE.format(problem=html.escape(self.problem or "")).encode()
        return self._respond(start_response, HTTPStatus.INTERNAL_SERVER_ERROR, page, "text/html; charset=utf-8")

    def _method_not_allowed_response(self, start_response: StartResponse) -> Iterable[bytes]:
        """Return the response to a method other than GET and HEAD."""
        file = self.site / "unavailable.html"
        page = file.read_bytes() if file.is_file() else b""
        headers = [*self.headers, ("Allow", "GET, HEAD")]
        return self._respond(start_response, HTTPStatus.METHOD_NOT_ALLOWED, page, "text/html; charset=utf-8", headers)

    def _file_response(self, path: str, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        file = self._site_path(path)
        if file.is_dir() and not path.endswith("/"):
            return self._redirect(environ, start_response, f"/{path.strip('/')}/")
        if file.is_dir():
            file /= "index.html"
        status = HTTPStatus.OK if file.is_file() else HTTPStatus.NOT_FOUND
        if status is HTTPStatus.NOT_FOUND:
            file = self.site / "404.html"
        content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if content_type.startswith("text/") or content_type in ("application/javascript", "application/json"):
            content_type += "; charset=utf-8"
        body = file.read_bytes() if file.is_file() else b""
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        return self._respond(start_response, status, body, content_type, self.headers)

    def _redirect(self, environ: dict[str, Any], start_response: StartResponse, path: str) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        location = quote(path, encoding="latin-1") + (f"?{query}" if query else "")
        return self._respond(start_response, HTTPStatus.MOVED_PERMANENTLY, b"", "text/plain", [("Location", location)])

    def _site_path(self, path: str) -> Path:
        """Return the path of the file or folder in site/ to which the URL path `path` leads.

        The returned path does not exist if the URL path leads nowhere or outside site/.
        """
        try:
            file = (self.site / path.lstrip("/")).resolve()
            file.exists()
        except (OSError, ValueError):  # too long, or a NUL in it
            return self.site / "nothing"
        if not file.is_relative_to(self.site.resolve()) or (path.endswith("/") and not file.is_dir()):
            return self.site / "nothing"
        return file

    @staticmethod
    def _respond(
        start_response: StartResponse,
        status: HTTPStatus,
        body: bytes,
        content_type: str,
        extra_headers: Iterable[tuple[str, str]] = (),
    ) -> Iterable[bytes]:
        # Forbid browser caching: a reload must always show the last edit.
        headers = [
            *extra_headers,
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]
