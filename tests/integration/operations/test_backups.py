"""Backups by the systemd unit and in the container."""

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
from form_service.store.backup import BACKUP_PREFIX, CopyError
from service_profile import load
from tests.support.service_parts import ROOT, ServiceParts, environment_of, flask, parts_of, read_until, settings_of
from tests.support.waiting import until

pytestmark = pytest.mark.long


DAY = 86_400
UNIT = ROOT / "deploy/systemd/front-door-backup.service"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[ServiceParts]:
    parts = parts_of(settings_of(tmp_path / "old", FORM_DATABASE_URL=f"sqlite:///{tmp_path}/old.db"))
    yield parts
    parts.store.close()


@pytest.fixture
def run_unit(parts: ServiceParts, tmp_path: Path) -> Callable[[], None]:
    """Return a function that runs the commands of the systemd unit, with backups in a temporary folder."""
    folder = tmp_path / "backups"
    folder.mkdir()

    def run() -> None:
        for name, line in re.findall(r"^(ExecStart\w*)=(.*)$", UNIT.read_text(), re.MULTILINE):
            words = shlex.split(line.replace("/var/backups/front-door", str(folder)))
            assert words[0] == "/srv/front-door/.venv/bin/python"
            words[0] = sys.executable
            done = subprocess.run(
                words, env=environment_of(parts.settings), cwd=tmp_path, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    return run


def test_an_interrupted_backup_does_not_stop_the_next_and_latest_is_the_newest(
    parts: ServiceParts, run_unit: Callable[[], None], tmp_path: Path
) -> None:
    parts.accept()
    run_unit()
    half = tmp_path / "backups/.backup-killed"
    half.mkdir()
    (half / "backup.db").write_bytes(b"half a backup")
    for path in (half / "backup.db", half):
        os.utime(path, (time.time() - DAY, time.time() - DAY))
    parts.accept()
    run_unit()
    assert not half.exists(), "what was half written holds sealed referrals"
    latest = tmp_path / "backups/latest.db"
    assert latest.is_symlink() and latest.resolve() == max((tmp_path / "backups").glob("*Z.db"))
    other = parts_of(settings_of(tmp_path / "new"))
    assert other.store.restore(latest) == 2
    other.store.close()


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*Z.db"))


def test_a_backup_of_eight_days_goes_also_when_it_was_copied_here_yesterday(
    parts: ServiceParts, tmp_path: Path
) -> None:
    start = 1_800_000_000.0
    backups.make_backup(parts.store, tmp_path, start)
    backups.make_backup(parts.store, tmp_path, start + 7.9 * DAY)
    assert len(kept(tmp_path)) == 2
    newest = backups.make_backup(parts.store, tmp_path, start + 8 * DAY)
    assert len(kept(tmp_path)) == 2 and (tmp_path / "latest.db").resolve() == newest


def test_a_new_store_in_place_of_a_lost_one_adds_no_backup_and_leaves_the_last_one_to_restore(
    parts: ServiceParts, tmp_path: Path
) -> None:
    folder, start = tmp_path / "backups", 1_800_000_000.0
    folder.mkdir()
    lost = [parts.accept()]
    backups.make_backup(parts.store, folder, start)
    lost.append(parts.accept())
    whole = backups.make_backup(parts.store, folder, start + DAY)
    fresh = parts_of(settings_of(tmp_path / "fresh"))
    for _ in range(3):
        fresh.accept()  # more referrals than were lost
    for hours in (0, 1, 2):
        with pytest.raises(CopyError, match=r"lacks 2 referrals that latest.db holds"):
            backups.make_backup(fresh.store, folder, start + 9 * DAY + hours * 3600)
    assert kept(folder) == [whole.name], "no file that looks like a fresh backup, and none that is too old"
    assert fresh.store.restore(folder / "latest.db") == 2
    assert {row.reference for row in fresh.store.reports.waiting_deliveries()} > set(lost)
    newest = backups.make_backup(fresh.store, folder, start + 10 * DAY)
    assert kept(folder) == [newest.name] and (folder / "latest.db").resolve() == newest
    fresh.store.close()


def test_in_a_container_backups_go_on_after_one_that_failed_and_end_in_good_order(
    parts: ServiceParts, tmp_path: Path
) -> None:
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


def test_check_says_that_backups_have_stopped(
    parts: ServiceParts, run_unit: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    parts.settings = replace(parts.settings, backup_folder=folder)

    def found() -> list[tuple[str, str]]:
        look = self_check.run_checks(parts.settings, parts.sealer, parts.store, load())
        return [(finding.level, finding.text) for finding in look if finding.text.startswith("Backups")]

    assert found() == [("warning", f"Backups: there is none in {folder}.")]
    run_unit()
    ((level, _),) = found()
    assert level == "ok"
    for path in folder.glob("*Z.db"):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    ((level, words),) = found()
    assert level == "warning" and "2 hours old" in words


def left_behind(place: Path, hours: float) -> Path:
    """Return the folder that a backup killed `hours` ago left behind."""
    folder = place / f"{BACKUP_PREFIX}{hours}"
    folder.mkdir()
    (folder / "backup.db").write_bytes(b"sealed referrals")
    then = time.time() - hours * 3600
    for path in (folder / "backup.db", folder):
        os.utime(path, (then, then))
    return folder


def test_no_sealed_copy_of_a_killed_backup_stays(parts: ServiceParts, tmp_path: Path) -> None:
    parts.accept()
    old, young, at_work = left_behind(tmp_path, 2), left_behind(tmp_path, 0.5), left_behind(tmp_path, 3)
    (at_work / "backup.db").touch()
    strange = tmp_path / "own"
    strange.mkdir()
    link = tmp_path / f"{BACKUP_PREFIX}link"
    link.symlink_to(strange)
    parts.store.backup(tmp_path / "backup.db")
    assert not old.exists()
    assert young.exists() and at_work.exists(), "another backup may be running"
    assert strange.exists() and link.is_symlink()


def test_a_backup_that_is_killed_leaves_nothing_a_day_later(parts: ServiceParts, tmp_path: Path) -> None:
    for _ in range(60):
        parts.accept(text="x" * 60_000)
    folder = tmp_path / "killed"
    folder.mkdir()
    process = flask(parts.settings, "backup", str(folder / "b.db"), cwd=tmp_path)
    try:
        until(lambda: any(path.stat().st_size > 10_000 for path in folder.rglob("*.db*")), "it writes its copy")
    finally:
        process.kill()
        process.communicate()
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 86_400,) * 2)
    parts.store.backup(folder / "next.db")
    assert {path.name for path in folder.iterdir()} <= {"b.db", "next.db"}
