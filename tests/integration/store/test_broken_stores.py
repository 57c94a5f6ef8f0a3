"""No confirmed referral is lost on a full or read-only disk, or in a locked or restarting database."""

import contextlib
import json
import os
import sqlite3
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.config.settings import Settings
from form_service.operations.backups import make_backup
from form_service.operations.readiness import ReadinessCheck
from form_service.store import StoreUnavailable
from form_service.store.claims import LEASE_SECONDS
from form_service.store.engine import base
from form_service.store.outbox import DeliveryResult
from form_service.store.worker_lock import worker_lock
from tests.support.delivery import ScriptedRoute, deliver_one, worker_of
from tests.support.postgres import Postgres
from tests.support.production_settings import PRODUCTION_SETTINGS
from tests.support.service_parts import ServiceParts, parts_of, settings_of
from tests.support.small_disk import fill_disk
from tests.support.waiting import wait_until

pytestmark = pytest.mark.system


def accept_until_refused(parts: ServiceParts) -> tuple[list[str], StoreUnavailable]:
    confirmed_references = []
    for _ in range(5000):
        try:
            confirmed_references.append(parts.accept())
        except StoreUnavailable as error:
            return confirmed_references, error
    raise AssertionError("the disk never filled up")


def test_a_full_disk_refuses_new_referrals_and_loses_none(small_disk: Path) -> None:
    parts = parts_of(settings_of(small_disk))
    confirmed_references = [parts.accept()]
    reserved_space = parts.store.reserved_space
    assert reserved_space is not None and reserved_space.reserve()
    assert "disk" in ReadinessCheck(parts.sealer, parts.store).run().failures, (
        "readiness fails long before the disk is full"
    )
    filler_file = fill_disk(small_disk)
    newly_confirmed_references, error = accept_until_refused(parts)
    confirmed_references += newly_confirmed_references
    assert error.kind == "disk-full"
    route = ScriptedRoute()
    worker = worker_of(parts, route)
    for _ in range(len(confirmed_references) + 2):
        deliver_one(worker.senders[0])
    assert sorted(set(route.attempted_references)) == sorted(route.attempted_references), (
        "nothing is sent that cannot be recorded"
    )
    filler_file.unlink()
    references = [row.reference for row in parts.store.reports.waiting_deliveries()]
    assert sorted(references + route.attempted_references) == sorted(confirmed_references), (
        "everything confirmed is delivered or waits"
    )
    worker_of(parts, route).run(once=True)
    assert sorted(route.attempted_references) == sorted(confirmed_references)
    parts.store.close()


def test_a_sent_email_is_recorded_although_the_disk_is_full(small_disk: Path) -> None:
    parts = parts_of(settings_of(small_disk))
    parts.accept()
    reserved_space = parts.store.reserved_space
    assert reserved_space is not None and reserved_space.reserve()
    claim = parts.store.outbox.claim()
    assert claim is not None
    fill_disk(small_disk)
    with contextlib.suppress(StoreUnavailable):
        accept_until_refused(parts)
    sender = worker_of(parts, ScriptedRoute()).senders[0]
    sender._lease_ends_at = time.monotonic() + LEASE_SECONDS
    assert sender._finish_and_claim(claim, DeliveryResult(True)) == (True, None)
    parts.store.close()


def test_a_read_only_disk_is_reported_and_referrals_are_accepted_once_it_is_writable(small_disk: Path) -> None:
    parts = parts_of(settings_of(small_disk))
    reference = parts.accept()
    parts.store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreUnavailable):
        parts.accept()
    assert "store" in ReadinessCheck(parts.sealer, parts.store).run().failures
    parts.store.close()
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert parts.accept()
    assert reference in [row.reference for row in parts.store.reports.waiting_deliveries()]
    parts.store.close()


@pytest.mark.parametrize("shutdown_kind", ["in good order", "by force", "by force, without the log's index"])
def test_read_only_commands_still_work_on_a_read_only_disk(
    small_disk: Path, tmp_path: Path, shutdown_kind: str
) -> None:
    settings = settings_of(small_disk)
    parts = parts_of(settings)
    reference = parts.accept()
    content_by_path = {path: path.read_bytes() for path in small_disk.iterdir()}
    parts.store.close()
    if shutdown_kind != "in good order":  # leaves the write-ahead log, as a kill does
        for path, content in content_by_path.items():
            path.write_bytes(content)
    if shutdown_kind.endswith("without the log's index"):
        (small_disk / "referrals.db-shm").unlink()
    temporary_files_before = set(Path(tempfile.gettempdir()).iterdir())
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    app = create_app(settings)
    runner = FlaskCliRunner(app)
    with app.app_context():
        assert reference in runner.invoke(args=["outbox", "list"]).output
        check_output = runner.invoke(args=["check"]).output
        assert "it cannot be written to (read-only)" in check_output and "deliveries waiting: 1;" in check_output
        assert "b.db: 1. " in runner.invoke(args=["backup", str(tmp_path / "b.db")]).output
        assert json.loads(runner.invoke(args=["outbox", "list", "--json"]).output)[0]["reference"] == reference
        assert "Would wipe: emails 0," in runner.invoke(args=["outbox", "purge", "--dry-run"]).output
        assert "Referrals in 2026-11:" in runner.invoke(args=["report", "--month", "2026-11"]).output
        assert runner.invoke(args=["schema"]).exit_code == 0
        retry_result = runner.invoke(args=["outbox", "retry", "--all"])
        assert retry_result.exit_code == 1 and retry_result.output == "Error: The store is not available (read-only).\n"
        delivery_result = runner.invoke(args=["deliver", "--once"])
        assert delivery_result.exit_code == 1
        assert delivery_result.output.endswith("cannot be opened (Read-only file system)\n")
    assert not [
        path
        for path in set(Path(tempfile.gettempdir()).iterdir()) - temporary_files_before
        if (path / "copy.db").exists()
    ]
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    with app.app_context():
        assert runner.invoke(args=["outbox", "retry", "--all"]).exit_code == 0, "the disk is checked again"
    app.extensions["form_service"].store.close()


