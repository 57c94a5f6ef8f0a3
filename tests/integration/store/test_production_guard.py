"""A command started without production's settings must not send a referral to a sample address."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.config.settings import Settings, SettingsError
from form_service.store import Store
from form_service.store.outbox import DeliveryResult
from form_service.store.readdressing import readdress
from tests.support.production_settings import PRODUCTION_SETTINGS
from tests.support.service_parts import ROOT, ServiceParts, parts_of, raise_unavailable, settings_of

pytestmark = pytest.mark.long


REFUSAL_MESSAGE = "SERVICE_ENV is not production, and FORM_DATABASE_URL names a store that production has used"


@pytest.fixture
def production_parts(database_url: str, tmp_path: Path) -> Iterator[ServiceParts]:
    """Yield a service with production settings on the test's database."""
    parts = parts_of(Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_DATABASE_URL": database_url}, tmp_path))
    yield parts
    parts.store.close()


def recipients_of_waiting_emails(parts: ServiceParts) -> set[str]:
    recipients = set()
    parts.store.outbox.make_due()
    while (claim := parts.store.outbox.claim()) is not None:
        recipients.add(claim.recipient)
        parts.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450"))
    return recipients


def test_development_does_not_open_the_store_of_production(production_parts: ServiceParts, tmp_path: Path) -> None:
    reference = production_parts.accept()
    development_settings = settings_of(tmp_path, FORM_DATABASE_URL=production_parts.settings.database_url)
    for open_store in (create_app, Store.open):
        with pytest.raises(SettingsError, match=f"^{REFUSAL_MESSAGE}.*front-door"):
            open_store(development_settings)
    assert recipients_of_waiting_emails(production_parts) == {"referrals@team.gov.uk"}
    assert [row.reference for row in production_parts.store.reports.waiting_deliveries()] == [reference]


def test_development_never_uses_a_production_store_that_was_down_at_the_start(
    production_parts: ServiceParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    production_parts.accept()
    development_settings = settings_of(tmp_path, FORM_DATABASE_URL=production_parts.settings.database_url)

    with monkeypatch.context() as patch:
        patch.setattr("form_service.store.production_guard._is_production_store", raise_unavailable)
        store = Store.open(development_settings)
    for use_store in (
        store.reports.waiting_deliveries,
        store.outbox.make_due,
        lambda: store.backup(tmp_path / "b.db"),
    ):
        with pytest.raises(SettingsError, match=REFUSAL_MESSAGE):
            use_store()
    store.close()


def test_production_can_open_a_store_that_development_created(database_url: str, tmp_path: Path) -> None:
    development_parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url))
    development_parts.accept()
    production_parts = parts_of(
        Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_DATABASE_URL": database_url}, tmp_path)
    )
    assert len(production_parts.store.reports.waiting_deliveries()) == 1
    for parts in (development_parts, production_parts):
        parts.store.close()


@pytest.mark.parametrize(
    "command", ["outbox retry --all", "outbox purge", "deliver --once", "serve --port 1", "check", "restore {}"]
)
def test_a_command_with_development_settings_changes_nothing_in_production(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "instance"
    parts = parts_of(Settings.from_environment(PRODUCTION_SETTINGS, folder))
    parts.accept()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FORM_", "SERVICE_"))}
    process = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "form_service", *command.format(__file__).split()],
        cwd=tmp_path,  # as in /var/lib/front-door, where the default for development also finds instance/referrals.db
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 1 and process.stdout == ""
    assert process.stderr.startswith(f"Error: {REFUSAL_MESSAGE}") and process.stderr.count("\n") == 1
    assert recipients_of_waiting_emails(parts) == {"referrals@team.gov.uk"}
    parts.store.close()


def test_waiting_emails_are_never_readdressed_to_a_sample_address(database_url: str, tmp_path: Path) -> None:
    # A backup may be restored on a machine whose settings are still the samples.
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url, FORM_TEAM_EMAIL="old@team.gov.uk"))
    parts.accept()
    for team_emails in (["rj.team@example.org.uk"], ["team@Example.org", "one@team.example"]):
        result = readdress(parts.store, team_emails)
        assert (result.readdressed_count, result.cancelled_count) == (0, 0)
    assert readdress(parts.store, ["rj.team@example.org", "new@team.gov.uk"]).readdressed_count == 1
    assert recipients_of_waiting_emails(parts) == {"new@team.gov.uk"}
    parts.store.close()
