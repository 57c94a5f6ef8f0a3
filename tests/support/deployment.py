"""The built site, a self-signed certificate, and nginx in front of real processes, all in private folders."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from service_profile import load
from tests.support import container_image, project_copy
from tests.support.build_once import build_once
from tests.support.waiting import wait_until
from tools.dev.ports import free_port
from tools.publish import build, nginx

ROOT = Path(__file__).resolve().parents[2]
RATE_LIMIT = "rate=20r/s"  # as in deploy/nginx/front-door.conf
HOST = "restorative.example.org.uk"  # the host of site_url in mkdocs.yml


def install_program(root: Path, program: str, requirement: str) -> Path:
    """Install `requirement`, such as name==1.0, in its own virtual environment; return the path of `program`.

    An existing installation is kept.
    """
    environment = root / "build" / program
    if not (environment / "bin" / program).exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True, timeout=120)
        subprocess.run([environment / "bin" / "pip", "install", "-q", requirement], check=True, timeout=600)
    return environment / "bin" / program


def is_listening(port: int) -> bool:
    """Return whether a server is listening on this loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def wait_for_port(port: int, name: str, seconds: float = 20.0) -> None:
    """Wait until the server `name` listens on this loopback port."""
    wait_until(lambda: is_listening(port), f"{name} listens", seconds)


