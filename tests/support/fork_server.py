"""Start processes of the form service within milliseconds, by forking one process that has imported everything.

Each fork runs one Flask command of the service and can be killed like any other process. The server reads lines of
JSON from standard input: {"arguments": [...], "environment": {...}, "log": path}. For each line it forks and prints the
process id. TEST_MOMENT in the environment sets the clock of the fork's store, in seconds since 1970.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


class ForkServerClient:
    """A client of the fork server, for use in tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._live_pids: set[int] = set()

    def start(self, *arguments: str, environment: dict[str, str]) -> int:
        """Start a Flask command of the form service; return its process id."""
        assert self._process.stdin and self._process.stdout
        request = {"arguments": arguments, "environment": environment, "log": str(self._folder / "log")}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        self._live_pids.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        """Kill a process, unless it has already ended."""
        self._live_pids.discard(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def is_alive(self, pid: int) -> bool:
        """Return whether the process is running; a zombie is not."""
        try:
            return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False

    def close(self) -> None:
        """Kill every process that this client started, and stop the fork server."""
        for pid in list(self._live_pids):
            self.kill(pid)
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _run_command(request: dict[str, Any]) -> None:
    os.environ.update(request["environment"])
    if moment := os.environ.pop("TEST_MOMENT", ""):
        _shift_clock_to(float(moment))
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    from flask.cli import main

    sys.argv = ["flask", "--app", "form_service", *request["arguments"]]
    main()


def _shift_clock_to(moment: float) -> None:
    """Make every store that is opened from now on start its clock at `moment`, in seconds since 1970."""
    from form_service.store import Store

    offset = moment - time.time()
    open_store = Store.open

    def open_with_shifted_clock(settings: Any) -> Any:
        return open_store(settings, lambda: time.time() + offset)

    Store.open = open_with_shifted_clock  # type: ignore[method-assign,assignment]


def _main() -> None:
    import psycopg  # noqa: F401 (loaded for the forks)

    import form_service.app
    import form_service.operations.alerts
    import form_service.web.server
    import form_service.worker

    assert form_service.app
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _run_command(json.loads(line))
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    _main()
