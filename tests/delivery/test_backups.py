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

from form_service import checks
from form_service.app import create_app
from form_service.store.copying import BACKUP_PREFIX, RESTORE_PREFIX, CopyError
from identity import load
from tests.delivery.parts import ROOT, House, environment_of, flask, house_of, settings_of
from tests.whole.waiting import until

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
        for name, may_fail, line in re.findall(r"^(ExecStart\w*)=(-?)(.*)$", UNIT.read_text(), re.MULTILINE):
            words = shlex.split(
                line.replace("$$", "$").replace("%%", "%").replace("/var/backups/front-door", str(folder))
            )
            if words[0].endswith("/flask"):
                words[:1] = [sys.executable, "-m", "flask"]
            done = subprocess.run(
                words, env=environment_of(house.settings), cwd=tmp_path, capture_output=True, text=True
            )
            assert may_fail or done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    return run


def test_an_interrupted_backup_does_not_stop_the_next_and_latest_is_the_newest(
    house: House, run_unit: Callable[[], None], tmp_path: Path
) -> None:
    house.accept()
    run_unit()
    (tmp_path / "backups/new.db").write_bytes(b"half a backup")
    house.accept()
    run_unit()
    latest = tmp_path / "backups/latest.db"
    assert latest.is_symlink() and latest.resolve() == max((tmp_path / "backups").glob("*Z.db"))
    other = house_of(settings_of(tmp_path / "new"))
    assert other.store.restore(latest) == 2
    other.store.close()


def test_check_says_that_backups_have_stopped(
    house: House, run_unit: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    monkeypatch.setattr("form_service.checks.BACKUPS", folder)

    def found() -> list[tuple[str, str]]:
        look = checks.look(house.settings, house.seal, house.store, load())
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
    store = app.extensions["front_door"].store
    assert name in {row.reference for row in store.waiting()}
    with pytest.raises(CopyError, match="empty"):
        store.restore(file)
    again = tmp_path / "again.db"
    store.backup(again)
    other = house_of(settings_of(tmp_path / "third"))
    assert other.store.restore(again) == 1, "a test mail is no referral"
    assert len({row.reference for row in other.store.waiting()}) == 2
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
