"""Tests of the site and the form on a bare Debian machine, set up with the operating guide's commands."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.support import authority, guide, project_copy
from tests.support.machine import DebianMachine
from tests.support.mailbox import reference_counts
from tests.support.production_settings import set_in_file
from tests.support.smime import decrypt_with_openssl
from tests.support.visitor import Visitor, home_page, inline_style_is_allowed
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.system]

HOST = "marlshire.internal"
SYSTEMD_UNITS = ("front-door-web", "front-door-worker")
# Three people request 24 pages each, and nginx allows 20 requests a second per address.
SECONDS_BETWEEN_REFERRALS = 5.0
CERTIFICATE_FOLDER = "/etc/ssl/marlshire"


class ServiceMachine(DebianMachine):
    """A Debian machine with the service and the team's mailbox."""

    smtp_port = 2525

    @property
    def mail_folder(self) -> Path:
        return self.folder / "emails"

    def set_up(self, root: Path, certificate: tuple[Path, Path]) -> None:
        """Set up the service with the operating guide's first block of commands for a machine.

        The clone, the certificates and the settings come from this test, because the guide leaves them to the operator.
        """
        lines, _ = guide.machine_setup_commands(root)
        project_copy.copy_with_service(root, self.root / "srv/front-door", project_copy.LIVE_SERVICE)
        folder = self.root / CERTIFICATE_FOLDER.lstrip("/")
        folder.mkdir()
        for file, name in zip(certificate, ("fullchain.pem", "privkey.pem"), strict=True):
            shutil.copyfile(file, folder / name)
        self.run("apt-get -q update", online=True)
        for line in lines:
            if line.startswith("git clone"):
                continue
            line = line.replace("/etc/…", CERTIFICATE_FOLDER)
            self.run_guide_command(line)
        self.team_key_pair = authority.make_certificate(self.folder, "team.marlshire.internal")
        shutil.copyfile(self.team_key_pair.certificate, self.root / "srv/front-door/team.pem")
        line, setting = guide.certificate_command_and_setting(root)
        self.run_guide_command(line)
        set_in_file(
            self.root / "etc/front-door/form.env",
            FORM_SECRET_KEYS="0123456789abcdef" * 4,
            FORM_SMTP_URL=f"smtp://127.0.0.1:{self.smtp_port}",
            FORM_MAIL_FROM="form@marlshire.internal",
            FORM_TEAM_EMAIL="team@marlshire.internal",
            FORM_TEAM_CERTIFICATES=setting,
        )

    def run_guide_command(self, line: str) -> str:
        """Run a command of the operating guide in the project's folder; return its output."""
        return self.run(f"cd /srv/front-door; {line}", online=bool(re.search(r"\b(apt-get|make) ", line)))

    def send_referral(self) -> str:
        """Send a self-referral through nginx; return its reference, or "" if the connection failed."""
        try:
            return Visitor("https://127.0.0.1", HOST).send_referral("harmed")
        except (OSError, HTTPException):
            return ""

    def emails_have_arrived(self, references: set[str]) -> bool:
        """Return whether the mailbox contains an email for every reference."""
        return references <= set(reference_counts(self.mail_folder))


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, root: Path, certificate: tuple[Path, Path]
) -> Iterator[ServiceMachine]:
    """Yield a machine set up and started with the operating guide's commands, all of which must succeed."""
    machine = ServiceMachine(tmp_path_factory.mktemp("machine"))
    with machine.boot():
        machine.set_up(root, certificate)
        with machine.mailbox(machine.mail_folder, machine.smtp_port):
            for line in guide.machine_setup_commands(root)[1]:
                machine.run(line)
            wait_until(lambda: len(reference_counts(machine.mail_folder)) == 1, "the test email")
        yield machine


@pytest.fixture(autouse=True)
def no_unit_fails(machine: ServiceMachine) -> Iterator[None]:
    """Check after each test that no unit has failed on the machine."""
    machine.wait_for_port(8001, "the form")
    yield
    assert machine.run_unchecked("systemctl is-system-running").stdout.strip() == "running", machine.run(
        "systemctl --failed"
    )


