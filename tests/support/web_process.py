"""Run the form's web server in a separate process, and give a test access to the form's store."""

import http.client
import resource
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.service_parts import ServiceParts, parts_of, read_until, running_flask, settings_of
from tests.support.waiting import wait_until


def allow_many_connections() -> None:
    """Raise this process's limit of open files to 4096, or to the hard limit if that is lower.

    Each client connection counts as one file.
    """
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard_limit), hard_limit))


@dataclass
class WebProcess:
    """A web process of the form, and its settings, sealer and store."""

    process: subprocess.Popen[str]
    port: int
    parts: ServiceParts

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        connection = self.connect()
        try:
            header_fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Accept": "text/html"} | header_fields)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def send_raw(self, data: bytes, half_close: bool = True) -> bytes:
        """Send bytes over a new connection; return everything received, or b"" if the server resets the connection.

        With `half_close`, tell the server that no more bytes follow.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: connection.recv(65536), b""))
            except OSError:
                return b""  # the server closed the connection without reading everything, which is allowed

    def is_healthy(self) -> bool:
        return self.process.poll() is None and self.request("GET", "/healthz")[0] == 200

    def referral_count(self) -> int:
        return sum(self.parts.store.reports.counts_by_outcome().values())


@contextmanager
def running_web_process(folder: Path, **environment: str) -> Iterator[WebProcess]:
    """Run the form's web process with its files in `folder`; fail if it does not answer /healthz at the end."""
    parts = parts_of(settings_of(folder, **environment))
    parts.store.migrate()
    with running_flask(parts.settings, "serve", "--port", "0", cwd=folder) as process:
        port = int(read_until(process, r'"port": (\d+)')[1])
        threading.Thread(target=process.stdout.read, daemon=True).start()  # type: ignore[union-attr]
        web_process = WebProcess(process, port, parts)
        wait_until(web_process.is_healthy, "the server answers")
        yield web_process
        assert web_process.is_healthy()
    parts.store.close()
