"""The real web server in its own process, with access to its store."""

import http.client
import resource
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.service_parts import ServiceParts, parts_of, read_until, running, settings_of
from tests.support.waiting import until


def allow_many_connections() -> None:
    """Raise this process's limit of open files to 4096, because every client connection needs one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))


@dataclass
class Web:
    """A web server process and its store."""

    process: subprocess.Popen[str]
    port: int
    parts: ServiceParts

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        connection = self.connect()
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Accept": "text/html"} | names)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def raw(self, data: bytes, half_close: bool = True) -> bytes:
        """Send bytes over a new connection; return everything received, b"" if the server resets it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as wire:
            try:
                wire.sendall(data)
                if half_close:
                    wire.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: wire.recv(65536), b""))
            except OSError:
                return b""  # the server closed the connection without reading everything, which is allowed

    def is_well(self) -> bool:
        return self.process.poll() is None and self.ask("GET", "/healthz")[0] == 200

    def stored(self) -> int:
        return sum(self.parts.store.reports.counts_by_outcome().values())


@contextmanager
def web_in(folder: Path, **environment: str) -> Iterator[Web]:
    """Run a web process with its state in `folder`; at the end of the block it must still answer /healthz."""
    parts = parts_of(settings_of(folder, **environment))
    parts.store.migrate()
    with running(parts.settings, "serve", "--port", "0", cwd=folder) as process:
        port = int(read_until(process, r'"port": (\d+)')[1])
        threading.Thread(target=process.stdout.read, daemon=True).start()  # type: ignore[union-attr]
        web = Web(process, port, parts)
        until(web.is_well, "the server answers")
        yield web
        assert web.is_well()
    parts.store.close()
