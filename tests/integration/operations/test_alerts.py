"""Alerts delay no referral, reach every recipient, and do not flood their mailboxes."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.operations import alert_sender, backups, readiness
from form_service.operations.alerts import Alerts
from form_service.store.engine.disk import LOW_FREE_BYTES, RECOVERED_FREE_BYTES
from form_service.worker import Worker
from tests.support import authority
from tests.support.alert_emails import look, subjects
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM, Clock, ServiceParts, parts_of, settings_of
from tests.support.waiting import until

pytestmark = pytest.mark.long


Start = Callable[..., MailServer]
OPERATOR = "ops@ops.example"


@pytest.fixture
def enough_disk_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.operations.alerts.is_disk_low", lambda *_: False)


def ending_soon(folder: Path, **more: str) -> ServiceParts:
    """Return a service whose certificate expires in five days: the alerts for 60, 30 and 7 days are all due."""
    pair = authority.make(folder, "team", days=(-1, 5))
    names = {"FORM_TEAM_CERTIFICATES": str(pair.certificate), "FORM_TEAM_EMAIL": ",".join(TEAM)}
    return parts_of(settings_of(folder, FORM_ALERT_EMAIL=OPERATOR, **names, **more))


def test_a_dead_alert_server_delays_no_referral_and_no_stop(tmp_path: Path, mail_server: Start) -> None:
    dead, good = mail_server(faults={"greeting": "hang"}), mail_server()
    parts = ending_soon(tmp_path, FORM_SMTP_URL=good.url, FORM_ALERT_SMTP_URL=dead.url)
    alerts = Alerts(parts.settings, parts.sealer, parts.store)
    worker = Worker(parts.settings, parts.sealer, parts.store, run_alongside=alerts.run_in_thread)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    until(lambda: dead.connections, "the alert is on its way")
    for _ in range(3):
        parts.accept()
    until(lambda: len(good.received) == 6, "every referral arrives", seconds=12)
    heartbeat = parts.store.reports.outbox_state().heartbeat_age
    assert heartbeat is not None and heartbeat < readiness.WORKER_DEAD_SECONDS / 3
    begun = time.monotonic()
    worker.stop()
    thread.join(20)
    assert not thread.is_alive() and time.monotonic() - begun < alert_sender.CHECK_SECONDS / 2
    parts.store.close()


@pytest.mark.parametrize("fault", ["hang", "drop"])
def test_a_server_that_does_not_answer_is_left_until_the_next_look(
    tmp_path: Path, mail_server: Start, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(alert_sender, "CHECK_SECONDS", 0.5)
    server = mail_server(faults={"greeting": fault})
    parts = ending_soon(tmp_path, FORM_SMTP_URL=server.url)
    begun = time.monotonic()
    Alerts(parts.settings, parts.sealer, parts.store).check()
    assert server.connections == 1 and time.monotonic() - begun < 3
    parts.store.close()


@pytest.mark.usefixtures("enough_disk_space")
def test_an_operator_named_later_or_whose_server_was_busy_is_alerted_too(
    parts: ServiceParts, clock: Clock, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mail_server(refused={OPERATOR: "451 greylisted, come back later"})
    parts.settings = replace(parts.settings, smtp_url=server.url)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    look(Alerts(parts.settings, parts.sealer, parts.store), clock)
    assert [subject for subject, _ in subjects(server)] == [TEAM[0]], "nobody else is named"
    named = Alerts(replace(parts.settings, alert_email=OPERATOR), parts.sealer, parts.store)
    look(named, clock)
    look(named, clock)
    assert len(server.received) == 1
    server.behaviour.refused.clear()
    for _ in range(3):
        look(named, clock)
    assert [subject for subject, _ in subjects(server)] == [TEAM[0], OPERATOR], "once each"
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: None)
    server.behaviour.refused[OPERATOR] = "451 later"
    look(named, clock)
    server.behaviour.refused.clear()
    for _ in range(3):
        look(named, clock)
    assert sorted(subjects(server)[2:]) == [
        (TEAM[0], "The form is working again"),
        (OPERATOR, "The form is working again"),
    ]
    left = [name for name in parts.store.facts.all() if name.startswith(("incident:", "told:"))]
    assert left == []


@pytest.mark.usefixtures("enough_disk_space")
def test_an_incident_that_nobody_was_alerted_to_ends_silently(
    parts: ServiceParts, clock: Clock, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mail_server(faults={"mail": "451 later"})
    parts.settings = replace(parts.settings, smtp_url=server.url, alert_email=OPERATOR)
    alerts = Alerts(parts.settings, parts.sealer, parts.store)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    look(alerts, clock)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: None)
    server.behaviour.faults.clear()
    look(alerts, clock)
    assert server.received == [] and not [name for name in parts.store.facts.all() if name.startswith("incident:")]


def test_an_address_that_hangs_keeps_nothing_from_the_operator(
    tmp_path: Path, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_sender, "CHECK_SECONDS", 0.5)
    server = mail_server(refused={TEAM[0]: "hang"})
    parts = ending_soon(tmp_path, FORM_SMTP_URL=server.url)
    Alerts(parts.settings, parts.sealer, parts.store).check()
    assert [subject for subject, _ in subjects(server)].count(OPERATOR) == 3
    parts.store.close()


def test_a_disk_that_swings_around_its_limit_is_two_mails_and_not_sixty(
    tmp_path: Path, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, clock, free = mail_server(), Clock(), LOW_FREE_BYTES
    parts = parts_of(settings_of(tmp_path, FORM_SMTP_URL=server.url, FORM_ALERT_EMAIL=OPERATOR), clock)
    monkeypatch.setattr(readiness, "free_bytes", lambda _: free)
    alerts = Alerts(parts.settings, parts.sealer, parts.store)
    for minute in range(60):
        free = LOW_FREE_BYTES + (-1 if minute % 2 else 1)
        look(alerts, clock)
    free = RECOVERED_FREE_BYTES - 1
    look(alerts, clock)
    assert subjects(server) == [(OPERATOR, "The form needs attention")]
    free = RECOVERED_FREE_BYTES
    look(alerts, clock)
    assert subjects(server)[1:] == [(OPERATOR, "The form is working again")]
    parts.store.close()


@pytest.mark.usefixtures("enough_disk_space")
def test_stopped_backups_raise_an_alert(parts: ServiceParts, clock: Clock, mail_server: Start, tmp_path: Path) -> None:
    server, folder = mail_server(), tmp_path / "backups"
    parts.settings = replace(parts.settings, smtp_url=server.url, alert_email=OPERATOR, backup_folder=folder)
    alerts = Alerts(parts.settings, parts.sealer, parts.store)
    look(alerts, clock)
    assert server.received == [], "this machine makes none"
    folder.mkdir()
    look(alerts, clock)
    assert server.received == [], "it was set up just now"
    alerts._started_at -= backups.MAX_AGE_SECONDS + 1
    look(alerts, clock)
    assert len(server.received) == 1 and b"No backup has been made" in server.received[0].data
    made = folder / "20261125T120000Z.db"
    made.touch()
    look(alerts, clock)
    assert subjects(server)[1:] == [(OPERATOR, "The form is working again")]
    old = time.time() - backups.MAX_AGE_SECONDS - 60
    os.utime(made, (old, old))
    look(alerts, clock)
    assert subjects(server)[2:] == [(OPERATOR, "The form needs attention")]


@pytest.mark.usefixtures("enough_disk_space")
def test_the_team_reads_what_to_do_and_never_a_command(
    parts: ServiceParts, clock: Clock, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mail_server()
    parts.settings = replace(parts.settings, smtp_url=server.url, alert_email=OPERATOR)
    alerts = Alerts(parts.settings, parts.sealer, parts.store)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    look(alerts, clock)
    texts = {taken.recipient: " ".join(taken.data.decode().split()) for taken in server.received}
    assert "Tell the person who runs the form. Until this is fixed" in texts[TEAM[0]]
    assert "front-door" not in texts[TEAM[0]] and "front-door check" in texts[OPERATOR]
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: None)
    look(alerts, clock)
    assert all(b"The form is open again" in taken.data for taken in server.received[-2:])
