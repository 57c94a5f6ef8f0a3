"""The systemd unit and the container make, keep and delete backups as they should."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.operations import backups, self_check
from form_service.store.backup import BACKUP_PREFIX, BackupError
from service_profile import load
from tests.support.service_parts import (
    ROOT,
    ServiceParts,
    environment_of,
    parts_of,
    read_until,
    settings_of,
    start_flask,
)
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

pytestmark = pytest.mark.long


DAY_SECONDS = 86_400
UNIT_FILE = ROOT / "deploy/systemd/front-door-backup.service"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[ServiceParts]:
    parts = parts_of(settings_of(tmp_path / "old", FORM_DATABASE_URL=f"sqlite:///{tmp_path}/old.db"))
    yield parts
    parts.store.close()


@pytest.fixture
def run_backup_unit(parts: ServiceParts, tmp_path: Path) -> Callable[[], None]:
    """Return a function that runs the commands of front-door-backup.service, with `tmp_path` for the backups."""
    folder = tmp_path / "backups"
    folder.mkdir()

    def run() -> None:
        for name, line in re.findall(r"^(ExecStart\w*)=(.*)$", UNIT_FILE.read_text(), re.MULTILINE):
            arguments = shlex.split(line.replace("/var/backups/front-door", str(folder)))
            assert arguments[0] == "/srv/front-door/.venv/bin/python"
            arguments[0] = sys.executable
            process = subprocess.run(
                arguments, env=environment_of(parts.settings), cwd=tmp_path, capture_output=True, text=True
            )
            assert process.returncode == 0, f"{name}: {process.stdout}{process.stderr}"

    return run


def test_after_an_interrupted_backup_the_next_one_succeeds_and_is_the_latest(
    parts: ServiceParts, run_backup_unit: Callable[[], None], tmp_path: Path
) -> None:
    parts.accept()
    run_backup_unit()
    unfinished_folder = tmp_path / "backups/.backup-killed"
    unfinished_folder.mkdir()
    (unfinished_folder / "backup.db").write_bytes(b"half a backup")
    for path in (unfinished_folder / "backup.db", unfinished_folder):
        os.utime(path, (time.time() - DAY_SECONDS, time.time() - DAY_SECONDS))
    parts.accept()
    run_backup_unit()
    assert not unfinished_folder.exists(), "an unfinished backup contains sealed referrals"
    latest_backup = tmp_path / "backups/latest.db"
    assert latest_backup.is_symlink() and latest_backup.resolve() == max((tmp_path / "backups").glob("*Z.db"))
    restored_parts = parts_of(settings_of(tmp_path / "new"))
    assert restored_parts.store.restore(latest_backup) == 2
    restored_parts.store.close()


def backup_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*Z.db"))


def test_a_backup_is_deleted_after_eight_days_whatever_its_modification_time(
    parts: ServiceParts, tmp_path: Path
) -> None:
    start_time = 1_800_000_000.0
    backups.make_backup(parts.store, tmp_path, start_time)
    backups.make_backup(parts.store, tmp_path, start_time + 7.9 * DAY_SECONDS)
    assert len(backup_names(tmp_path)) == 2
    newest_backup = backups.make_backup(parts.store, tmp_path, start_time + 8 * DAY_SECONDS)
    assert len(backup_names(tmp_path)) == 2 and (tmp_path / "latest.db").resolve() == newest_backup


def test_a_new_store_without_the_old_referrals_does_not_replace_the_last_good_backup(
    parts: ServiceParts, tmp_path: Path
) -> None:
    folder, start_time = tmp_path / "backups", 1_800_000_000.0
    folder.mkdir()
    lost_references = [parts.accept()]
    backups.make_backup(parts.store, folder, start_time)
    lost_references.append(parts.accept())
    last_backup = backups.make_backup(parts.store, folder, start_time + DAY_SECONDS)
    new_parts = parts_of(settings_of(tmp_path / "fresh"))
    for _ in range(3):
        new_parts.accept()  # more referrals than were lost
    for hours in (0, 1, 2):
        with pytest.raises(BackupError, match=r"lacks 2 referrals that latest.db holds"):
            backups.make_backup(new_parts.store, folder, start_time + 9 * DAY_SECONDS + hours * 3600)
    assert backup_names(folder) == [last_backup.name], "neither an incomplete new backup nor an expired one"
    assert new_parts.store.restore(folder / "latest.db") == 2
    assert {row.reference for row in new_parts.store.reports.waiting_deliveries()} > set(lost_references)
    newest_backup = backups.make_backup(new_parts.store, folder, start_time + 10 * DAY_SECONDS)
    assert backup_names(folder) == [newest_backup.name] and (folder / "latest.db").resolve() == newest_backup
    new_parts.store.close()


def test_in_a_container_backups_continue_after_a_failure_and_stop_cleanly(parts: ServiceParts, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (folder / "latest.db").mkdir(parents=True)  # makes the backup fail
    command = [sys.executable, "-m", "form_service.operations.backups", str(folder), "--every", "1.1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=environment_of(parts.settings), cwd=tmp_path, text=True, **pipes) as process:
        read_until(process, "latest.db")
        (folder / "latest.db").rmdir()
        read_until(process, "is written")
        process.terminate()
        assert process.wait(30) == 0
    assert (folder / "latest.db").is_symlink()


def test_the_check_command_warns_of_missing_and_outdated_backups(
    parts: ServiceParts, run_backup_unit: Callable[[], None], tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    parts.settings = replace(parts.settings, backup_folder=folder)

    def backup_findings() -> list[tuple[str, str]]:
        findings = self_check.run_checks(parts.settings, parts.sealer, parts.store, load())
        return [(finding.level, finding.text) for finding in findings if finding.text.startswith("Backups")]

    assert backup_findings() == [("warning", f"Backups: there are none in {folder}.")]
    run_backup_unit()
    ((level, _),) = backup_findings()
    assert level == "ok"
    for path in folder.glob("*Z.db"):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    ((level, text),) = backup_findings()
    assert level == "warning" and "2 hours old" in text


def make_abandoned_folder(parent: Path, hours: float) -> Path:
    """Make a folder like one that a backup left when it was killed `hours` hours ago; return its path."""
    folder = parent / f"{BACKUP_PREFIX}{hours}"
    folder.mkdir()
    (folder / "backup.db").write_bytes(b"sealed referrals")
    killed_at = time.time() - hours * 3600
    for path in (folder / "backup.db", folder):
        os.utime(path, (killed_at, killed_at))
    return folder


def test_the_next_backup_deletes_only_leftovers_that_have_not_changed_for_an_hour(
    parts: ServiceParts, tmp_path: Path
) -> None:
    parts.accept()
    old_folder, recent_folder, running_folder = (
        make_abandoned_folder(tmp_path, 2),
        make_abandoned_folder(tmp_path, 0.5),
        make_abandoned_folder(tmp_path, 3),
    )
    (running_folder / "backup.db").touch()
    unrelated_folder = tmp_path / "own"
    unrelated_folder.mkdir()
    link = tmp_path / f"{BACKUP_PREFIX}link"
    link.symlink_to(unrelated_folder)
    parts.store.backup(tmp_path / "backup.db")
    assert not old_folder.exists()
    assert recent_folder.exists() and running_folder.exists(), "another backup may be running"
    assert unrelated_folder.exists() and link.is_symlink()


def test_the_temporary_files_of_a_killed_backup_are_deleted_a_day_later(parts: ServiceParts, tmp_path: Path) -> None:
    for _ in range(60):
        parts.accept(text="x" * 60_000)
    folder = tmp_path / "killed"
    folder.mkdir()
    process = start_flask(parts.settings, "backup", str(folder / "b.db"), cwd=tmp_path)
    try:
        wait_until(
            lambda: any(path.stat().st_size > 10_000 for path in folder.rglob("*.db*")), "the backup is being written"
        )
    finally:
        process.kill()
        process.communicate()
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 86_400,) * 2)
    parts.store.backup(folder / "next.db")
    assert {path.name for path in folder.iterdir()} <= {"b.db", "next.db"}


@pytest.mark.parametrize("missing_part", ["folder", "store"])
def test_a_backup_that_cannot_be_made_is_reported_in_one_line(
    tmp_path: Path, parts: ServiceParts, missing_part: str
) -> None:
    folder = tmp_path / "backups"
    url, reason = parts.settings.database_url, f"{folder}/.lock cannot be written: No such file or directory"
    if missing_part == "store":
        folder.mkdir()
        url = f"postgresql+psycopg://form:secret@127.0.0.1:{free_port()}/form"
        reason = "the store is not available (gone)"
    command = [sys.executable, "-m", "form_service.operations.backups", str(folder)]
    environment = environment_of(parts.settings, FORM_DATABASE_URL=url)
    process = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (process.returncode, process.stdout, process.stderr) == (1, "", f"No backup: {reason}.\n")