def test_files_that_root_creates_belong_to_the_services_account(tmp_path: Path) -> None:
    folder, backup_folder = tmp_path / "instance", tmp_path / "backups"
    for directory in (folder, backup_folder):
        directory.mkdir()
        os.chown(directory, 12_345, 12_345)
    settings = Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_BACKUP_FOLDER": str(backup_folder)}, folder)
    parts = parts_of(settings)
    parts.accept()
    reserved_space = parts.store.reserved_space
    assert reserved_space is not None and reserved_space.reserve()
    with worker_lock(parts.store.database.path, None):
        pass
    make_backup(parts.store, backup_folder, 1_800_000_000.0)
    owners = {path.name: path.lstat().st_uid for directory in (folder, backup_folder) for path in directory.iterdir()}
    parts.store.close()
    assert {"referrals.db", "referrals.db-wal", "referrals.db.id", "referrals.db.worker", "reserved-space"} <= set(
        owners
    )
    assert {name for name, owner in owners.items() if owner != 12_345} == {"latest.db"}, (
        "a symbolic link, whose owner does not matter"
    )


@pytest.mark.parametrize("lock_seconds", [1.5, pytest.param(30.0, marks=pytest.mark.soak)])
def test_a_locked_database_is_reported_within_seconds_and_works_once_unlocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock_seconds: float
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.4 if lock_seconds < 5 else 5.0)
    parts = parts_of(settings_of(tmp_path))
    confirmed_references = [parts.accept()]
    error_kinds: list[str] = []

    def accept_or_record_error() -> None:
        try:
            confirmed_references.append(parts.accept())
        except StoreUnavailable as error:
            error_kinds.append(error.kind)

    blocker = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    started_at = time.monotonic()
    threads = [threading.Thread(target=accept_or_record_error) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waited_seconds = time.monotonic() - started_at
    assert error_kinds == ["locked"] * 8
    assert waited_seconds < (4 if lock_seconds < 5 else 15), (
        "the error comes after a few lock time-outs, however many requests wait"
    )
    assert parts.store.reports.outbox_state().waiting_count == 1, "readers do not wait"
    time.sleep(max(0.0, lock_seconds - waited_seconds))  # until the other process would release its lock
    blocker.execute("ROLLBACK")
    blocker.close()
    confirmed_references.append(parts.accept())
    assert sorted(row.reference for row in parts.store.reports.waiting_deliveries()) == sorted(confirmed_references)
    parts.store.close()


@pytest.mark.parametrize("shutdown_mode", ["fast", "immediate"])
def test_postgresql_restarted_mid_request_loses_nothing(tmp_path: Path, postgres: Postgres, shutdown_mode: str) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.store.migrate()
    confirmed_references: list[str] = []
    stop_requested = threading.Event()

    def send_until_stopped() -> None:
        while not stop_requested.is_set():
            with contextlib.suppress(StoreUnavailable):
                confirmed_references.append(parts.accept())

    threads = [threading.Thread(target=send_until_stopped) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        confirmed_count = len(confirmed_references)
        wait_until(lambda: len(confirmed_references) > confirmed_count + 20, "requests are answered")  # noqa: B023
        postgres.stop(shutdown_mode)
        postgres.start()
    confirmed_count = len(confirmed_references)
    wait_until(lambda: len(confirmed_references) > confirmed_count + 20, "requests are answered again")
    stop_requested.set()
    for thread in threads:
        thread.join()
    stored_references = [row.reference for row in parts.store.reports.waiting_deliveries()]
    assert len(set(confirmed_references)) == len(confirmed_references)
    assert set(confirmed_references) <= set(stored_references), "confirmed but not stored"
    parts.store.close()


def test_a_request_survives_a_restart_of_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.accept()
    postgres.stop()
    references: list[str] = []
    thread = threading.Thread(target=lambda: references.append(parts.accept()))
    thread.start()
    postgres.start()
    thread.join(20)
    assert len(references) == 1
    assert parts.store.reports.outbox_state().waiting_count == 2
    parts.store.close()
