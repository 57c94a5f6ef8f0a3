"""Serve the site, the form and a local mailbox for development: `make serve`.

One process serves the site and the form. The delivery worker and the mailbox have their own processes.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from waitress.server import create_server

from form_service.config.settings import Settings, SettingsError
from tools.dev.live_site import LiveSite
from tools.dev.ports import free_port, parse_port

ROOT = Path(__file__).resolve().parents[2]


def is_port_taken(port: int) -> bool:
    """Return whether a process already listens on `port` on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


class SupportProcesses:
    """The processes that run beside the development web server: the delivery worker and the mailbox.

    `commands` maps the name of each process to its command.
    """

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.processes = {name: self._start(name) for name in commands}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        # In a new session, so that Ctrl-C reaches only this process, which then stops the others in order.
        command = [sys.executable, "-m", "tools.dev.run_until_parent_ends", *self.commands[name]]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)

    def restart_ended_processes(self) -> None:
        """Restart each process that has ended, and print its exit status."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                print(f"The {name} ended (status {process.returncode}); starting it again.", flush=True)
                self.processes[name] = self._start(name)

    def stop(self) -> None:
        """Terminate all processes. Kill each that has not ended within 10 seconds."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _parse_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__)
    parser.add_argument("--port", type=parse_port, default=8000, help="port of site and form")
    parser.add_argument("--mail-port", type=parse_port, default=8025, help="port of the mailbox")
    parser.add_argument(
        "--mail-folder", type=Path, default=Path("build/mailbox"), help="where the mailbox keeps its emails"
    )
    return parser.parse_args(arguments)


def serve_requests(server: Any, stop_requested: threading.Event) -> None:
    """Run the server until it is closed. Ignore an OSError once `stop_requested` is set."""
    try:
        server.run()
    except OSError:
        if not stop_requested.is_set():  # closing the server breaks its loop, as intended
            raise


def main(arguments: list[str] | None = None) -> int:
    """Serve the site, the form and the mailbox until Ctrl-C or SIGTERM.

    Return 0, or print why they cannot start and return 1.
    """
    options = _parse_options(arguments)
    os.chdir(ROOT)
    if os.environ.get("SERVICE_ENV") == "production":
        print("make serve is for development; production starts the services in deploy/.", file=sys.stderr)
        return 1
    for name, number in (("PORT", options.port), ("MAIL_PORT", options.mail_port)):
        if is_port_taken(number):
            print(
                f"Port {number} is in use. Choose another, for example: make serve {name}={free_port()}",
                file=sys.stderr,
            )
            return 1
    if options.port == options.mail_port:
        print("Site and mailbox need a port each: PORT and MAIL_PORT are the same.", file=sys.stderr)
        return 1
    smtp_port = free_port()
    os.environ.setdefault("FORM_SMTP_URL", f"smtp://127.0.0.1:{smtp_port}")
    try:
        Settings.from_environment()  # report a wrong setting before the slow build of the site
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    stop_requested = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_requested.set())

    print("Building the site and the leaflets …", flush=True)
    site = LiveSite(ROOT)
    try:
        site.refresh()
    except SettingsError as error:  # a store that cannot be opened
        print(error, file=sys.stderr)
        return 1
    python = sys.executable
    support_processes = SupportProcesses(
        {
            "mailbox": [
                *(python, "-m", "tools.dev.mailbox", f"--folder={options.mail_folder}"),
                *(f"--port={options.mail_port}", f"--smtp-port={smtp_port}"),
            ],
            "delivery worker": [python, "-m", "flask", "--app", "form_service", "deliver"],
        }
    )
    server = create_server(site, host="127.0.0.1", port=options.port, threads=8, ident=None)
    threading.Thread(target=serve_requests, args=(server, stop_requested), daemon=True).start()
    print(f"\n  Site and form  http://127.0.0.1:{options.port}/")
    print(f"  Mailbox        http://127.0.0.1:{options.mail_port}/")
    print("\nAn edit under docs/ shows when you reload. Ctrl-C stops everything.", flush=True)
    while not stop_requested.wait(1.0):
        support_processes.restart_ended_processes()
    print("\nStopping …", flush=True)
    server.close()
    support_processes.stop()
    site.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
