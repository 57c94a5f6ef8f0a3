"""Run a command, and terminate it when the parent process ends.

Usage: `python -m tools.dev.run_until_parent_ends COMMAND …`. Standard input must be a pipe from the parent process: it
closes when the parent ends, even if the parent is killed with kill -9.
"""

import os
import signal
import subprocess
import sys
import threading


def _terminate_when_input_ends(child: subprocess.Popen[bytes]) -> None:
    # Not through sys.stdin: this thread would hold its lock and so block the interpreter's shutdown.
    while os.read(0, 1024):
        pass
    child.terminate()


def main(command: list[str]) -> int:
    """Run `command`, and terminate it if the parent process ends first.

    Return the command's exit status, or 128 plus the number of the signal that ended it.
    """
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=_terminate_when_input_ends, args=(child,), daemon=True).start()
    status = child.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
