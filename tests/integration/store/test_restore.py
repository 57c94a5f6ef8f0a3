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
    first_reference, second_reference = parts.accept(), parts.accept()
    file = tmp_path / "backup.db"
    parts.store.backup(file)
    app = create_app(settings_of(tmp_path / "new"))
    store = app.extensions["form_service"].store
    with app.app_context():
        assert FlaskCliRunner(app).invoke(args=["send-test"]).exit_code == 0
        new_reference = ServiceParts(parts.settings, parts.sealer, store).accept()
        assert "Referrals restored: 2." in FlaskCliRunner(app).invoke(args=["restore", str(file)]).output
        assert "Referrals restored: 0." in FlaskCliRunner(app).invoke(args=["restore", str(file)]).output, (
            "a second restore adds nothing"
        )
    assert {row.reference for row in store.reports.waiting_deliveries()} > {
        first_reference,
        second_reference,
        new_reference,
    }
    second_backup_file = tmp_path / "again.db"
    assert store.backup(second_backup_file) == 3, "a test is no referral"
    store.close()


@pytest.mark.long
def test_a_restore_does_not_undo_withdrawals_or_send_emails_again(parts: ServiceParts, tmp_path: Path) -> None:
    withdrawn_reference, *_ = (parts.accept() for _ in range(3))
    file = tmp_path / "backup.db"
    parts.store.backup(file)
    parts.store.referrals.withdraw(withdrawn_reference, parts.withdrawal_notice(withdrawn_reference))
    other_parts = parts_of(settings_of(tmp_path / "other"))
    other_parts.store.restore(file)
    for service_parts in (parts, other_parts):
        while (claim := service_parts.store.outbox.claim()) is not None:
            service_parts.store.outbox.finish(claim, DeliveryResult(True))
    assert parts.store.restore(file) == 0
    assert parts.store.outbox.claim() is None, "nothing is sent again"
    assert parts.store.reports.counts_by_outcome() == {"delivered": 2, "waiting": 0, "withdrawn": 1}
    other_parts.store.close()


def test_a_restore_refuses_another_referral_with_the_same_reference(parts: ServiceParts, tmp_path: Path) -> None:
    reference = parts.accept()
    file = tmp_path / "backup.db"
    parts.store.backup(file)
    other_parts = parts_of(settings_of(tmp_path / "other"))
    other_parts.store.referrals.accept(replace(other_parts.referral(), reference=reference))
    with pytest.raises(BackupError, match=f"{reference} is another referral"):
        other_parts.store.restore(file)
    assert other_parts.store.reports.counts_by_outcome()["waiting"] == 1
    other_parts.store.close()


def test_a_restore_writes_no_second_copy_of_the_backup(
    parts: ServiceParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.accept()
    file, temporary_folder = tmp_path / "backup.db", tmp_path / "tmp"
    parts.store.backup(file)
    temporary_folder.mkdir(mode=0o500)
    monkeypatch.setattr("tempfile.tempdir", str(temporary_folder))
    other_parts = parts_of(settings_of(tmp_path / "other"))
    assert other_parts.store.restore(file) == 1
    assert list(temporary_folder.iterdir()) == []
    assert {path.name for path in (tmp_path / "other").iterdir()} <= {
        "referrals.db",
        "referrals.db-wal",
        "referrals.db-shm",
        "referrals.db.id",
    }
    other_parts.store.close()


def test_a_file_that_is_no_backup_is_refused_in_one_line_that_says_so(tmp_path: Path) -> None:
    foreign_file, empty_file, text_file = (tmp_path / name for name in ("foreign.db", "empty.db", "text.db"))
    with contextlib.closing(sqlite3.connect(foreign_file)) as connection:
        connection.execute("CREATE TABLE invoice (number integer)")
    empty_file.touch()
    text_file.write_text("no database at all, but words\n" * 200)
    app = create_app(settings_of(tmp_path / "instance"))
    with app.app_context():
        for file, expected_output in (
            (foreign_file, f"Error: {foreign_file} is not a backup of this service.\n"),
            (empty_file, f"Error: {empty_file} is not a backup of this service.\n"),
            (text_file, f"Error: {text_file} cannot be read as a backup (file is not a database).\n"),
        ):
            result = FlaskCliRunner(app).invoke(args=["restore", str(file)])
            assert (result.exit_code, result.output) == (1, expected_output)
    app.extensions["form_service"].store.close()
