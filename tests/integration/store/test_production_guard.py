"""A command started without production's settings must not send a referral to a sample address."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.config.settings import Settings, SettingsError
from form_service.store import Store, StoreUnavailable
from form_service.store.outbox import DeliveryResult
from form_service.store.readdressing import readdress
from tests.support.production_settings import PRODUCTION
from tests.support.service_parts import ROOT, ServiceParts, parts_of, settings_of

pytestmark = pytest.mark.long


REFUSED = "SERVICE_ENV is not production, and FORM_DATABASE_URL names a store that production has used"


@pytest.fixture
def real(database_url: str, tmp_path: Path) -> Iterator[ServiceParts]:
    """Yield a service with production's settings."""
    parts = parts_of(Settings.from_environment(PRODUCTION | {"FORM_DATABASE_URL": database_url}, tmp_path))
    yield parts
    parts.store.close()


def waiting_for(parts: ServiceParts) -> set[str]:
    found = set()
    parts.store.outbox.make_due()
    while (claim := parts.store.outbox.claim()) is not None:
        found.add(claim.recipient)
        parts.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450"))
    return found


def test_development_does_not_open_the_store_of_production(real: ServiceParts, tmp_path: Path) -> None:
    name = real.accept()
    plain = settings_of(tmp_path, FORM_DATABASE_URL=real.settings.database_url)
    for start in (create_app, Store.open):
        with pytest.raises(SettingsError, match=f"^{REFUSED}.*front-door"):
            start(plain)
    assert waiting_for(real) == {"referrals@team.gov.uk"}
    assert [row.reference for row in real.store.reports.waiting_deliveries()] == [name]


def test_a_store_that_was_away_at_the_start_is_asked_at_its_first_use(
    real: ServiceParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.accept()
    plain = settings_of(tmp_path, FORM_DATABASE_URL=real.settings.database_url)

    def away(_database: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr("form_service.store.production_guard._is_marked", away)
        store = Store.open(plain)
    for use in (store.reports.waiting_deliveries, store.outbox.make_due, lambda: store.backup(tmp_path / "b.db")):
        with pytest.raises(SettingsError, match=REFUSED):
            use()
    store.close()


def test_production_may_take_over_what_development_began(database_url: str, tmp_path: Path) -> None:
    trial = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url))
    trial.accept()
    parts = parts_of(Settings.from_environment(PRODUCTION | {"FORM_DATABASE_URL": database_url}, tmp_path))
    assert len(parts.store.reports.waiting_deliveries()) == 1
    for item in (trial, parts):
        item.store.close()


@pytest.mark.parametrize(
    "command", ["outbox retry --all", "outbox purge", "deliver --once", "serve --port 1", "check", "restore {}"]
)
def test_every_command_says_so_in_one_line_and_changes_nothing(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "instance"
    parts = parts_of(Settings.from_environment(PRODUCTION, folder))
    parts.accept()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FORM_", "SERVICE_"))}
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "form_service", *command.format(__file__).split()],
        cwd=tmp_path,  # as in /var/lib/front-door, where the default for development also finds instance/referrals.db
        env=clean | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.startswith(f"Error: {REFUSED}") and ended.stderr.count("\n") == 1
    assert waiting_for(parts) == {"referrals@team.gov.uk"}
    parts.store.close()


def test_nothing_that_waits_is_given_a_sample_address(database_url: str, tmp_path: Path) -> None:
    """This happens when a backup is restored on another machine whose settings are still the samples."""
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url, FORM_TEAM_EMAIL="old@team.gov.uk"))
    parts.accept()
    for samples in (["rj.team@example.org.uk"], ["team@Example.org", "one@team.example"]):
        moved = readdress(parts.store, samples)
        assert (moved.readdressed, moved.dropped) == (0, 0)
    assert readdress(parts.store, ["rj.team@example.org", "new@team.gov.uk"]).readdressed == 1
    assert waiting_for(parts) == {"new@team.gov.uk"}
    parts.store.close()
