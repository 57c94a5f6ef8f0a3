"""The form closes if the store is lost or replaced. It opens again once the latest backup is restored."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from form_service.app import create_app
from form_service.config.settings import Settings
from form_service.operations import backups, self_check
from form_service.operations.alerts import IncidentChecker
from form_service.operations.readiness import ReadinessCheck
from form_service.store import StoreUnavailable, identity
from form_service.store.backup import BackupError
from form_service.store.outbox import DeliveryResult
from form_service.store.worker_lock import AlreadyRunning, worker_lock
from service_profile import load
from tests.support.form_client import SAME_ORIGIN_HEADERS
from tests.support.postgres import Postgres
from tests.support.production_settings import PRODUCTION_SETTINGS
from tests.support.service_parts import HOUR, ServiceParts, parts_of, settings_of

BACKUP_TIME = 1_800_000_000.0
DRAFT_ID = "d" * 32


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[ServiceParts]:
    """Yield a service with two referrals, both of which are in its latest backup."""
    parts = parts_of(settings_of(tmp_path / "instance", FORM_BACKUP_FOLDER=str(tmp_path / "backups")))
    (tmp_path / "backups").mkdir()
    parts.accept()
    parts.accept()
    backups.make_backup(parts.store, tmp_path / "backups", BACKUP_TIME)
    yield parts
    parts.store.close()


def delete_store(parts: ServiceParts) -> None:
    """Delete the store's folder without closing the store."""
    assert parts.store.folder is not None
    shutil.rmtree(parts.store.folder)


def restart_service(parts: ServiceParts) -> ServiceParts:
    return parts_of(parts.settings)


def refusal_kind(parts: ServiceParts) -> str:
    with pytest.raises(StoreUnavailable) as excinfo:
        parts.accept()
    return excinfo.value.kind


def problems_of_store(parts: ServiceParts) -> list[str]:
    findings = self_check.run_checks(parts.settings, parts.sealer, parts.store, load())
    return [finding.text for finding in findings if finding.text.startswith("Store") and finding.level == "wrong"]


def test_a_new_store_accepts_nothing_until_the_backup_is_restored(parts: ServiceParts) -> None:
    delete_store(parts)
    new_parts = restart_service(parts)
    assert refusal_kind(new_parts) == "incomplete"
    with pytest.raises(StoreUnavailable):
        new_parts.store.drafts.change(DRAFT_ID, lambda _: b"typed", HOUR)
    assert ReadinessCheck(new_parts.sealer, new_parts.store).run().failures["store"] == "incomplete"
    assert any("restore that backup" in text for text in problems_of_store(new_parts))
    assert "store" in {
        incident.name
        for incident in IncidentChecker(new_parts.settings, new_parts.sealer, new_parts.store)._store_incidents()
    }
    assert new_parts.store.restore(parts.settings.backup_folder / "latest.db") == 2
    new_parts.store._identity._next_comparison_at = 0.0
    new_parts.accept()
    assert new_parts.store.reports.counts_by_outcome()["waiting"] == 3
    assert problems_of_store(new_parts) == []
    new_parts.store.close()


def test_with_a_lost_store_the_form_is_closed_and_people_can_leave_it(parts: ServiceParts) -> None:
    delete_store(parts)
    app = create_app(parts.settings)
    client = app.test_client()
    response = client.post("/referral/", headers=SAME_ORIGIN_HEADERS)
    assert response.status_code == 503 and "tel:" in response.text
    assert client.get("/readyz").status_code == 503
    assert client.get("/referral/exit").status_code == 303
    app.extensions["form_service"].store.close()


