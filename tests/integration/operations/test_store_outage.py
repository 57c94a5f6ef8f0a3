"""Each recipient gets one alert when the store stops responding, and another when it responds again."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from form_service.operations import alerts as alerts_module
from form_service.operations.alerts import IncidentChecker
from form_service.store import StoreUnavailable
from form_service.store.engine import base
from form_service.worker import Worker
from tests.support.alert_emails import recipients_and_subjects
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM_EMAILS, ServiceParts, parts_of, settings_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.server
StartMailServer = Callable[..., MailServer]
OPERATOR_EMAIL = "ops@ops.example"


class CheckCountingIncidentChecker(IncidentChecker):
    """A version of `IncidentChecker` that counts its checks, so that a test can wait for the next one."""

    check_count = 0

    def check(self) -> None:
        super().check()
        self.check_count += 1


@pytest.fixture
def alert_server(start_mail_server: StartMailServer) -> MailServer:
    """Return a mail server that only alerts use."""
    return start_mail_server()


@pytest.fixture
def parts(tmp_path: Path, alert_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceParts]:
    monkeypatch.setattr(alerts_module, "CHECK_INTERVAL_SECONDS", 0.05)
    monkeypatch.setattr(alerts_module, "is_disk_low", lambda *_: False)
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.05)
    mail_settings = {"FORM_SMTP_URL": "smtp://127.0.0.1:1", "FORM_ALERT_SMTP_URL": alert_server.url}
    parts = parts_of(settings_of(tmp_path / "instance", FORM_ALERT_EMAIL=OPERATOR_EMAIL, **mail_settings))
    parts.store.migrate()
    yield parts
    parts.store.close()


@contextmanager
def run_worker_with_checker(parts: ServiceParts) -> Iterator[CheckCountingIncidentChecker]:
    checker = CheckCountingIncidentChecker(parts.settings, parts.sealer, parts.store)
    worker = Worker(parts.settings, parts.sealer, parts.store, run_alongside=checker.run_in_thread)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: checker.check_count, "the first check has run")
        yield checker
    finally:
        worker.stop()
        thread.join(20)
        assert not thread.is_alive()


def test_a_database_folder_deleted_while_the_worker_runs_raises_one_alert(
    parts: ServiceParts, alert_server: MailServer
) -> None:
    with run_worker_with_checker(parts) as checker:
        assert parts.store.folder is not None
        shutil.rmtree(parts.store.folder)
        wait_until(lambda: len(alert_server.received_emails) == 2, "operator and team are told")
        check_count = checker.check_count
        wait_until(lambda: checker.check_count > check_count + 10, "more checks have run")
    assert recipients_and_subjects(alert_server) == [
        (OPERATOR_EMAIL, "The form needs attention"),
        (TEAM_EMAILS[0], "The form needs attention"),
    ]
    operator_text, team_text = (email.data.decode() for email in alert_server.received_emails)
    assert (
        "The form is closed, because its database is not responding (gone)." in operator_text
        and "front-door check" in operator_text
    )
    assert (
        "Until this is fixed" in " ".join(team_text.split())
        and "gone" not in team_text
        and "front-door" not in team_text
    )


def test_refused_alerts_about_an_outage_are_sent_later_and_its_end_is_reported_once(
    parts: ServiceParts, alert_server: MailServer
) -> None:
    alert_server.behaviour.faults["mail"] = "451 later"
    path = parts.store.database.path
    assert path is not None
    with run_worker_with_checker(parts) as checker:
        blocking_connection = sqlite3.connect(path, isolation_level=None)
        blocking_connection.execute("BEGIN IMMEDIATE")
        wait_until(lambda: alert_server.delivery_attempt_count > 1, "the first alerts were refused")
        assert alert_server.received_emails == []
        alert_server.behaviour.faults.clear()
        wait_until(lambda: len(alert_server.received_emails) == 2, "both are told")
        blocking_connection.rollback()
        wait_until(lambda: len(alert_server.received_emails) == 4, "both are told of the end")
        check_count = checker.check_count
        wait_until(lambda: checker.check_count > check_count + 5, "more checks have run")
        blocking_connection.close()
    assert recipients_and_subjects(alert_server)[2:] == [
        (OPERATOR_EMAIL, "A problem with the form is over"),
        (TEAM_EMAILS[0], "A problem with the form is over"),
    ]
    assert all(b"responding again" in email.data for email in alert_server.received_emails[2:])


def test_a_single_failed_check_of_the_store_raises_no_alert(parts: ServiceParts, alert_server: MailServer) -> None:
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    for failure in (StoreUnavailable("gone"), None, StoreUnavailable("gone"), None):
        checker._store_outage_alerts.record_check(failure, threading.Event())
    assert alert_server.received_emails == []
