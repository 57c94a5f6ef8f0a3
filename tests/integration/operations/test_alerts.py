"""Alerts delay no referral, reach every recipient, and flood no mailbox."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.operations import alert_sender, backups, readiness
from form_service.operations.alerts import IncidentChecker
from form_service.store.engine.disk import LOW_FREE_BYTES, RECOVERED_FREE_BYTES
from form_service.worker import Worker
from tests.support import authority
from tests.support.alert_emails import check_for_incidents, recipients_and_subjects
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts, parts_of, settings_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.long


StartMailServer = Callable[..., MailServer]
OPERATOR_EMAIL = "ops@ops.example"


@pytest.fixture
def enough_disk_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.operations.alerts.is_disk_low", lambda *_: False)


def service_with_expiring_certificate(folder: Path, **environment: str) -> ServiceParts:
    """Return a service whose certificate expires in five days, which raises an alert."""
    certificate_files = authority.make_certificate(folder, "team", validity_days=(-1, 5))
    team_settings = {
        "FORM_TEAM_CERTIFICATES": str(certificate_files.certificate),
        "FORM_TEAM_EMAIL": ",".join(TEAM_EMAILS),
    }
    return parts_of(settings_of(folder, FORM_ALERT_EMAIL=OPERATOR_EMAIL, **team_settings, **environment))


def test_a_hanging_alert_server_delays_no_referral_and_no_shutdown(
    tmp_path: Path, start_mail_server: StartMailServer
) -> None:
    hanging_server, working_server = start_mail_server(faults={"greeting": "hang"}), start_mail_server()
    parts = service_with_expiring_certificate(
        tmp_path, FORM_SMTP_URL=working_server.url, FORM_ALERT_SMTP_URL=hanging_server.url
    )
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    worker = Worker(parts.settings, parts.sealer, parts.store, run_alongside=checker.run_in_thread)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    wait_until(lambda: hanging_server.connection_count, "the alert is on its way")
    for _ in range(3):
        parts.accept()
    wait_until(lambda: len(working_server.received_emails) == 6, "every referral arrives", seconds=12)
    heartbeat_age = parts.store.reports.outbox_state().heartbeat_age
    assert heartbeat_age is not None and heartbeat_age < readiness.MAX_HEARTBEAT_AGE_SECONDS / 3
    stopped_at = time.monotonic()
    worker.stop()
    thread.join(20)
    assert not thread.is_alive() and time.monotonic() - stopped_at < alert_sender.CHECK_SECONDS / 2
    parts.store.close()


@pytest.mark.parametrize("fault", ["hang", "drop"])
def test_a_failing_mail_server_is_tried_once_in_each_check_for_incidents(
    tmp_path: Path, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(alert_sender, "CHECK_SECONDS", 0.5)
    server = start_mail_server(faults={"greeting": fault})
    parts = service_with_expiring_certificate(tmp_path, FORM_SMTP_URL=server.url)
    started_at = time.monotonic()
    IncidentChecker(parts.settings, parts.sealer, parts.store).check()
    assert server.connection_count == 1 and time.monotonic() - started_at < 3
    parts.store.close()


@pytest.mark.usefixtures("enough_disk_space")
def test_an_operator_who_is_added_during_an_incident_is_alerted_after_greylisting_ends(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_mail_server(refusals={OPERATOR_EMAIL: "451 greylisted, come back later"})
    parts.settings = replace(parts.settings, smtp_url=server.url)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    check_for_incidents(IncidentChecker(parts.settings, parts.sealer, parts.store), clock)
    assert [recipient for recipient, _ in recipients_and_subjects(server)] == [TEAM_EMAILS[0]], (
        "no operator is configured yet"
    )
    checker_with_operator = IncidentChecker(
        replace(parts.settings, alert_email=OPERATOR_EMAIL), parts.sealer, parts.store
    )
    check_for_incidents(checker_with_operator, clock)
    check_for_incidents(checker_with_operator, clock)
    assert len(server.received_emails) == 1
    server.behaviour.refusals.clear()
    for _ in range(3):
        check_for_incidents(checker_with_operator, clock)
    assert [recipient for recipient, _ in recipients_and_subjects(server)] == [TEAM_EMAILS[0], OPERATOR_EMAIL], (
        "once each"
    )
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: None)
    server.behaviour.refusals[OPERATOR_EMAIL] = "451 later"
    check_for_incidents(checker_with_operator, clock)
    server.behaviour.refusals.clear()
    for _ in range(3):
        check_for_incidents(checker_with_operator, clock)
    assert sorted(recipients_and_subjects(server)[2:]) == [
        (TEAM_EMAILS[0], "A problem with the form is over"),
        (OPERATOR_EMAIL, "A problem with the form is over"),
    ]
    incident_fact_names = [name for name in parts.store.facts.all() if name.startswith(("incident:", "told:"))]
    assert incident_fact_names == []


@pytest.mark.usefixtures("enough_disk_space")
def test_nobody_is_told_of_the_end_of_an_incident_they_never_heard_of(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_mail_server(faults={"mail": "451 later"})
    parts.settings = replace(parts.settings, smtp_url=server.url, alert_email=OPERATOR_EMAIL)
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    check_for_incidents(checker, clock)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: None)
    server.behaviour.faults.clear()
    check_for_incidents(checker, clock)
    assert server.received_emails == [] and not [
        name for name in parts.store.facts.all() if name.startswith("incident:")
    ]


def test_if_the_mail_server_hangs_on_a_team_address_the_operator_is_still_alerted(
    tmp_path: Path, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_sender, "CHECK_SECONDS", 0.5)
    server = start_mail_server(refusals={TEAM_EMAILS[0]: "hang"})
    parts = service_with_expiring_certificate(tmp_path, FORM_SMTP_URL=server.url)
    IncidentChecker(parts.settings, parts.sealer, parts.store).check()
    assert [recipient for recipient, _ in recipients_and_subjects(server)].count(OPERATOR_EMAIL) == 1
    parts.store.close()


def test_free_space_that_fluctuates_around_the_limit_sends_two_emails_not_sixty(
    tmp_path: Path, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, clock, free_space = start_mail_server(), Clock(), LOW_FREE_BYTES
    parts = parts_of(settings_of(tmp_path, FORM_SMTP_URL=server.url, FORM_ALERT_EMAIL=OPERATOR_EMAIL), clock)
    monkeypatch.setattr(readiness, "free_bytes", lambda _: free_space)
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    for minute in range(60):
        free_space = LOW_FREE_BYTES + (-1 if minute % 2 else 1)
        check_for_incidents(checker, clock)
    free_space = RECOVERED_FREE_BYTES - 1
    check_for_incidents(checker, clock)
    assert recipients_and_subjects(server) == [(OPERATOR_EMAIL, "The form needs attention")]
    free_space = RECOVERED_FREE_BYTES
    check_for_incidents(checker, clock)
    assert recipients_and_subjects(server)[1:] == [(OPERATOR_EMAIL, "A problem with the form is over")]
    parts.store.close()


@pytest.mark.usefixtures("enough_disk_space")
def test_missing_and_outdated_backups_raise_an_alert(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, tmp_path: Path
) -> None:
    server, folder = start_mail_server(), tmp_path / "backups"
    parts.settings = replace(parts.settings, smtp_url=server.url, alert_email=OPERATOR_EMAIL, backup_folder=folder)
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    check_for_incidents(checker, clock)
    assert server.received_emails == [], "no backups are set up on this machine"
    folder.mkdir()
    check_for_incidents(checker, clock)
    assert server.received_emails == [], "backups were set up just now"
    checker._started_at -= backups.MAX_BACKUP_AGE_SECONDS + 1
    check_for_incidents(checker, clock)
    assert len(server.received_emails) == 1 and b"No backup has been made" in server.received_emails[0].data
    backup = folder / "20261125T120000Z.db"
    backup.touch()
    check_for_incidents(checker, clock)
    assert recipients_and_subjects(server)[1:] == [(OPERATOR_EMAIL, "A problem with the form is over")]
    outdated_time = time.time() - backups.MAX_BACKUP_AGE_SECONDS - 60
    os.utime(backup, (outdated_time, outdated_time))
    check_for_incidents(checker, clock)
    assert recipients_and_subjects(server)[2:] == [(OPERATOR_EMAIL, "The form needs attention")]


@pytest.mark.usefixtures("enough_disk_space")
def test_an_alert_tells_the_team_what_to_do_without_any_command(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_mail_server()
    parts.settings = replace(parts.settings, smtp_url=server.url, alert_email=OPERATOR_EMAIL)
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    check_for_incidents(checker, clock)
    texts_by_recipient = {email.recipient: " ".join(email.data.decode().split()) for email in server.received_emails}
    assert "Tell the person who runs the form. Until this is fixed" in texts_by_recipient[TEAM_EMAILS[0]]
    assert (
        "front-door" not in texts_by_recipient[TEAM_EMAILS[0]]
        and "front-door check" in texts_by_recipient[OPERATOR_EMAIL]
    )
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: None)
    check_for_incidents(checker, clock)
    assert all(
        b"The form can encrypt referrals for the team again" in email.data for email in server.received_emails[-2:]
    )