def test_another_services_store_accepts_nothing_and_is_not_backed_up(parts: ServiceParts, tmp_path: Path) -> None:
    other_parts = parts_of(settings_of(tmp_path / "other", FORM_SECRET_KEYS="of-another-service-" * 3))
    other_reference = other_parts.accept()
    other_parts.store.close()
    misconfigured_parts = parts_of(replace(parts.settings, database_url=other_parts.settings.database_url))
    assert refusal_kind(misconfigured_parts) == "incomplete"
    findings = [
        finding.text
        for finding in self_check.run_checks(
            misconfigured_parts.settings, misconfigured_parts.sealer, misconfigured_parts.store, load()
        )
    ]
    assert any("stored emails need a key that is not in FORM_SECRET_KEYS" in text for text in findings)
    latest_backup = (parts.settings.backup_folder / "latest.db").resolve()
    with pytest.raises(BackupError, match="it was lost or is another"):
        backups.make_backup(misconfigured_parts.store, parts.settings.backup_folder, BACKUP_TIME + 900)
    assert (parts.settings.backup_folder / "latest.db").resolve() == latest_backup
    assert [row.reference for row in misconfigured_parts.store.reports.waiting_deliveries()] == [other_reference], (
        "the other service's store is not changed"
    )
    misconfigured_parts.store.close()


def test_a_restart_with_the_same_store_is_not_reported(parts: ServiceParts) -> None:
    parts.accept()
    restarted_parts = restart_service(parts)
    restarted_parts.accept()
    assert restarted_parts.store.problem() is None
    restarted_parts.store.close()


@pytest.mark.parametrize("suffixes", [("-wal",), ("-shm",), ("-wal", "-shm")])
@pytest.mark.parametrize("replacement", ["nothing", "a copy"])
def test_deleting_the_write_ahead_log_of_a_running_service_loses_nothing(
    parts: ServiceParts, suffixes: tuple[str, ...], replacement: str
) -> None:
    confirmed_references = {parts.accept() for _ in range(5)}
    path = parts.store.database.path
    assert path is not None and path.with_name(path.name + "-wal").stat().st_size > 0
    # The worker has the store open as well, so that closing this process's connections does not end the log.
    worker = sqlite3.connect(path)
    worker.execute("SELECT count(*) FROM referral").fetchall()
    for suffix in suffixes:
        file = path.with_name(path.name + suffix)
        content = file.read_bytes()
        file.unlink()
        if replacement == "a copy":
            file.write_bytes(content)
    assert refusal_kind(parts) == refusal_kind(parts) == "replaced"
    assert ReadinessCheck(parts.sealer, parts.store).run().failures["store"] == "replaced"
    restarted_parts = restart_service(parts)  # as after a kill: the first process has not closed its store
    assert confirmed_references <= {row.reference for row in restarted_parts.store.reports.waiting_deliveries()}
    restarted_parts.accept()
    restarted_parts.store.close()
    worker.close()


def test_an_older_copy_written_over_the_database_is_detected(parts: ServiceParts, tmp_path: Path) -> None:
    path = parts.store.database.path
    assert path is not None
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "old.db") as target:
        source.backup(target)
    parts.accept()
    with sqlite3.connect(tmp_path / "old.db") as source, sqlite3.connect(path) as target:
        source.backup(target)
    assert refusal_kind(parts) == "replaced"


