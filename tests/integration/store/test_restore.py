"""A restore adds the referrals that the store lacks, and undoes no change made since the backup."""

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.store.backup import BackupError
from form_service.store.outbox import DeliveryResult
from tests.support.service_parts import ServiceParts, parts_of, settings_of


def test_a_restore_merges_the_backup_with_referrals_made_since_the_loss(parts: ServiceParts, tmp_path: Path) -> None:
    lost, delivered = parts.accept(), parts.accept()
    file = tmp_path / "backup.db"
    parts.store.backup(file)
    app = create_app(settings_of(tmp_path / "new"))
    store = app.extensions["form_service"].store
    with app.app_context():
        assert FlaskCliRunner(app).invoke(args=["send-test"]).exit_code == 0
        new = ServiceParts(parts.settings, parts.sealer, store).accept()
        assert "Referrals restored: 2." in FlaskCliRunner(app).invoke(args=["restore", str(file)]).output
        assert "Referrals restored: 0." in FlaskCliRunner(app).invoke(args=["restore", str(file)]).output, (
            "a second restore adds nothing"
        )
    assert {row.reference for row in store.reports.waiting_deliveries()} > {lost, delivered, new}
    second_backup = tmp_path / "again.db"
    assert store.backup(second_backup) == 3, "a test is no referral"
    store.close()


@pytest.mark.long
def test_a_restore_does_not_undo_withdrawals_or_send_emails_again(parts: ServiceParts, tmp_path: Path) -> None:
    withdrawn, *_ = (parts.accept() for _ in range(3))
    file = tmp_path / "backup.db"
    parts.store.backup(file)
    parts.store.referrals.withdraw(withdrawn, parts.withdrawal_notice(withdrawn))
    other = parts_of(settings_of(tmp_path / "other"))
    other.store.restore(file)
    for service in (parts, other):
        while (claim := service.store.outbox.claim()) is not None:
            service.store.outbox.finish(claim, DeliveryResult(True))
    assert parts.store.restore(file) == 0
    assert parts.store.outbox.claim() is None, "nothing is sent again"
    assert parts.store.reports.counts_by_outcome() == {"delivered": 2, "waiting": 0, "withdrawn": 1}
    other.store.close()


def test_a_restore_refuses_another_referral_with_the_same_reference(parts: ServiceParts, tmp_path: Path) -> None:
    reference = parts.accept()
    file = tmp_path / "backup.db"
    parts.store.backup(file)
    other = parts_of(settings_of(tmp_path / "other"))
    other.store.referrals.accept(replace(other.referral(), reference=reference))
    with pytest.raises(BackupError, match=f"{reference} is another referral"):
        other.store.restore(file)
    assert other.store.reports.counts_by_outcome()["waiting"] == 1
    other.store.close()


def test_a_restore_writes_no_second_copy_of_the_backup(
    parts: ServiceParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.accept()
    file, temporary_folder = tmp_path / "backup.db", tmp_path / "tmp"
    parts.store.backup(file)
    temporary_folder.mkdir(mode=0o500)
    monkeypatch.setattr("tempfile.tempdir", str(temporary_folder))
    other = parts_of(settings_of(tmp_path / "other"))
    assert other.store.restore(file) == 1
    assert list(temporary_folder.iterdir()) == []
    assert {path.name for path in (tmp_path / "other").iterdir()} <= {
        "referrals.db",
        "referrals.db-wal",
        "referrals.db-shm",
        "referrals.db.id",
    }
    other.store.close()


def test_a_file_that_is_no_backup_is_refused_in_one_line_that_says_so(tmp_path: Path) -> None:
    foreign, empty, text = (tmp_path / name for name in ("foreign.db", "empty.db", "text.db"))
    with contextlib.closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE invoice (number integer)")
    empty.touch()
    text.write_text("no database at all, but words\n" * 200)
    app = create_app(settings_of(tmp_path / "instance"))
    with app.app_context():
        for file, words in (
            (foreign, f"Error: {foreign} is not a backup of this service.\n"),
            (empty, f"Error: {empty} is not a backup of this service.\n"),
            (text, f"Error: {text} cannot be read as a backup (file is not a database).\n"),
        ):
            result = FlaskCliRunner(app).invoke(args=["restore", str(file)])
            assert (result.exit_code, result.output) == (1, words)
    app.extensions["form_service"].store.close()
