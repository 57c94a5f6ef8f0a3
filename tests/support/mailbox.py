"""A mail server in a process of its own, so that it survives when tests kill the service's processes."""

import os
import re
import subprocess
import sys
from collections import Counter
from email import message_from_bytes
from pathlib import Path

from tests.support.service_parts import ROOT


class Mailbox:
    """A mailbox with its own mail server process, which accepts every email."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "accepted"
        self.file.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mailbox_process", str(self.file)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.url = f"smtp://127.0.0.1:{int(self._process.stdout.readline())}"

    def emails(self) -> list[tuple[str, str]]:
        """Return the reference and Message-ID of every accepted email."""
        return [(line.split()[0], line.split()[1]) for line in self.file.read_text().splitlines()]

    def close(self) -> None:
        """Kill the mail server process."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


def reference_counts(folder: Path) -> Counter[str]:
    """Return how many emails the Maildir `folder` contains for each reference."""
    emails = [message_from_bytes(file.read_bytes()) for file in (folder / "new").glob("*")]
    return Counter(match[0] for email in emails if (match := re.search(r"\w{4}-\w{4}", str(email["Subject"]))))
