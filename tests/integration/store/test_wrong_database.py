"""If the database is missing, locked or damaged, or belongs to another program, each command says so in one line."""

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import create_engine, inspect, text

from form_service.app import create_app
from form_service.config.settings import SettingsError
from form_service.store import Store, StoreUnavailable
from form_service.store.engine import base
from tests.support.commands import run_command
from tests.support.delivery import ScriptedRoute, worker_of
from tests.support.form_client import SAME_ORIGIN_HEADERS
from tests.support.service_parts import parts_of, settings_of
from tools.dev.ports import free_port

STORE_COMMANDS = ("migrate", "outbox list", "check", "outbox purge", "send-test", "deliver --once")


@pytest.fixture(params=["without migrations", "with Alembic's own table"])
def foreign_database_url(database_url: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database with another program's tables.

    In the second case, that program uses Alembic, as this service does.
    """
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (number integer)"))
        connection.execute(text("INSERT INTO invoice VALUES (7)"))
        if request.param != "without migrations":
            connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('8f3a')"))
    engine.dispose()
    return database_url


def rows_by_table(database_url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = {name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in tables}
    engine.dispose()
    return rows


def test_the_form_stays_closed_and_the_other_programs_tables_are_unchanged(
    foreign_database_url: str, tmp_path: Path
) -> None:
    rows_before = rows_by_table(foreign_database_url)
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL=foreign_database_url))
    response = app.test_client().post("/referral/", headers=SAME_ORIGIN_HEADERS)
    assert response.status_code == 503 and "tel:" in response.text
    readiness = app.test_client().get("/readyz")
    assert readiness.json is not None and readiness.json["checks"]["store"] == "foreign-tables"
    with app.app_context():
        for command in STORE_COMMANDS:
            result = FlaskCliRunner(app).invoke(args=command.split())
            assert result.exit_code == 1 and isinstance(result.exception, SystemExit), command
            assert "holds another program's tables" in result.output, (command, result.output)
    app.extensions["form_service"].store.close()
    assert rows_by_table(foreign_database_url) == rows_before


@pytest.mark.parametrize("journal_mode", ["delete", "truncate", "persist", "wal"])
def test_another_programs_file_is_left_unchanged_to_the_byte(tmp_path: Path, journal_mode: str) -> None:
    file = tmp_path / "other" / "invoices.db"
    file.parent.mkdir()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
        connection.execute("CREATE TABLE invoice (number integer)")
        connection.commit()
    files_before = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL=f"sqlite:///{file}"))
    assert app.test_client().post("/referral/", headers=SAME_ORIGIN_HEADERS).status_code == 503
    with app.app_context():
        for command in STORE_COMMANDS:
            result = FlaskCliRunner(app).invoke(args=command.split())
            assert result.exit_code == 1 and "holds another program's tables" in result.output, (command, result.output)
    app.extensions["form_service"].store.close()
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == files_before


def test_a_backup_can_be_used_as_the_database(tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path))
    reference = parts.accept()
    parts.store.backup(tmp_path / "copy.db")
    parts.store.close()
    copy_settings = settings_of(tmp_path, FORM_DATABASE_URL=f"sqlite:///{tmp_path / 'copy.db'}")
    copied_parts = parts_of(copy_settings)
    assert copied_parts.store.receipts.entry(reference) is not None
    copied_parts.accept()
    copied_parts.store.close()


def test_a_folder_instead_of_a_database_file_is_named_in_one_line(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}", f"sqlite:///{tmp_path}/", "sqlite:////"):
        with pytest.raises(SettingsError, match=r"^FORM_DATABASE_URL names a file that cannot be made: /.*directory"):
            Store.open(settings_of(tmp_path / "instance", FORM_DATABASE_URL=url))


def test_an_option_that_postgresql_does_not_have_is_named_in_one_line(tmp_path: Path) -> None:
    url = "postgresql+psycopg://form:secret@database.internal/form"
    with pytest.raises(
        SettingsError, match=r"^FORM_DATABASE_URL holds an option that PostgreSQL does not have: sslmod$"
    ):
        Store.open(settings_of(tmp_path, FORM_DATABASE_URL=f"{url}?sslmod=require"))
    Store.open(settings_of(tmp_path, FORM_DATABASE_URL=f"{url}?sslmode=require&host=/run/postgresql")).close()


@pytest.mark.parametrize(
    "command", [*STORE_COMMANDS, "reseal", "outbox retry --all", "report --month 2026-11", "backup {}"]
)
def test_a_command_fails_without_a_traceback_while_the_database_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(base, "RECONNECT_TIMEOUT_SECONDS", 0.0)
    url = f"postgresql+psycopg://form:secret@127.0.0.1:{free_port()}/form"
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL=url))
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=command.format(tmp_path / "new.db").split())
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    if command == "check":
        assert "Store: it cannot be read (gone)" in result.output
    else:
        assert result.output == "Error: The store is not available (gone).\n"


def test_the_command_deliver_once_fails_when_a_locked_database_kept_it_from_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.2)
    parts = parts_of(settings_of(tmp_path))
    parts.accept()
    blocker = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    route = ScriptedRoute()
    with contextlib.closing(blocker), pytest.raises(StoreUnavailable, match="locked"):
        worker_of(parts, route).run(once=True)
    assert route.attempted_references == []
    worker_of(parts, route).run(once=True)
    assert len(route.sent_emails) == 1
    parts.store.close()


def test_commands_report_a_damaged_database_and_their_advice_restores_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "instance")
    parts = parts_of(settings)
    references = {parts.accept() for _ in range(20)}
    parts.store.backup(tmp_path / "backup.db")
    parts.store.close()
    file = tmp_path / "instance" / "referrals.db"
    file.write_bytes(file.read_bytes()[:4096] + b"A" * (file.stat().st_size - 4096))

    restore_command = f"restore {tmp_path / 'backup.db'}"
    for command in (*STORE_COMMANDS, restore_command):
        status, output = run_command(settings, *command.split())
        assert status == 1 and "damaged: the file is damaged" in output, (command, output)
    assert "to another folder, then restore the latest backup" in output
    (tmp_path / "away").mkdir()
    for path in (tmp_path / "instance").glob("referrals.db*"):
        path.rename(tmp_path / "away" / path.name)
    assert "Referrals restored: 20." in run_command(settings, *restore_command.split())[1]
    assert references == set(re.findall(r"^(\S{9}) ", run_command(settings, "outbox", "list")[1], re.MULTILINE))
