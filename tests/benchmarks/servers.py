"""The web servers that the benchmark `wsgi` compares; all run the same application."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.service_parts import ServiceParts, environment_of
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

OUR_SERVER = "ours"
PEER_SERVERS = ("gunicorn gthread", "gunicorn sync", "granian")
APP_FACTORY = "tests.benchmarks.slow_view:create_app"


@dataclass(frozen=True)
class Server:
    """A web server process, and the loopback port on which it listens."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self, timeout: float = 10.0) -> http.client.HTTPConnection:
        """Return an HTTP connection to the server, with a timeout of `timeout` seconds."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request_page(self, timeout: float = 10.0) -> int:
        """Request the form's start page over a new connection; return the HTTP status.

        Raises OSError or HTTPException if no response arrives.
        """
        connection = self.connect(timeout)
        try:
            connection.request("GET", "/referral/", headers={"Accept": "text/html"})
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def memory_mb(self) -> float:
        """Return the memory (PSS) of the server and its child processes, in megabytes."""
        process = psutil.Process(self.process.pid)
        processes = [process, *process.children(recursive=True)]
        return sum(float(process.memory_full_info().pss) for process in processes) / 1e6

    def is_alive(self) -> bool:
        """Return whether the server is running and serves the start page."""
        with suppress(OSError, http.client.HTTPException):
            return self.process.poll() is None and self.request_page() == 200
        return False


def _server_command(name: str, port: int) -> list[str]:
    gunicorn = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", "/dev/shm"]
    granian = ["granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port)]
    commands = {
        OUR_SERVER: ["flask", "--app", APP_FACTORY, "serve", "--port", str(port)],
        # One process with eight threads, like ours.
        "gunicorn gthread": [*gunicorn, "--worker-class", "gthread", "--threads", "8", f"{APP_FACTORY}()"],
        # A sync worker handles one request at a time; the documentation advises (2 x cores) + 1 workers.
        "gunicorn sync": [*gunicorn, "--workers", str(2 * (os.cpu_count() or 1) + 1), f"{APP_FACTORY}()"],
        # The documentation advises one worker a container and the default number of threads.
        "granian": [*granian, "--workers", "1", APP_FACTORY],
    }
    return [sys.executable, "-m", *commands[name]]


@contextmanager
def running_server(name: str, parts: ServiceParts, folder: Path) -> Iterator[Server]:
    """Start the web server `name` and yield it; kill it and its child processes at the end of the block."""
    port = free_port()
    log_path = folder / f"{name.replace(' ', '-')}.log"
    with log_path.open("ab") as log_file:
        process = subprocess.Popen(
            _server_command(name, port),
            cwd=folder,
            env=environment_of(parts.settings),
            stdout=log_file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, port)
    try:
        wait_until(server.is_alive, f"{name} answers; see {log_path}")
        yield server
    finally:
        with suppress(ProcessLookupError):  # the process group, because workers outlive a killed master
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
