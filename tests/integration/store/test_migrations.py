"""The service migrates a store of any earlier version. Several threads may migrate one store at the same time."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.testing import FlaskCliRunner
from sqlalchemy import MetaData, Table

from form_service.app import create_app
from form_service.config.settings import Settings
from form_service.crypto import draft_keys
from form_service.store import StoreUnavailable
from form_service.store.backup import BackupError
from form_service.store.engine import migrate
from form_service.store.engine.sqlite import SQLite
from form_service.store.outbox import DeliveryResult
from form_service.store.schema import metadata
from tests.support.form_client import SAME_ORIGIN_HEADERS
from tests.support.service_parts import ServiceParts, parts_of, settings_of


def revisions() -> list[str]:
    script_directory = ScriptDirectory(str(migrate.MIGRATIONS_FOLDER))
    return [script.revision for script in reversed(list(script_directory.walk_revisions()))]


def test_the_newest_revision_is_the_one_that_the_code_expects() -> None:
    assert revisions()[-1] == migrate.NEWEST_REVISION


@pytest.mark.parametrize("revision", revisions())
def test_emails_that_wait_in_an_older_schema_are_delivered(database_url: str, tmp_path: Path, revision: str) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url))
    migrate.migrate(parts.store.database, revision)
    referral = parts.referral()
    (mail,) = referral.emails
    row_by_table: dict[str, dict[str, Any]] = {
        "referral": {"submission_id": "s", "route": "harmed", "language": "en", "accepted_at": 1.0},
        "mail": {
            "id": "m",
            "kind": "team",
            "message_id": "<x>",
            "key_id": mail.key_id,
            "sealed": mail.sealed,
            "made_at": 1.0,
        },
        "delivery": {
            "id": "d",
            "mail_id": "m",
            "recipient": "one@team.example",
            "state": "waiting",
            "waiting_since": 1.0,
        }
        | {"next_try": 1.0, "tries": 0, "refused": 0, "maybe_sent": 0},
    }
    with parts.store.database.engine.begin() as connection:
        for table_name, row in row_by_table.items():
            table = Table(table_name, MetaData(), autoload_with=connection)
            value_by_column = row | {"reference": referral.reference}
            connection.execute(table.insert(), {key: value for key, value in value_by_column.items() if key in table.c})
    claim = parts.store.outbox.claim()
    assert claim is not None and claim.reference == referral.reference
    assert parts.store.outbox.finish(claim, DeliveryResult(True))
    parts.store.close()


def test_migrations_create_the_tables_that_the_code_expects(database_url: str, tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url))
    parts.store.migrate()
    with parts.store.database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [difference for difference in differences if "_index" not in str(difference[0])] == []
    parts.store.close()


def test_threads_that_migrate_the_same_store_at_the_same_time_all_succeed(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, FORM_DATABASE_URL=database_url)
    failures: list[BaseException] = []

    def migrate_and_accept() -> None:
        parts = parts_of(settings)
        try:
            parts.store.migrate()
            parts.accept()
        except StoreUnavailable as error:
            failures.append(error)
        finally:
            parts.store.close()

    threads = [threading.Thread(target=migrate_and_accept) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_sqlite_uses_wal_full_sync_and_secure_delete(tmp_path: Path) -> None:
    database = SQLite(f"sqlite:///{tmp_path}/x.db")
    with database.reading() as (connection, _):
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    database.close()


@pytest.fixture
def settings_for_newer_store(database_url: str, tmp_path: Path) -> Settings:
    """Return the settings of a store that is marked as migrated by a later version of the service."""
    settings = settings_of(tmp_path, FORM_DATABASE_URL=database_url)
    parts = parts_of(settings)
    parts.accept()
    with parts.store.writing() as (connection, _):
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    parts.store.close()
    return settings


def test_with_a_newer_schema_the_form_is_closed_and_people_can_leave_it(settings_for_newer_store: Settings) -> None:
    app = create_app(settings_for_newer_store)
    client = app.test_client()
    client.set_cookie("draft", draft_keys.new_cookie(), path="/referral/")
    assert client.get("/referral/exit").status_code == 303
    assert client.post("/referral/exit").status_code == 204
    assert client.get("/healthz").status_code == 200
    readiness = client.get("/readyz")
    assert (
        readiness.status_code == 503
        and readiness.json is not None
        and readiness.json["checks"]["store"] == "schema-newer"
    )
    response = client.post("/referral/", headers=SAME_ORIGIN_HEADERS)
    assert response.status_code == 503 and "tel:" in response.text
    app.extensions["form_service"].store.close()


@pytest.mark.parametrize("command", ["migrate", "outbox list", "outbox purge", "check", "send-test", "backup {}/b.db"])
def test_with_a_newer_schema_every_command_says_so_in_one_line(
    settings_for_newer_store: Settings, tmp_path: Path, command: str
) -> None:
    app = create_app(settings_for_newer_store)
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=command.format(tmp_path).split())
    assert result.exit_code == 1
    assert "a newer version of this service has migrated it" in result.output
    assert isinstance(result.exception, SystemExit), "no traceback"
    app.extensions["form_service"].store.close()


def test_a_backup_of_a_newer_version_is_refused_with_a_clear_message(parts: ServiceParts, tmp_path: Path) -> None:
    parts.accept()
    file = tmp_path / "newer.db"
    parts.store.backup(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BackupError, match="a newer version of this service"):
        parts.store.restore(file)
