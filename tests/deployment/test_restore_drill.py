"""Tests that no referral is lost or sent twice after a backup is restored or while several workers run."""

import shutil
import subprocess
import threading
import time
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.support import guide
from tests.support.deployment import (
    flask_command,
    form_environment,
    mailbox_command,
    running_program,
    wait_for_port,
)
from tests.support.mailbox import reference_counts
from tests.support.postgres import Postgres
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

pytestmark = pytest.mark.system


class ReferralLoad:
    """Simulated people, each in a thread, who send one referral after another until `stop` is called.

    `confirmations` lists the time (of `time.monotonic`) and the reference of each confirmed referral.
    """

    def __init__(self, ports: list[int], people_count: int) -> None:
        self.confirmations: list[tuple[float, str]] = []
        self.stop_requested = threading.Event()
        self.threads = [
            threading.Thread(target=self._send_referrals, args=(ports[n % len(ports)],)) for n in range(people_count)
        ]
        for thread in self.threads:
            thread.start()

    def _send_referrals(self, port: int) -> None:
        while not self.stop_requested.is_set():
            try:
                reference = Visitor(f"http://127.0.0.1:{port}").send_referral("harmed")
            except (OSError, HTTPException):  # not running, or killed in the middle of a response
                time.sleep(0.05)
                continue
            if reference:
                self.confirmations.append((time.monotonic(), reference))

    def stop(self) -> None:
        self.stop_requested.set()
        for thread in self.threads:
            thread.join(60)


class FormProcesses:
    """The form's web process and worker, which a test starts and stops like the operating guide's systemd units."""

    def __init__(self, folder: Path, root: Path, env: dict[str, str], port: int) -> None:
        self.folder, self.root, self.env = folder, root, env
        self.commands = {
            "front-door-web": (*flask_command(), "serve", "--port", str(port)),
            "front-door-worker": (*flask_command(), "deliver"),
        }
        self.running_processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *units: str) -> None:
        """Start these units, or every unit if none is named."""
        for unit in units or self.commands:
            self.running_processes[unit] = subprocess.Popen(
                self.commands[unit],
                cwd=self.folder,
                env=self.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def stop(self, *units: str) -> None:
        """Stop these units with SIGTERM, and wait until they have ended."""
        for unit in units:
            self.running_processes[unit].terminate()
            self.running_processes[unit].wait(60)

    def kill(self) -> None:
        """Kill all units, as a power cut would."""
        for process in self.running_processes.values():
            process.kill()
            process.wait(10)

    def run_front_door(self, *arguments: str) -> None:
        """Run the operator's `front-door` command with `arguments`; fail unless it succeeds.

        A path in /var/backups/front-door becomes a path in the test's folder.
        """
        command = [
            *flask_command(),
            *(argument.replace("/var/backups/front-door/", "") for argument in arguments),
        ]
        completed = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        assert completed.returncode == 0, completed.stdout + completed.stderr

    def run_guide_command(self, words: list[str]) -> None:
        """Run one command of the operating guide, given as a list of words; fail if the command is unknown."""
        match words:
            # There is no backup timer here: the test makes the backup.
            case ["systemctl", "stop", *units, "front-door-backup.timer"]:
                self.stop(*units)
            case ["systemctl", "start", *units, "front-door-backup.timer"]:
                self.start(*units)
            case ["front-door", *arguments]:
                self.run_front_door(*arguments)
            case _:
                pytest.fail(f"the guide's line is not one that this drill can run: {words}")


def lose_the_disk_under_load(processes: FormProcesses, port: int) -> set[str]:
    """Make a backup while people send referrals; then delete the stored data and kill all processes.

    Returns the references that were confirmed before the backup began.
    """
    referral_load = ReferralLoad([port], people_count=3)
    try:
        wait_until(lambda: len(referral_load.confirmations) >= 6, "the first confirmations", seconds=60)
        backup_started_at = time.monotonic()
        processes.run_front_door("backup", "latest.db")
        wait_until(lambda: len(referral_load.confirmations) >= 9, "more confirmations", seconds=60)
        # No mail server is running, so the confirmed referrals exist only on this disk.
        shutil.rmtree(processes.folder / "instance")
        processes.kill()
    finally:
        referral_load.stop()
    return {reference for confirmed_at, reference in referral_load.confirmations if confirmed_at < backup_started_at}


def test_no_referral_confirmed_before_the_backup_is_lost_with_the_disk(tmp_path: Path, root: Path) -> None:
    port, smtp_port = free_port(), free_port()
    processes = FormProcesses(
        tmp_path, root, form_environment(root, FORM_SMTP_URL=f"smtp://127.0.0.1:{smtp_port}"), port
    )
    mail_folder = tmp_path / "emails"
    try:
        processes.start()
        wait_for_port(port, "the form")
        backed_up_references = lose_the_disk_under_load(processes, port)
        assert len(backed_up_references) >= 6
        with running_program(*mailbox_command(mail_folder, smtp_port), cwd=tmp_path):
            wait_for_port(smtp_port, "the mail server")
            for line in guide.restore_drill_commands(root):
                processes.run_guide_command(line.split())
            wait_until(
                lambda: backed_up_references <= set(reference_counts(mail_folder)),
                "every safe referral in the mailbox",
                seconds=60,
            )
            wait_for_port(port, "the form")
            new_reference = Visitor(f"http://127.0.0.1:{port}").send_referral("family")
            wait_until(lambda: new_reference in reference_counts(mail_folder), "a new referral", seconds=30)
            assert set(reference_counts(mail_folder).values()) == {1}
    finally:
        processes.kill()


def test_three_web_processes_and_three_workers_send_every_referral_once(tmp_path: Path, root: Path) -> None:
    server = Postgres()
    try:
        with ExitStack() as stack:
            smtp_port = free_port()
            url = server.new_database()
            env = form_environment(root, FORM_SMTP_URL=f"smtp://127.0.0.1:{smtp_port}", FORM_DATABASE_URL=url)
            stack.enter_context(running_program(*mailbox_command(tmp_path / "emails", smtp_port), cwd=tmp_path))
            ports = [free_port() for _ in range(3)]
            for port in ports:
                # All start at once and migrate the database, one after the other.
                stack.enter_context(
                    running_program(*flask_command(), "serve", "--port", str(port), cwd=tmp_path, env=env)
                )
            for _ in range(3):
                stack.enter_context(running_program(*flask_command(), "deliver", cwd=tmp_path, env=env))
            for port in ports:
                wait_for_port(port, "each web process", seconds=60)
            referral_load = ReferralLoad(ports, people_count=6)
            wait_until(lambda: len(referral_load.confirmations) >= 15, "confirmations from all", seconds=90)
            referral_load.stop()
            confirmed_references = {reference for _, reference in referral_load.confirmations}
            assert len(confirmed_references) == len(referral_load.confirmations), "a reference was given twice"
            wait_until(
                lambda: confirmed_references <= set(reference_counts(tmp_path / "emails")), "every email", seconds=60
            )
            counts = reference_counts(tmp_path / "emails")
            assert {reference: count for reference, count in counts.items() if count != 1} == {}
    finally:
        server.remove()