def test_referrals_are_encrypted_to_the_certificate_that_the_operating_guide_installs(machine: ServiceMachine) -> None:
    with machine.mailbox(machine.mail_folder, machine.smtp_port):
        output = machine.run("front-door check")
        assert re.search(r"^OK +Certificate .*expires", output, re.MULTILINE), output
        reference = machine.call_inside(machine.send_referral)
        wait_until(lambda: reference and machine.emails_have_arrived({reference}), "the email", seconds=30)
    (email,) = [
        data for file in (machine.mail_folder / "new").iterdir() if reference.encode() in (data := file.read_bytes())
    ]
    assert (
        b"application/pkcs7-mime" in email
        and decrypt_with_openssl(email, machine.team_key_pair, machine.folder)["Message-ID"] is None
    )


def test_an_update_installs_the_new_systemd_units_and_operators_command_and_publishes_the_new_colour(
    machine: ServiceMachine, root: Path
) -> None:
    project_folder = machine.root / "srv/front-door"
    changes = {
        "mkdocs.yml": (str(project_copy.LIVE_SERVICE["colour"]), "#7a1f4b"),
        "deploy/systemd/front-door-web.service": ("Description=", "Description=Newest "),
        "deploy/front-door": ("# The operator's", "# The newest operator's"),
    }
    for name, (old_text, new_text) in changes.items():
        file = project_folder / name
        assert old_text in file.read_text(), name
        file.write_text(file.read_text().replace(old_text, new_text))

    def page_is_updated() -> bool:
        page, policy = machine.call_inside(lambda: home_page(HOST))
        return "#7a1f4b" in page and inline_style_is_allowed(page, policy)

    with machine.mailbox(machine.mail_folder, machine.smtp_port):
        for line in guide.machine_update_commands(root):
            machine.run_guide_command(line)
    wait_until(page_is_updated, "the page in its new colour")
    assert machine.unit_property("front-door-web", "Description").startswith("Newest ")
    assert machine.unit_property("front-door-web", "NeedDaemonReload") == "no"
    assert "The newest operator's" in (machine.root / "usr/local/bin/front-door").read_text()


def test_restarts_lose_no_referral_and_send_none_twice(machine: ServiceMachine) -> None:
    confirmed_references: list[str] = []
    stop_requested = threading.Event()

    def send_referrals() -> None:
        while not stop_requested.is_set():
            confirmed_references.extend(filter(None, [machine.send_referral()]))
            stop_requested.wait(SECONDS_BETWEEN_REFERRALS)

    with machine.mailbox(machine.mail_folder, machine.smtp_port), machine.client_threads(3) as executor:
        futures = [executor.submit(send_referrals) for _ in range(3)]
        try:
            for _ in range(4):
                count = len(confirmed_references)
                wait_until(
                    lambda previous_count=count: len(confirmed_references) >= previous_count + 4,
                    "more confirmations",
                    seconds=60,
                )
                machine.run(f"systemctl restart {' '.join(SYSTEMD_UNITS)}")
        finally:
            stop_requested.set()
        assert [future.result(60) for future in futures] == [None] * 3
        assert len(confirmed_references) == len(set(confirmed_references)) >= 16
        wait_until(lambda: machine.emails_have_arrived(set(confirmed_references)), "every email", seconds=60)
    counts = reference_counts(machine.mail_folder)
    assert {reference: counts[reference] for reference in confirmed_references if counts[reference] != 1} == {}


@pytest.mark.parametrize("unit", SYSTEMD_UNITS)
def test_a_killed_process_is_restarted_every_time(machine: ServiceMachine, unit: str) -> None:
    for _ in range(7):
        old_pid = machine.main_pid(unit)
        assert old_pid
        machine.run(f"systemctl kill --signal=KILL {unit}")
        wait_until(
            lambda previous_pid=old_pid: machine.main_pid(unit) not in (0, previous_pid), "another process", seconds=10
        )
    assert int(machine.unit_property(unit, "NRestarts")) >= 7
    with machine.mailbox(machine.mail_folder, machine.smtp_port):
        machine.wait_for_port(8001, "the form")
        reference = machine.call_inside(machine.send_referral)
        wait_until(lambda: reference and machine.emails_have_arrived({reference}), "the email", seconds=30)