def test_a_store_that_lost_referrals_is_detected_without_a_new_referral(
    parts: ServiceParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_ROUTINE_PAUSE_SECONDS", 0.0)
    idle_parts = restart_service(parts)
    assert idle_parts.store.problem() is None
    with parts.store.writing() as (connection, _):
        for table in ("delivery", "mail", "referral"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert idle_parts.store.problem() == "incomplete"
    assert refusal_kind(idle_parts) == "incomplete"
    idle_parts.store.close()


def test_a_database_behind_a_symbolic_link_has_one_worker_and_one_identity(parts: ServiceParts, tmp_path: Path) -> None:
    folder = parts.store.folder
    assert folder is not None
    link = tmp_path / "link" / "referrals.db"
    link.parent.mkdir()
    link.symlink_to(folder / "referrals.db")
    linked_parts = parts_of(replace(parts.settings, database_url=f"sqlite:///{link}"))
    confirmed_references = {parts.accept(), linked_parts.accept()}
    assert confirmed_references <= {row.reference for row in linked_parts.store.reports.waiting_deliveries()}
    assert linked_parts.store.folder == folder, "free space is measured where the file is"
    with worker_lock(folder / "referrals.db", None), pytest.raises(AlreadyRunning), worker_lock(link, None):
        raise AssertionError("two workers deliver from one file")
    (tmp_path / "other.db").touch()
    link.unlink()
    link.symlink_to(tmp_path / "other.db")
    assert refusal_kind(linked_parts) == "replaced", "the link points to another file"
    parts.accept()
    linked_parts.store.close()


@pytest.mark.parametrize("file_change", ["deleted", "replaced by a copy", "replaced by an empty file", "moved away"])
def test_no_referral_is_confirmed_after_the_database_file_is_removed_or_replaced(
    parts: ServiceParts, file_change: str
) -> None:
    path = parts.store.database.path
    assert path is not None
    confirmed_references = [parts.accept()]
    copy_path = path.with_name("copy.db")
    with sqlite3.connect(path) as source, sqlite3.connect(copy_path) as target:
        source.backup(target)
    match file_change:
        case "deleted":
            delete_store(parts)
        case "replaced by a copy":
            copy_path.replace(path)
        case "replaced by an empty file":
            path.unlink()
            path.touch()
        case _:
            path.rename(path.with_name("old.db"))
    for _ in range(12):
        with pytest.raises(StoreUnavailable):
            confirmed_references.append(parts.accept())
    assert len(confirmed_references) == 1
    failures = ReadinessCheck(parts.sealer, parts.store).run().failures
    assert failures["store"] in ("replaced", "gone")


def test_in_production_a_replaced_database_file_is_still_detected_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    settings = replace(Settings.from_environment(PRODUCTION_SETTINGS, folder), backup_folder=tmp_path / "none")
    parts = parts_of(settings)
    parts.accept()
    parts.store.close()
    path = parts.store.database.path
    assert path is not None
    for file in folder.glob("referrals.db*"):
        if file.suffix != ".id":
            file.unlink()
    restarted_parts = restart_service(parts)
    assert refusal_kind(restarted_parts) == "replaced"
    assert any("restart the service" in text for text in problems_of_store(restarted_parts))
    restarted_parts.store.close()
    other_parts = parts_of(settings_of(tmp_path / "other"))
    other_parts.accept()
    other_parts.store.backup(tmp_path / "backup.db")
    other_parts.store.close()
    restoring_parts = restart_service(parts)
    restoring_parts.store.restore(tmp_path / "backup.db")
    restoring_parts.store.close()
    restored_parts = restart_service(parts)
    assert restored_parts.accept()
    restored_parts.store.close()


@pytest.mark.system
def test_an_older_copy_of_the_store_in_the_same_postgresql_database_is_detected(
    tmp_path: Path, postgres: Postgres
) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.accept()
    with parts.store.writing() as (connection, _):  # as after restoring an older dump, which has the same store id
        for table in ("delivery", "mail", "referral"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert refusal_kind(parts) == "replaced"
    assert ReadinessCheck(parts.sealer, parts.store).run().failures["store"] == "replaced"
    parts.store.close()


@pytest.mark.system
def test_another_database_on_the_same_postgresql_url_is_detected(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=url))
    parts.accept()
    with parts.store.writing() as (connection, _):
        connection.execute(text("UPDATE fact SET value = 'of another store' WHERE name = 'store-id'"))
    parts.accept()
    parts.store.database.engine.dispose()  # closes every connection, as a restart of the server does
    with pytest.raises(StoreUnavailable) as excinfo:
        parts.accept()
    assert excinfo.value.kind == "replaced"
    assert refusal_kind(parts) == "replaced"
    claim = parts.store.outbox.claim()
    assert claim is not None and parts.store.outbox.finish(claim, DeliveryResult(True)), (
        "waiting emails are still delivered"
    )
    parts.store.close()
