"""Each incident raises one alert, and no health check, metric or alert contains personal data."""

import json
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask

from form_service.app import create_app
from form_service.operations.alerts import IncidentChecker
from form_service.operations.readiness import LATE_DELIVERY_SECONDS, ReadinessCheck
from form_service.store.outbox import DeliveryResult
from tests.support import authority
from tests.support.alert_emails import check_for_incidents, recipients_and_subjects
from tests.support.mail_server import MailServer
from tests.support.service_parts import (
    METRICS_TOKEN,
    SAFETY_NOTE,
    Clock,
    ServiceParts,
    parts_of,
    parts_of_app,
    settings_of,
)

StartMailServer = Callable[..., MailServer]


def test_readyz_needs_a_running_worker_but_the_form_stays_open_without_one(app: Flask) -> None:
    client, store = app.test_client(), app.extensions["form_service"].store
    response = client.get("/readyz")
    assert response.status_code == 503 and response.json is not None
    assert response.json["checks"]["worker"] == "no heartbeat", "no worker, not ready"
    store.facts.set("heartbeat")
    app.extensions["readiness"]._cached_result = None
    response = client.get("/readyz")
    assert response.status_code == 200 and response.json is not None and response.json["ready"] is True
    assert client.get("/healthz").status_code == 200
    assert client.get("/referral/").status_code == 200, "the form stays open while delivery is late"


def test_readyz_reports_a_stopped_worker_and_late_delivery_but_no_answer(parts: ServiceParts, clock: Clock) -> None:
    parts.accept()
    parts.store.facts.set("heartbeat")
    check = ReadinessCheck(parts.sealer, parts.store).run
    assert check().failures == {}
    clock.advance(LATE_DELIVERY_SECONDS + 1)
    assert set(check().failures) == {"worker", "oldest"}
    assert SAFETY_NOTE[:10] not in json.dumps(check().as_dict())


def test_without_a_database_healthz_succeeds_and_readyz_reports_the_store(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL="postgresql+psycopg://nobody@/none?host=/nowhere"))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503 and response.json is not None
    assert response.json["checks"]["store"] != "ok"


def test_metrics_need_the_token_and_contain_no_personal_details(app: Flask, tmp_path: Path) -> None:
    client, parts = app.test_client(), parts_of_app(app)
    parts.accept()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}x"}).status_code == 401
    text = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    assert "referrals_waiting 1.0" in text and 'referrals_ledger{outcome="waiting"} 1.0' in text
    assert "process_resident_memory_bytes" in text
    assert "referrals_unreceived 1.0" in text and "referrals_unreceived_oldest_seconds" in text
    parts.store.receipts.record(parts.store.reports.waiting_deliveries()[0].reference)
    text_after_receipt = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    assert "referrals_unreceived 0.0" in text_after_receipt
    assert client.get("/readyz").json["checks"].keys() == {"store", "keys", "disk", "worker", "oldest"}  # type: ignore[index]
    app_without_token = create_app(settings_of(tmp_path / "other"))
    assert app_without_token.test_client().get("/metrics").status_code == 404
    app_without_token.extensions["form_service"].store.close()


def test_without_receipts_the_metrics_have_no_count_of_unreceived_referrals(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path, FORM_METRICS_TOKEN=METRICS_TOKEN, FORM_RECEIPT="off"))
    text = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    assert "referrals_waiting 0.0" in text and "unreceived" not in text
    app.extensions["form_service"].store.close()


def test_one_alert_is_sent_when_delivery_is_late_and_another_when_that_is_over(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.operations.alerts.is_disk_low", lambda *_: False)
    broken_server, alert_server = start_mail_server(faults={"greeting": "drop"}), start_mail_server()
    parts.settings = replace(
        parts.settings, alert_email="ops@ops.example", smtp_url=broken_server.url, alert_smtp_url=alert_server.url
    )
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    reference = parts.accept()
    parts.store.facts.set("heartbeat")
    check_for_incidents(checker, clock)
    assert recipients_and_subjects(alert_server) == []
    clock.advance(LATE_DELIVERY_SECONDS)
    for _ in range(5):
        parts.store.facts.set("heartbeat")
        check_for_incidents(checker, clock)
    assert recipients_and_subjects(alert_server) == [("ops@ops.example", "The form needs attention")], (
        "once an incident"
    )
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(True))
    for _ in range(3):
        check_for_incidents(checker, clock)
    assert recipients_and_subjects(alert_server)[1:] == [("ops@ops.example", "A problem with the form is over")]
    for email in alert_server.received_emails:
        assert reference.encode() not in email.data and SAFETY_NOTE[:10].encode() not in email.data


