"""Backups as the machine's own unit makes them, and a restore into a store that has sent a test mail."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.operations import backups, self_check
from form_service.store.backup import BACKUP_PREFIX, RESTORE_PREFIX, CopyError
from service_profile import load
from tests.support.service_parts import ROOT, House, environment_of, flask, house_of, said, settings_of
from tests.support.waiting import until

DAY = 86_400
UNIT = ROOT / "deploy/systemd/front-door-backup.service"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = house_of(settings_of(tmp_path / "old", FORM_DATABASE_URL=f"sqlite:///{tmp_path}/old.db"))
    yield house
    house.store.close()


@pytest.fixture
def run_unit(house: House, tmp_path: Path) -> Callable[[], None]:
    """What systemd does with the unit, in a folder of the test's."""
    folder = tmp_path / "backups"
    folder.mkdir()

    def run() -> None:
        for name, line in re.findall(r"^(ExecStart\w*)=(.*)$", UNIT.read_text(), re.MULTILINE):
            words = shlex.split(line.replace("/var/backups/front-door", str(folder)))
            assert words[0] == "/srv/front-door/.venv/bin/python"
            words[0] = sys.executable
            done = subprocess.run(
                words, env=environment_of(house.settings), cwd=tmp_path, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    return run


def test_an_interrupted_backup_does_not_stop_the_next_and_latest_is_the_newest(
    house: House, run_unit: Callable[[], None], tmp_path: Path
) -> None:
    house.accept()
    run_unit()
    half = tmp_path / "backups/.backup-killed"
    half.mkdir()
    (half / "backup.db").write_bytes(b"half a backup")
    for path in (half / "backup.db", half):
        os.utime(path, (time.time() - DAY, time.time() - DAY))
    house.accept()
    run_unit()
    assert not half.exists(), "what was half written holds sealed referrals"
    latest = tmp_path / "backups/latest.db"
    assert latest.is_symlink() and latest.resolve() == max((tmp_path / "backups").glob("*Z.db"))
    other = house_of(settings_of(tmp_path / "new"))
    assert other.store.restore(latest) == 2
    other.store.close()


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*Z.db"))


def test_a_backup_of_eight_days_goes_also_when_it_was_copied_here_yesterday(house: House, tmp_path: Path) -> None:
    start = 1_800_000_000.0
    backups.keep(house.store, tmp_path, start)
    backups.keep(house.store, tmp_path, start + 7.9 * DAY)
    assert len(kept(tmp_path)) == 2
    newest = backups.keep(house.store, tmp_path, start + 8 * DAY)
    assert len(kept(tmp_path)) == 2 and (tmp_path / "latest.db").resolve() == newest


def test_a_new_store_in_place_of_a_lost_one_takes_the_place_of_no_backup(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for _ in range(2):
        house.accept()
    whole = backups.keep(house.store, folder, 1_800_000_000.0)
    fresh = house_of(settings_of(tmp_path / "fresh"))
    fresh.accept()
    with pytest.raises(CopyError, match=r"holds 1 referrals and latest.db 2"):
        backups.keep(fresh.store, folder, 1_800_000_000.0 + 9 * DAY)
    fresh.store.close()
    assert whole.exists() and (folder / "latest.db").resolve() == whole
    restored = house_of(settings_of(tmp_path / "restored"))
    assert restored.store.restore(folder / "latest.db") == 2
    newest = backups.keep(restored.store, folder, 1_800_000_000.0 + 10 * DAY)
    assert (folder / "latest.db").resolve() == newest and not whole.exists()
    restored.store.close()


def test_in_a_container_backups_go_on_after_one_that_failed_and_end_in_good_order(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (folder / "latest.db").mkdir(parents=True)  # in the way
    command = [sys.executable, "-m", "form_service.operations.backups", str(folder), "--every", "1.1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=environment_of(house.settings), cwd=tmp_path, text=True, **pipes) as process:
        said(process, "latest.db")
        (folder / "latest.db").rmdir()
        said(process, "is written")
        process.terminate()
        assert process.wait(30) == 0
    assert (folder / "latest.db").is_symlink()


def test_check_says_that_backups_have_stopped(
    house: House, run_unit: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    monkeypatch.setattr("form_service.operations.self_check.BACKUPS", folder)

    def found() -> list[tuple[str, str]]:
        look = self_check.look(house.settings, house.seal, house.store, load())
        return [(one.level, one.text) for one in look if one.text.startswith("Backups")]

    assert found() == [("warning", f"Backups: there is none in {folder}.")]
    run_unit()
    ((level, _),) = found()
    assert level == "ok"
    for path in folder.glob("*Z.db"):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    ((level, words),) = found()
    assert level == "warning" and "2 hours old" in words


def test_a_test_mail_does_not_stand_in_the_way_of_a_restore(house: House, tmp_path: Path) -> None:
    name = house.accept()
    file = tmp_path / "backup.db"
    house.store.backup(file)
    app = create_app(settings_of(tmp_path / "new"))
    with app.app_context():
        assert FlaskCliRunner(app).invoke(args=["send-test"]).exit_code == 0
        assert "1 referrals restored" in FlaskCliRunner(app).invoke(args=["restore", str(file)]).output
    store = app.extensions["form_service"].store
    assert name in {row.reference for row in store.reports.waiting()}
    with pytest.raises(CopyError, match="empty"):
        store.restore(file)
    again = tmp_path / "again.db"
    store.backup(again)
    other = house_of(settings_of(tmp_path / "third"))
    assert other.store.restore(again) == 1, "a test mail is no referral"
    assert len({row.reference for row in other.store.reports.waiting()}) == 2
    other.store.close()
    store.close()


def left_behind(place: Path, prefix: str, hours: float) -> Path:
    """What a copy that was ended by force leaves, so many hours later."""
    folder = place / f"{prefix}{hours}"
    folder.mkdir()
    (folder / "backup.db").write_bytes(b"sealed referrals")
    then = time.time() - hours * 3600
    for path in (folder / "backup.db", folder):
        os.utime(path, (then, then))
    return folder


def test_no_sealed_copy_of_an_interrupted_backup_or_restore_stays_for_ever(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    house.accept()
    for prefix in (BACKUP_PREFIX, RESTORE_PREFIX):
        old, young, strange = left_behind(tmp_path, prefix, 2), left_behind(tmp_path, prefix, 0.5), tmp_path / "own"
        at_work = left_behind(tmp_path, prefix, 3)
        (at_work / "backup.db").touch()
        strange.mkdir(exist_ok=True)
        link = tmp_path / f"{prefix}link"
        link.symlink_to(strange)
        file = tmp_path / f"{prefix}.db"
        if prefix == RESTORE_PREFIX:
            house.store.backup(file)
            with pytest.raises(CopyError):
                house.store.restore(file)
        else:
            house.store.backup(file)
        assert not old.exists()
        assert young.exists() and at_work.exists(), "another copy may be at work"
        assert strange.exists() and link.is_symlink() and file.exists()


def test_a_backup_that_is_killed_leaves_nothing_a_day_later(house: House, tmp_path: Path) -> None:
    for _ in range(60):
        house.accept(text="x" * 60_000)
    folder = tmp_path / "killed"
    folder.mkdir()
    process = flask(house.settings, "backup", str(folder / "b.db"), cwd=tmp_path)
    try:
        until(lambda: any(path.stat().st_size > 10_000 for path in folder.rglob("*.db*")), "it writes its copy")
    finally:
        process.kill()
        process.communicate()
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 86_400,) * 2)
    house.store.backup(folder / "next.db")
    assert {path.name for path in folder.iterdir()} <= {"b.db", "next.db"}
