"""Machines whose clocks disagree: a second process runs under faketime on the same PostgreSQL database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from form_service.store.outbox import DeliveryResult
from tests.support.delivery import ScriptedRoute, deliver_due, worker_of
from tests.support.mail_server import MailServer
from tests.support.postgres import Postgres
from tests.support.service_parts import ServiceParts, environment_of, parts_of, settings_of
from tests.support.waiting import until

pytestmark = pytest.mark.system


def deliver_elsewhere(parts: ServiceParts, turned: str, folder: Path) -> str:
    """Run a worker with its clock offset by `turned` (faketime) until nothing is due; return its log."""
    settings = environment_of(parts.settings) | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    command = ["faketime", "-f", turned, sys.executable, "-m", "flask", "--app", "form_service", "deliver", "--once"]
    done = subprocess.run(command, cwd=folder, env=os.environ | settings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("turned", ["+1d", "-1d"])
def test_a_machine_whose_clock_is_a_day_wrong_sends_nothing_that_another_has_claimed(
    postgres: Postgres, tmp_path: Path, turned: str
) -> None:
    server = MailServer()
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database(), FORM_SMTP_URL=server.url))
    in_hand = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None and claim.reference == in_hand
    waiting = parts.accept()
    log = deliver_elsewhere(parts, turned, tmp_path)
    subjects = [mail.data for mail in server.received]
    assert [waiting.encode() in subject for subject in subjects] == [True], f"only what nobody had in hand:\n{log}"
    assert parts.store.outbox.finish(claim, DeliveryResult(True)), "the lease had not ended"
    assert parts.store.reports.counts_by_outcome()["delivered"] == 2
    server.close()
    parts.store.close()


def test_a_delivery_tried_by_a_machine_with_a_fast_clock_is_retried_within_seconds(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = postgres.new_database()
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database, FORM_SMTP_URL="smtp://127.0.0.1:1"))
    name = parts.accept()
    deliver_elsewhere(parts, "+1d", tmp_path)
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.reference, row.tries, row.error) == (name, 1, "connection-refused")
    route = ScriptedRoute()
    worker = worker_of(parts, route)
    until(lambda: deliver_due(worker) or route.tried, "it is due again")
    assert route.tried == [name]
    parts.store.close()