@contextmanager
def running_program(*command: str, cwd: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process during the block; then send SIGTERM, and SIGKILL if it is still running 20 seconds later.

    The process writes its output to a file in `cwd`. The attribute `log` of the process is the path of this file.
    """
    log_path = cwd / f"{Path(command[0]).name}-{free_port()}.log"
    with log_path.open("wb") as log_file:
        env = env or {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log_file, stderr=subprocess.STDOUT)
    process.log = log_path  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def flask_command() -> tuple[str, ...]:
    """Return the command line of the form service's `flask`, without a subcommand."""
    return (str(Path(sys.executable).parent / "flask"), "--app", "form_service")


def mailbox_command(folder: Path, smtp_port: int, page_port: int | None = None) -> tuple[str, ...]:
    """Return the command line of the local mailbox, which stores the emails in the Maildir `folder`.

    `page_port` is the port of its web page; by default, it is a free port.
    """
    ports = ("--port", str(page_port or free_port()), "--smtp-port", str(smtp_port))
    return (sys.executable, "-m", "tools.dev.mailbox", *ports, "--folder", str(folder))


def form_environment(root: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a form service process, with only PATH, HOME and LANG from this machine."""
    inherited_environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited_environment,
        "PYTHONPATH": str(root),
        "FORM_SECRET_KEYS": "a key of forty characters and for tests only",
        **settings,
    }


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site, which no test may change."""
    return build_once(tmp_path_factory, "published-site", lambda folder: build.build(site=folder))


@pytest.fixture(scope="session")
def live_project(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Return a copy of the project, built for production, with service details that production accepts."""
    folder = project_copy.copy_with_service(root, tmp_path_factory.mktemp("live"), project_copy.LIVE_SERVICE)
    completed = project_copy.run_python(folder, "-m", "tools.publish.build", SERVICE_ENV="production")
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return folder


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the paths of a self-signed certificate for the site's host and of its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    alternative_names = f"subjectAltName=DNS:{HOST},DNS:marlshire.internal,DNS:localhost,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={HOST}"]
    subprocess.run(
        [*command, "-addext", alternative_names, "-keyout", str(key_file), "-out", str(certificate_file)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return certificate_file, key_file


@pytest.fixture(scope="session")
def image_builder(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[container_image.Buildah]:
    """Build the form's container image once for all tests; yield the buildah client that built it."""
    with container_image.form_image(tmp_path_factory.mktemp("container"), root) as builder:
        yield builder


@contextmanager
def nginx_in_front(
    folder: Path, site: Path, certificate: tuple[Path, Path], *form_ports: int, root: Path, rate_limit: str = RATE_LIMIT
) -> Iterator["NginxServer"]:
    """Run Debian's nginx with the project's configuration, in front of the form on the loopback ports `form_ports`.

    `certificate` contains the paths of a certificate and its key. `rate_limit` replaces the limit of requests per
    client.
    """
    http_port, https_port = free_port(), free_port()
    machine = nginx.Machine(
        certificate=certificate[0],
        key=certificate[1],
        site=site,
        log_folder=folder,
        http_address=f"127.0.0.1:{http_port}",
        https_address=f"127.0.0.1:{https_port}",
        form_addresses=tuple(f"127.0.0.1:{port}" for port in form_ports),
    )
    configuration = nginx.configuration(machine, root)
    assert RATE_LIMIT in configuration
    (folder / "front-door.conf").write_text(configuration.replace(RATE_LIMIT, rate_limit))
    host = str(urlsplit(load(root / "mkdocs.yml").site_url).hostname)
    with running_nginx_server(NginxServer(host, http_port, https_port, folder)) as server:
        yield server


@contextmanager
def nginx_before_editor(
    folder: Path, certificate: tuple[Path, Path], host: str, editor_port: int
) -> Iterator["NginxServer"]:
    """Run Debian's nginx with the project's configuration, in front of the editor on the loopback port `editor_port`.

    `certificate` contains the paths of a certificate and its key. `host` is the host name of the editor.
    """
    http_port, https_port = free_port(), free_port()
    machine = nginx.Machine(
        *certificate,
        log_folder=folder,
        http_address=f"127.0.0.1:{http_port}",
        https_address=f"127.0.0.1:{https_port}",
    )
    configuration = nginx.editor_configuration(machine, host, f"127.0.0.1:{editor_port}")
    (folder / "front-door.conf").write_text(configuration)
    with running_nginx_server(NginxServer(host, http_port, https_port, folder)) as server:
        yield server


@contextmanager
def running_nginx_server(server: "NginxServer") -> Iterator["NginxServer"]:
    """Run nginx for `server` during the block; yield `server`. Within the block, `server.reload()` reloads nginx."""
    with running_nginx(server.folder, server.https_port) as process:
        server.reload = lambda: process.send_signal(signal.SIGHUP)
        yield server


@contextmanager
def running_nginx(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run nginx with the front-door.conf in `folder`; yield its process once it is listening on `port`."""
    temp_path_directives = "".join(
        f"{kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"""daemon off;
user root;
worker_processes 1;
pid {folder / "nginx.pid"};
error_log {folder / "error.log"} warn;
include /etc/nginx/modules-enabled/*.conf;
events {{ worker_connections 1024; }}
http {{
include /etc/nginx/mime.types;
default_type application/octet-stream;
access_log off;
{temp_path_directives}
include {folder / "front-door.conf"};
}}
"""
    )
    command = ("nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf"))
    syntax_check = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30)
    assert syntax_check.returncode == 0, syntax_check.stderr
    assert "warn" not in syntax_check.stderr, syntax_check.stderr
    with running_program(*command, cwd=folder) as process:
        wait_for_port(port, "nginx")
        yield process


class NginxServer:
    """A running nginx, and ways to make requests to it and to reload it."""

    def __init__(self, host: str, http_port: int, https_port: int, folder: Path) -> None:
        self.host, self.http_port, self.https_port, self.folder = host, http_port, https_port, folder
        self.reload: Callable[[], None]  # reloads the configuration, like `systemctl reload nginx`

    def request(self, path: str, *options: str, scheme: str = "https") -> "Response":
        """Request a page from nginx on loopback with the program curl; return its response.

        `options` are options of curl.
        """
        port = self.https_port if scheme == "https" else self.http_port
        body_file = self.folder / f"body-{free_port()}"
        command = ["curl", "-sS", "-k", "--max-time", "40", "--resolve", f"{self.host}:{port}:127.0.0.1", "-D", "-"]
        completed = subprocess.run(
            [*command, "-o", str(body_file), *options, f"{scheme}://{self.host}:{port}{path}"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert completed.returncode == 0, completed.stderr
        head_lines = completed.stdout.strip().split("\n\n")[-1].splitlines()
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in head_lines[1:] if ":" in line]
        body = body_file.read_bytes() if body_file.exists() else b""
        body_file.unlink(missing_ok=True)
        return Response(int(head_lines[0].split()[1]), [(name.lower(), value) for name, value in headers], body)


class Response:
    """An HTTP response, with header names in lower case; `header_pairs` keeps repeated headers."""

    def __init__(self, status: int, header_pairs: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.header_pairs, self.body = status, header_pairs, body
        self.headers = dict(header_pairs)


def get(url: str) -> tuple[int, bytes]:
    """Make a GET request; return its status and body, for error statuses too."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
