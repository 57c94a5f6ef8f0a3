"""What a purge leaves in the database's files."""

import sqlite3
import time
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.store.drafts import SentDraft
from form_service.store.engine import base
from form_service.store.outbox import DeliveryResult
from tests.support.postgres import Postgres
from tests.support.service_parts import HOUR, STORY, ServiceParts, parts_of, settings_of

DELIVERED = DeliveryResult(delivered=True)


def test_nothing_personal_is_left_in_any_file(tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path))
    sealed = []
    for _ in range(30):
        new = parts.referral(copy_to="sam@example.org")
        sealed += [mail.sealed for mail in new.mails]
        parts.store.drafts.change("e" * 32, lambda _: b"A DRAFT OF " + bytes(100), HOUR)
        old_content, after = b"A DRAFT OF " + bytes(100), b"A DRAFT OF " + bytes(200)
        parts.store.referrals.accept(new, SentDraft("e" * 32, old_content, after, HOUR))
    while (claim := parts.store.outbox.claim()) is not None:
        parts.store.outbox.finish(claim, DELIVERED)
    parts.store.drafts.change("e" * 32, lambda _: None, HOUR)
    parts.store.purge(0)
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert any(path.name == "referrals.db" for path in files)
    for path, content in files.items():
        assert b"A DRAFT OF" not in content, path.name
        assert b"sam@" not in content and STORY.encode() not in content, path.name
        assert not [copy for copy in sealed if copy[40:80] in content], f"a sealed copy is left in {path.name}"
    parts.store.close()


def test_a_purge_beside_an_open_reader_says_that_traces_are_left_and_a_later_one_erases_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.2)
    app = create_app(settings_of(tmp_path))
    store = app.extensions["form_service"].store
    parts = ServiceParts(app.extensions["form_service"].settings, app.extensions["form_service"].sealer, store)
    new = parts.referral()
    store.referrals.accept(new)
    claim = store.outbox.claim()
    assert claim is not None
    store.outbox.finish(claim, DELIVERED)
    (mail,) = new.mails

    def is_on_disk() -> bool:
        return any(mail.sealed[40:80] in path.read_bytes() for path in tmp_path.glob("referrals.db*"))

    reader = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mail").fetchone()
    assert not store.purge(0).traces_erased and is_on_disk()
    with app.app_context():
        assert "still hold traces" in FlaskCliRunner(app).invoke(args=["outbox", "purge"]).output
    reader.execute("COMMIT")
    reader.close()
    assert store.purge(0).traces_erased and not is_on_disk()
    store.close()


@pytest.mark.system
def test_a_thorough_purge_leaves_nothing_in_postgresql_s_tables(tmp_path: Path, postgres: Postgres) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    new = parts.referral()
    (mail,) = new.mails
    parts.store.referrals.accept(new)
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DELIVERED)

    def is_in_a_table() -> bool:
        postgres.checkpoint()
        return any(mail.sealed[40:80] in path.read_bytes() for path in postgres.table_files())

    assert is_in_a_table(), "the test finds what is there"
    assert parts.store.purge(0, thoroughly=True).traces_erased
    assert not is_in_a_table()
    parts.store.close()


@pytest.mark.system
def test_a_purge_makes_nobody_wait_behind_a_long_read_of_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.accept()
    with parts.store.database.engine.connect() as dump:
        dump.exec_driver_sql("LOCK TABLE mail IN ACCESS SHARE MODE")
        begun = time.monotonic()
        assert not parts.store.purge(0, thoroughly=True).traces_erased
        parts.accept()
        assert time.monotonic() - begun < 4
    assert parts.store.purge(0, thoroughly=True).traces_erased
    parts.store.close()
