"""No alert about a certificate is sent twice."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from form_service.operations import alerts as alerts_module
from form_service.operations.alerts import IncidentChecker
from tests.support import authority
from tests.support.alert_emails import check_for_incidents
from tests.support.mail_server import MailServer
from tests.support.service_parts import Clock, ServiceParts, parts_of, settings_of

pytestmark = pytest.mark.long

StartMailServer = Callable[..., MailServer]


def service_with_certificate(
    folder: Path, server: MailServer, clock: Clock, validity_days: tuple[float, float]
) -> ServiceParts:
    """Return a service with one certificate for its team.

    `validity_days` are the first and the last day on which the certificate is valid, counted from today.
    """
    certificate_files = authority.make_certificate(folder, "team", validity_days=validity_days)
    return parts_of(
        settings_of(folder, FORM_TEAM_CERTIFICATES=str(certificate_files.certificate), FORM_SMTP_URL=server.url), clock
    )


def certificate_alert_texts(server: MailServer) -> list[str]:
    """Return the texts, each on one line, of the received alerts that mention a certificate or encryption."""
    emails = [message_from_bytes(email.data, policy=policy.default) for email in server.received_emails]
    texts = [" ".join(email.get_content().split()) for email in emails]
    return [text for text in texts if "certificate" in text or "encrypt" in text]


def test_a_certificate_that_expired_before_the_first_start_is_reported_once(
    tmp_path: Path, start_mail_server: StartMailServer
) -> None:
    server, clock = start_mail_server(), Clock()
    parts = service_with_certificate(tmp_path, server, clock, (-10, -1))
    for _ in range(3):
        check_for_incidents(IncidentChecker(parts.settings, parts.sealer, parts.store), clock)
    closed_text, expired_text = certificate_alert_texts(server)
    assert closed_text.startswith(
        "The form is closed, because it cannot encrypt referrals for the team: the certificate has"
    )
    assert expired_text.startswith("One of the team's certificates cannot be used: the certificate has expired (")
    renewed_parts = service_with_certificate(tmp_path / "renewed", server, clock, (-1, 365))
    for _ in range(3):
        check_for_incidents(IncidentChecker(renewed_parts.settings, renewed_parts.sealer, parts.store), clock)
    end_texts = certificate_alert_texts(server)[2:]
    assert len(end_texts) == len(set(end_texts)) == 2 and any("no longer applies" in text for text in end_texts)
    for service in (parts, renewed_parts):
        service.store.close()


def test_a_certificate_is_reported_again_when_fewer_days_are_left_and_when_it_has_expired(
    tmp_path: Path, start_mail_server: StartMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, clock = start_mail_server(), Clock()
    parts = service_with_certificate(tmp_path, server, clock, (-1, 6))
    checker = IncidentChecker(parts.settings, parts.sealer, parts.store)
    counts = []
    for warning_days in ((5,), (60, 5), (60, 30, 5), (60, 30, 7)):  # as if the certificate grew older
        monkeypatch.setattr(alerts_module, "CERTIFICATE_WARNING_DAYS", warning_days)
        check_for_incidents(checker, clock)
        counts.append(len(certificate_alert_texts(server)))
    assert counts == [0, 1, 2, 3]
    expired_states = [
        replace(state, problem="the certificate has expired") for state in parts.sealer.certificate_states()
    ]
    monkeypatch.setattr(parts.sealer, "certificate_states", lambda _=None: expired_states)
    check_for_incidents(checker, clock)
    check_for_incidents(checker, clock)
    closed_text, expired_text = certificate_alert_texts(server)[3:]
    assert closed_text.startswith("The form is closed") and "has expired (" in expired_text
    parts.store.close()
