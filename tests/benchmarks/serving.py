"""A web server for the pages that tests measure; it can send pre-compressed .br and .gz files."""

import contextlib
import http.server
import mimetypes
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path


class _Handler(http.server.BaseHTTPRequestHandler):
    """A request handler that serves the files in `folder`, and 404.html for every missing page."""

    protocol_version = "HTTP/1.1"
    folder: Path
    extra_headers: Mapping[str, str]

    def do_GET(self) -> None:
        """Send the requested file, or 404.html with the status 404 if there is no such file.

        A compressed copy is sent instead if there is one and the browser accepts it.
        """
        path = self.folder / self.path.split("?")[0].lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if status == 200 else self.folder / "404.html"
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        encoding = None
        for name, suffix in (("br", ".br"), ("gzip", ".gz")):
            compressed_path = path.with_name(path.name + suffix)
            if encoding is None and name in self.headers.get("Accept-Encoding", "") and compressed_path.is_file():
                path, encoding = compressed_path, name
        body = path.read_bytes() if path.is_file() else b""
        self.send_response(status)
        self.send_header("Content-Type", content_type + ("; charset=utf-8" if content_type.startswith("text/") else ""))
        self.send_header("Content-Length", str(len(body)))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        for header, value in self.extra_headers.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Answer with 204, as the form does when "Leave this page" posts its beacon."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Suppress the log line of each request."""


@contextlib.contextmanager
def serve(folder: Path, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve `folder` on loopback until the block ends; yield the URL of its root.

    Each response to a GET request also has `headers`.
    """
    handler = type("Handler", (_Handler,), {"folder": folder, "extra_headers": headers or {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