@pytest.mark.parametrize("unit", SYSTEMD_UNITS)
def test_each_process_runs_without_privileges_under_the_services_account(machine: ServiceMachine, unit: str) -> None:
    machine.assert_unprivileged(unit, "front-door")


@pytest.mark.parametrize("unit", (*SYSTEMD_UNITS, "front-door-backup"))
def test_a_compromised_process_is_contained(machine: ServiceMachine, root: Path, unit: str) -> None:
    """Run tests/support/sandbox_probe.py in the unit's sandbox, in place of the unit's command."""
    text = (root / "deploy" / "systemd" / f"{unit}.service").read_text()
    text = re.sub(r"^(Exec|Restart|Type).*\n", "", text, flags=re.MULTILINE)
    # Make refused system calls return an error: by default the first one would kill the probe.
    probe_command = "/usr/bin/python3 /srv/front-door/tests/support/sandbox_probe.py /var/lib/front-door/probe.json"
    command = f"[Service]\nType=oneshot\nSystemCallErrorNumber=EPERM\nExecStart={probe_command}\n"
    (machine.root / "etc/systemd/system/front-door-probe.service").write_text(text.replace("[Service]\n", command))
    machine.run("systemctl daemon-reload; systemctl start front-door-probe")
    results = json.loads((machine.root / "var/lib/front-door/probe.json").read_text())
    successful_attempts = {name for name, outcome in results.items() if outcome}
    assert successful_attempts == {"user", "own state"} | ({"written"} if unit == "front-door-backup" else set()), (
        results
    )
    assert results["written"] in ([], ["/var/backups/front-door"]), results


def test_a_backup_missed_while_the_machine_was_off_is_made_later(machine: ServiceMachine) -> None:
    stamp_file = "/var/lib/systemd/timers/stamp-front-door-backup.timer"
    folder = machine.root / "var/backups/front-door"
    machine.run("systemctl stop front-door-backup.timer")
    existing_backups = set(folder.glob("*Z.db"))
    machine.run(f"touch --date='1 hour ago' {stamp_file}; systemctl start front-door-backup.timer")
    wait_until(lambda: set(folder.glob("*Z.db")) - existing_backups, "a backup", seconds=90)
    wait_until(lambda: machine.unit_property("front-door-backup", "ActiveState") == "inactive", "its end")
    assert machine.unit_property("front-door-backup", "Result") == "success"
    owner_and_mode = machine.run("stat --dereference --format='%U %a' /var/backups/front-door/latest.db")
    assert owner_and_mode == "front-door 600"
    assert machine.run("systemctl is-active front-door-backup.timer") == "active"


def test_the_restore_drill_brings_back_waiting_referrals(machine: ServiceMachine, root: Path) -> None:
    references = {machine.call_inside(machine.send_referral) for _ in range(2)}
    assert len(references - {""}) == 2
    machine.run("systemctl start front-door-backup")
    machine.run(f"systemctl stop {' '.join(SYSTEMD_UNITS)}; rm -rf /var/lib/front-door/instance")
    assert not machine.emails_have_arrived(references)
    with machine.mailbox(machine.mail_folder, machine.smtp_port):
        for line in guide.restore_drill_commands(root):
            machine.run(line)
        wait_until(lambda: machine.emails_have_arrived(references), "the waiting referral", seconds=60)


def test_after_a_reboot_waiting_referrals_are_sent_automatically(machine: ServiceMachine) -> None:
    waiting_reference = machine.call_inside(machine.send_referral)
    assert waiting_reference
    machine.reboot()
    with machine.mailbox(machine.mail_folder, machine.smtp_port):
        wait_until(lambda: machine.emails_have_arrived({waiting_reference}), "the waiting referral", seconds=90)
        machine.wait_for_port(443, "nginx")
        machine.wait_for_port(8001, "the form")
        reference = machine.call_inside(machine.send_referral)
        wait_until(lambda: reference and machine.emails_have_arrived({reference}), "a new referral", seconds=30)
    assert machine.run("systemctl is-active front-door-backup.timer") == "active"
