"""A store that was lost or replaced: the form closes and says so, and a restore brings both together."""

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
from form_service.operations.alerts import Alerts
from form_service.operations.readiness import ReadinessCheck
from form_service.store import StoreUnavailable
from form_service.store.outbox import DeliveryResult
from service_profile import load
from tests.support.person import AS_OUR_PAGE
from tests.support.postgres import Postgres
from tests.support.production_settings import PRODUCTION
from tests.support.service_parts import HOUR, House, house_of, settings_of

NOW = 1_800_000_000.0
DRAFT = "d" * 32


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Yield a service whose last backup holds two referrals."""
    house = house_of(settings_of(tmp_path / "instance", FORM_BACKUP_FOLDER=str(tmp_path / "backups")))
    (tmp_path / "backups").mkdir()
    house.accept()
    house.accept()
    backups.make_backup(house.store, tmp_path / "backups", NOW)
    yield house
    house.store.close()


def lose(house: House) -> None:
    """Delete the folder of the store under the running process."""
    assert house.store.folder is not None
    shutil.rmtree(house.store.folder)


def started_again(house: House) -> House:
    return house_of(house.settings)


def kind_of_refusal(house: House) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        house.accept()
    return refused.value.kind


def complaints(house: House) -> list[str]:
    findings = self_check.look(house.settings, house.sealer, house.store, load())
    return [finding.text for finding in findings if finding.text.startswith("Store") and finding.level == "wrong"]


def test_a_store_made_anew_takes_nothing_until_the_backup_is_restored(house: House) -> None:
    lose(house)
    fresh = started_again(house)
    assert kind_of_refusal(fresh) == "incomplete"
    with pytest.raises(StoreUnavailable):
        fresh.store.drafts.change(DRAFT, lambda _: b"typed", HOUR)
    assert ReadinessCheck(fresh.sealer, fresh.store).look().failed["store"] == "incomplete"
    assert any("restore that backup" in text for text in complaints(fresh))
    assert "store" in {incident.name for incident in Alerts(fresh.settings, fresh.sealer, fresh.store)._of_outbox()}
    assert fresh.store.restore(house.settings.backup_folder / "latest.db") == 2
    fresh.store._identity._next_comparison = 0.0
    fresh.accept()
    assert fresh.store.reports.totals()["waiting"] == 3
    assert complaints(fresh) == []
    fresh.store.close()


def test_the_form_over_a_lost_store_opens_no_draft_and_leaving_works(house: House) -> None:
    lose(house)
    app = create_app(house.settings)
    client = app.test_client()
    page = client.post("/referral/", headers=AS_OUR_PAGE)
    assert page.status_code == 503 and "tel:" in page.text
    assert client.get("/readyz").status_code == 503
    assert client.get("/referral/exit").status_code == 303
    app.extensions["form_service"].store.close()


def test_a_store_that_the_backup_belongs_to_is_no_incident(house: House) -> None:
    house.accept()
    again = started_again(house)
    again.accept()
    assert again.store.problem() is None
    again.store.close()


@pytest.mark.parametrize("how", ["deleted", "replaced by a copy", "replaced by an empty file", "moved away"])
def test_a_file_replaced_under_a_running_process_confirms_nothing_that_is_lost(house: House, how: str) -> None:
    path = house.store.database.path
    assert path is not None
    confirmed = [house.accept()]
    copy = path.with_name("copy.db")
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    match how:
        case "deleted":
            lose(house)
        case "replaced by a copy":
            copy.replace(path)
        case "replaced by an empty file":
            path.unlink()
            path.touch()
        case _:
            path.rename(path.with_name("old.db"))
    for _ in range(12):
        with pytest.raises(StoreUnavailable):
            confirmed.append(house.accept())
    assert len(confirmed) == 1
    failed = ReadinessCheck(house.sealer, house.store).look().failed
    assert failed["store"] in ("replaced", "gone")


def test_in_production_a_restart_does_not_forget_that_the_file_was_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    settings = replace(Settings.from_environment(PRODUCTION, folder), backup_folder=tmp_path / "none")
    house = house_of(settings)
    house.accept()
    house.store.close()
    path = house.store.database.path
    assert path is not None
    for file in folder.glob("referrals.db*"):
        if file.suffix != ".id":
            file.unlink()
    again = started_again(house)
    assert kind_of_refusal(again) == "replaced"
    assert any("restart the service" in text for text in complaints(again))
    again.store.close()
    other = house_of(settings_of(tmp_path / "other"))
    other.accept()
    other.store.backup(tmp_path / "backup.db")
    other.store.close()
    command = started_again(house)
    command.store.restore(tmp_path / "backup.db")
    command.store.close()
    restarted = started_again(house)
    assert restarted.accept()
    restarted.store.close()


@pytest.mark.system
def test_another_postgresql_database_under_a_running_process_is_noticed(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    house = house_of(settings_of(tmp_path, FORM_DATABASE_URL=url))
    house.accept()
    with house.store.writing() as (connection, _):
        connection.execute(text("UPDATE fact SET value = 'of another store' WHERE name = 'store-id'"))
    house.accept()
    house.store.database.engine.dispose()  # a restart of the server ends every connection
    with pytest.raises(StoreUnavailable) as refused:
        house.accept()
    assert refused.value.kind == "replaced"
    assert kind_of_refusal(house) == "replaced"
    claim = house.store.outbox.claim()
    assert claim is not None and house.store.outbox.finish(claim, DeliveryResult(True)), "what is there is delivered"
    house.store.close()
