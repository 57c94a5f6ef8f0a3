"""nginx, with the project's configuration, in front of a stand-in for the form's web process."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.deployment import NginxServer, nginx_in_front

# The headers that every response must have.
REQUIRED_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "strict-transport-security")


class Upstream(BaseHTTPRequestHandler):
    """A stand-in for the form's web process; the requested path decides how it responds."""

    def do_GET(self) -> None:
        path = self.path.removeprefix("/referral/")
        if path == "dies":
            self.connection.close()
            return
        self.send_response(int(path) if path.isdigit() else 200)
        if path == "own-policy":
            self.send_header("Content-Security-Policy", "default-src 'none'")
            self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.headers['X-Forwarded-For']}".encode())

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(size).encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def nginx_server(
    tmp_path_factory: pytest.TempPathFactory, site: Path, certificate: tuple[Path, Path], root: Path
) -> Iterator[NginxServer]:
    """Yield nginx in front of an `Upstream` server."""
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    Thread(target=upstream.serve_forever, daemon=True).start()
    try:
        with nginx_in_front(
            tmp_path_factory.mktemp("nginx"), site, certificate, upstream.server_port, root=root
        ) as server:
            yield server
    finally:
        upstream.shutdown()
        upstream.server_close()
