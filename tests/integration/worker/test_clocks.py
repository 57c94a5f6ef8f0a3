"""Workers whose clocks differ by a day send each email exactly once and without delay."""

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
from tests.support.waiting import wait_until

pytestmark = pytest.mark.system


def deliver_with_clock_offset(parts: ServiceParts, offset: str, folder: Path) -> str:
    """Run a worker under faketime until no delivery is due; return its log.

    `offset` moves the worker's clock: "+1d" sets it a day ahead.
    """
    environment = environment_of(parts.settings) | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    command = ["faketime", "-f", offset, sys.executable, "-m", "flask", "--app", "form_service", "deliver", "--once"]
    process = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 0, process.stderr
    return process.stderr


@pytest.mark.parametrize("offset", ["+1d", "-1d"])
def test_a_worker_whose_clock_is_wrong_by_a_day_sends_no_email_that_another_worker_has_claimed(
    postgres: Postgres, tmp_path: Path, offset: str
) -> None:
    server = MailServer()
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database(), FORM_SMTP_URL=server.url))
    claimed_reference = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None and claim.reference == claimed_reference
    waiting_reference = parts.accept()
    worker_log = deliver_with_clock_offset(parts, offset, tmp_path)
    emails = [mail.data for mail in server.received_emails]
    assert [waiting_reference.encode() in email for email in emails] == [True], (
        f"only the unclaimed delivery is sent:\n{worker_log}"
    )
    assert parts.store.outbox.finish(claim, DeliveryResult(True)), "the lease had not ended"
    assert parts.store.reports.counts_by_outcome()["delivered"] == 2
    server.close()
    parts.store.close()


def test_a_delivery_tried_by_a_worker_with_a_fast_clock_is_retried_within_seconds(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = postgres.new_database()
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database, FORM_SMTP_URL="smtp://127.0.0.1:1"))
    reference = parts.accept()
    deliver_with_clock_offset(parts, "+1d", tmp_path)
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.reference, row.tries, row.error) == (reference, 1, "connection-refused")
    route = ScriptedRoute()
    worker = worker_of(parts, route)
    wait_until(lambda: deliver_due(worker) or route.attempted_references, "the delivery is due again")
    assert route.attempted_references == [reference]
    parts.store.close()
