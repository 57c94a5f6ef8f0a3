"""A purge erases personal data from the database's files, or reports that traces remain."""

import sqlite3
import time
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.store.drafts import SentDraft
from form_service.store.engine import base
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import NewReferral
from tests.support.postgres import Postgres
from tests.support.service_parts import HOUR, SAFETY_NOTE, SECRET, ServiceParts, parts_of, parts_of_app, settings_of

DELIVERED = DeliveryResult(delivered=True)


def accept_referral_and_mark_delivered(parts: ServiceParts) -> NewReferral:
    """Accept a referral with one email, record the email as delivered, and return the referral."""
    referral = parts.referral()
    parts.store.referrals.accept(referral)
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DELIVERED)
    return referral


def is_email_in_table_files(postgres: Postgres, referral: NewReferral) -> bool:
    """Return whether any file of PostgreSQL's tables contains the referral's sealed email."""
    (mail,) = referral.emails
    postgres.checkpoint()
    return any(mail.sealed[40:80] in path.read_bytes() for path in postgres.table_files())


def test_a_purge_leaves_no_personal_data_in_any_file(tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path))
    sealed_emails = []
    for _ in range(30):
        referral = parts.referral(copy_to="sam@example.org")
        sealed_emails += [mail.sealed for mail in referral.emails]
        parts.store.drafts.change("e" * 32, lambda _: b"A DRAFT OF " + bytes(100), HOUR)
        old_content, new_content = b"A DRAFT OF " + bytes(100), b"A DRAFT OF " + bytes(200)
        parts.store.referrals.accept(referral, SentDraft("e" * 32, old_content, new_content, HOUR))
    while (claim := parts.store.outbox.claim()) is not None:
        parts.store.outbox.finish(claim, DELIVERED)
    parts.store.drafts.change("e" * 32, lambda _: None, HOUR)
    parts.store.purge(0)
    content_by_path = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert any(path.name == "referrals.db" for path in content_by_path)
    for path, content in content_by_path.items():
        assert b"A DRAFT OF" not in content, path.name
        assert b"sam@" not in content and SAFETY_NOTE.encode() not in content, path.name
        assert not [sealed_email for sealed_email in sealed_emails if sealed_email[40:80] in content], (
            f"a sealed copy is left in {path.name}"
        )
    parts.store.close()


def test_traces_kept_by_an_open_reader_are_reported_and_erased_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.2)
    app = create_app(settings_of(tmp_path))
    parts = parts_of_app(app)
    store = parts.store
    (mail,) = accept_referral_and_mark_delivered(parts).emails

    def is_email_on_disk() -> bool:
        return any(mail.sealed[40:80] in path.read_bytes() for path in tmp_path.glob("referrals.db*"))

    reader = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mail").fetchone()
    assert not store.purge(0).traces_erased and is_email_on_disk()
    with app.app_context():
        assert "still hold traces" in FlaskCliRunner(app).invoke(args=["outbox", "purge"]).output
    reader.execute("COMMIT")
    reader.close()
    assert store.purge(0).traces_erased and not is_email_on_disk()
    store.close()


@pytest.mark.system
def test_a_thorough_purge_leaves_nothing_in_postgresql_table_files(tmp_path: Path, postgres: Postgres) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    referral = accept_referral_and_mark_delivered(parts)

    assert is_email_in_table_files(postgres, referral), "the email is in the table files before the purge"
    assert parts.store.purge(0, thorough=True).traces_erased
    assert not is_email_in_table_files(postgres, referral)
    parts.store.close()


@pytest.mark.system
def test_traces_that_an_older_postgresql_transaction_keeps_are_reported(tmp_path: Path, postgres: Postgres) -> None:
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database(), FORM_KEEP_DAYS="0"))
    parts = parts_of_app(app)
    referral = accept_referral_and_mark_delivered(parts)
    parts.store.receipts.record(referral.reference)

    with parts.store.database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.exec_driver_sql("SELECT count(*) FROM fact").fetchall()  # locks no table that the purge rewrites
        with app.app_context():
            output = FlaskCliRunner(app).invoke(args=["outbox", "purge"]).output
        assert (
            "Wiped: emails 1," in output
            and "still hold traces" in output
            and is_email_in_table_files(postgres, referral)
        )
    assert parts.store.purge(0, needs_confirmation=True).traces_erased, "the worker's next purge is thorough at once"
    assert not is_email_in_table_files(postgres, referral)
    parts.store.close()


@pytest.mark.parametrize("concurrent_reader", ["nobody", "a reader"])
def test_reseal_erases_copies_encrypted_with_the_old_key_or_says_that_traces_remain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concurrent_reader: str
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.2)
    old_parts = parts_of(settings_of(tmp_path))
    referral = old_parts.referral()
    (mail,) = referral.emails
    old_parts.store.referrals.accept(referral)
    old_parts.store.close()
    app = create_app(settings_of(tmp_path, FORM_SECRET_KEYS=f"{'a-newer-key-' * 4},{SECRET}"))

    def is_email_on_disk() -> bool:
        return any(mail.sealed[40:80] in path.read_bytes() for path in tmp_path.glob("referrals.db*"))

    reader = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
    if concurrent_reader == "a reader":
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM mail").fetchone()
    with app.app_context():
        output = FlaskCliRunner(app).invoke(args=["reseal"]).output
    assert output.startswith("Emails encrypted again: 1.")
    assert ("still hold traces" in output) == is_email_on_disk() == (concurrent_reader == "a reader")
    reader.close()
    app.extensions["form_service"].store.close()


@pytest.mark.system
def test_a_purge_blocked_by_a_long_postgresql_read_delays_no_referral(tmp_path: Path, postgres: Postgres) -> None:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.accept()
    with parts.store.database.engine.connect() as reader:
        reader.exec_driver_sql("LOCK TABLE mail IN ACCESS SHARE MODE")
        started_at = time.monotonic()
        assert not parts.store.purge(0, thorough=True).traces_erased
        parts.accept()
        assert time.monotonic() - started_at < 4
    assert parts.store.purge(0, thorough=True).traces_erased
    parts.store.close()
