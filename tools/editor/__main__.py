"""The editor, with a live preview of the real site beside the text.

    python -m tools.editor [--port 8010]    # `make edit`: for this machine, without a password

With EDITOR_HOST and the other settings of tools/editor/hosting.py in the environment, it is the hosted editor, which
runs behind nginx (guides/operating.md). People sign in by email, and what they publish is pushed to the Git host.
"""

import argparse
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from waitress.server import create_server

from form_service.config.settings import SettingsError
from tools.dev import ports
from tools.editor import bundle, npm
from tools.editor.app import create_app
from tools.editor.git import Git
from tools.editor.hosting import HostingSettings
from tools.editor.project import Project
from tools.editor.sign_in import SignIn
from tools.editor.upstream import NotPublished, Upstream
from tools.editor.workspace import ScratchCopy

ROOT = Path(__file__).resolve().parents[2]
PULL_INTERVAL_SECONDS = 60.0


def run(port: int, project: Project, hosting: HostingSettings | None) -> int:
    """Serve the editor until Ctrl-C or SIGTERM. Return 0."""
    stop_requested = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop_requested.set())
    print("Getting the editor ready …", flush=True)
    origins = {hosting.origin} if hosting else {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    url = hosting.origin if hosting else f"http://127.0.0.1:{port}"
    publishing_notice = (
        "What you publish is pushed to the Git host."
        if project.publishes
        else "What you save is in docs/, on this machine."
    )
    # Bind the port first: if it is taken, nothing else has to be stopped.
    with socket.create_server(("127.0.0.1", port)) as listener, ScratchCopy(project) as scratch:
        app = create_app(scratch, bundle.build_script(), origins, SignIn(hosting) if hosting else None)
        server = create_server(app, sockets=[listener], threads=12, ident=None)
        threading.Thread(target=server.run, daemon=True).start()
        print(f"\n  The editor  {url}/\n\nPress Ctrl-C to stop it. {publishing_notice}", flush=True)
        while not stop_requested.wait(PULL_INTERVAL_SECONDS if project.publishes else None):
            _pull_changes(project)
        with project.lock:  # finish publishing a change first
            server.close()
    return 0


def _pull_changes(project: Project) -> None:
    """Pull what others have published, so that pages open in their current version."""
    try:
        project.pull()
    except NotPublished:
        return  # logged already; the next person to publish gets the error


def main(arguments: list[str] | None = None) -> int:
    """Run the editor. Return 0 after Ctrl-C or SIGTERM, or print why it cannot start and return 1."""
    parser = argparse.ArgumentParser(prog="make edit", description="The editor, with the real site in live preview.")
    parser.add_argument("--port", type=ports.parse_port, default=8010)
    parser.add_argument("--root", type=Path, default=ROOT, help="the project to edit")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    try:
        hosting = HostingSettings.from_environment()
        upstream = Upstream(Git(root)) if hosting else None
        return run(options.port, Project(root, upstream if upstream and upstream.name else None), hosting)
    except (npm.NpmError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The editor cannot start on port {options.port}: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
