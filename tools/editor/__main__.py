"""`make edit`: the editor, with the real site in live preview beside the words; on loopback only.

    python -m tools.editor [--port 8010]
    python -m tools.editor --export FOLDER --repository OWNER/NAME    # the editor for an address of its own
    python -m tools.editor --export FOLDER --repository GROUP/NAME --host gitlab --app-id ID [--host-address https://…]

The editor for an address of its own is Decap CMS with the same writing surface. Decap needs `unsafe-eval`, so it
must never share an address with the public site.
"""

import argparse
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from waitress.server import create_server

from tools.dev import ports
from tools.editor import npm
from tools.editor.app import create_app
from tools.editor.export import ExportError, GitHost, export
from tools.editor.project import Project
from tools.editor.workspace import Scratch

ROOT = Path(__file__).resolve().parents[2]


def run(port: int, root: Path) -> int:
    """Serve the editor until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print("Getting the editor ready …", flush=True)
    # The port first: where it is taken, nothing else has begun that would have to end.
    with socket.create_server(("127.0.0.1", port)) as listening, Scratch(Project(root)) as scratch:
        server = create_server(create_app(port, scratch), sockets=[listening], threads=12, ident=None)
        threading.Thread(target=server.run, daemon=True).start()
        print(f"\n  The editor  http://127.0.0.1:{port}/\n\nCtrl-C stops it. What you publish is in docs/.", flush=True)
        stop.wait()
        server.close()
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run or export the editor. Return 0 after Ctrl-C, SIGTERM or an export, or 1 with a message."""
    parser = argparse.ArgumentParser(prog="make edit", description=__doc__)
    parser.add_argument("--port", type=ports.parse_port, default=8010)
    parser.add_argument("--root", type=Path, default=ROOT, help="the project to edit")
    parser.add_argument("--export", type=Path, help="write the editor for an address of its own into this folder")
    parser.add_argument("--repository", help="the project at the Git host, as owner/name")
    parser.add_argument("--host", choices=("github", "gitlab"), default="github", help="the Git host")
    parser.add_argument("--host-address", default="", help="the address of a GitLab of your own")
    parser.add_argument("--app-id", default="", help="the id of the application that was made for the editor at GitLab")
    parser.add_argument("--login", default="", help="what hands GitHub's login on, in place of Netlify")
    options = parser.parse_args(arguments)
    try:
        if options.export:
            if not options.repository:
                parser.error("--export needs --repository OWNER/NAME")
            host = GitHost(options.repository, options.host, options.host_address, options.app_id, options.login)
            export(options.export, host, options.root)
            return 0
        return run(options.port, options.root.resolve())
    except (npm.NpmError, ExportError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        what = f"be written to {options.export}" if options.export else f"start on port {options.port}"
        print(f"The editor cannot {what}: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