def test_an_alert_that_the_mail_server_refuses_is_sent_later(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.operations.alerts.is_disk_low", lambda *_: True)
    server = start_mail_server(faults={"mail": "451 later"})
    parts.settings = replace(parts.settings, alert_email="ops@ops.example", smtp_url=server.url)
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    check_for_incidents(checker, clock)
    check_for_incidents(checker, clock)
    assert not server.received_emails
    server.behaviour.faults.clear()
    check_for_incidents(checker, clock)
    check_for_incidents(checker, clock)
    assert len(server.received_emails) == 1 and b"disk" in server.received_emails[0].data


def test_a_permanent_refusal_of_a_referral_raises_an_alert(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server()
    parts.settings = replace(parts.settings, alert_email="ops@ops.example", smtp_url=server.url)
    parts.accept()
    parts.store.facts.set("heartbeat")
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(False, "rcpt-550", permanent=True))
    check_for_incidents(IncidentChecker(parts.settings, parts.sealer, parts.store), clock)
    assert any(b"has refused an email to the team" in email.data for email in server.received_emails)


@pytest.mark.parametrize(("days", "count"), [(61, 0), (59, 1), (29, 1), (6, 1)])
def test_the_team_is_warned_once_of_a_certificate_that_expires_soon(
    tmp_path: Path, start_mail_server: StartMailServer, days: float, count: int
) -> None:
    server = start_mail_server()
    certificate_files = authority.make_certificate(tmp_path, "team", validity_days=(-1, days))
    settings = settings_of(
        tmp_path, FORM_TEAM_CERTIFICATES=str(certificate_files.certificate), FORM_SMTP_URL=server.url
    )
    clock = Clock()
    parts = parts_of(settings, clock)
    checker = IncidentChecker(settings, parts.sealer, parts.store)
    check_for_incidents(checker, clock)
    check_for_incidents(checker, clock)
    emails = [email for email in server.received_emails if b"certificate" in email.data]
    assert len(emails) == count and all(email.recipient == settings.team_email[0] for email in emails)
    parts.store.close()


def test_a_worker_that_is_not_running_raises_an_alert(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server()
    parts.settings = replace(parts.settings, alert_email="ops@ops.example", smtp_url=server.url)
    parts.accept()
    check_for_incidents(IncidentChecker(parts.settings, parts.sealer, parts.store), clock)
    assert any(b"worker is not running" in email.data for email in server.received_emails)


def test_alerts_that_one_address_refuses_are_not_sent_to_the_others_again(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.operations.alerts.is_disk_low", lambda *_: False)
    refusing_address = parts.settings.team_email[0]
    server = start_mail_server(refusals={refusing_address: "550 no such user"})
    parts.settings = replace(parts.settings, alert_email="ops@ops.example", smtp_url=server.url)
    monkeypatch.setattr(parts.sealer, "problem", lambda _=None: "the certificate has expired")
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    for _ in range(5):
        check_for_incidents(checker, clock)
    assert [email.recipient for email in server.received_emails] == ["ops@ops.example"]


def test_an_alert_asks_mail_servers_not_to_reply_automatically(
    parts: ServiceParts, clock: Clock, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.operations.alerts.is_disk_low", lambda *_: True)
    server = start_mail_server()
    parts.settings = replace(parts.settings, alert_email="ops@ops.example", smtp_url=server.url)
    check_for_incidents(IncidentChecker(parts.settings, parts.sealer, parts.store), clock)
    email = message_from_bytes(server.received_emails[0].data)
    assert (email["Auto-Submitted"], email["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert email["Message-ID"] and email["Date"] and email["To"] == "ops@ops.example"
