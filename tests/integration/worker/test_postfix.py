"""A real Postfix server gets each email once, and only over TLS with a trusted certificate."""

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from form_service.mail.smtp_client import MailRoute
from form_service.worker import Worker
from tests.support import authority
from tests.support.postfix import Postfix
from tests.support.service_parts import parts_of, settings_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.CertificateFiles:
    return authority.make_certificate(tmp_path_factory.mktemp("ca"), "Test authority", key=authority.rsa_key(1))


@pytest.fixture(scope="module")
def postfix(ca: authority.CertificateFiles) -> Iterator[Postfix]:
    server = Postfix(ca)
    yield server
    server.stop()


def test_postfix_gets_each_email_once_over_verified_tls(
    tmp_path: Path, ca: authority.CertificateFiles, postfix: Postfix
) -> None:
    settings = settings_of(
        tmp_path,
        FORM_SMTP_URL=f"smtp://127.0.0.1:{postfix.port}?tls=starttls",
        FORM_SMTP_CA_FILE=str(ca.certificate),
        FORM_TEAM_EMAIL="one@team.example, nobody@team.example",
    )
    parts = parts_of(settings)
    references = {parts.accept() for _ in range(5)}
    Worker(settings, parts.sealer, parts.store).run(once=True)
    wait_until(lambda: len(postfix.emails()) >= 5, "the emails are in the mailbox")
    subjects = [str(message_from_bytes(mail)["Subject"]) for mail in postfix.emails()]
    assert sorted(subjects) == sorted(f"Referral {reference}" for reference in references)
    assert all(b"using TLSv1" in mail for mail in postfix.emails())
    refused_deliveries = parts.store.reports.waiting_deliveries()
    assert {(row.state, row.error) for row in refused_deliveries} == {("refused", "rcpt-550")}
    assert {row.reference for row in refused_deliveries} == references
    parts.store.close()


def test_nothing_is_sent_to_postfix_with_an_untrusted_certificate(tmp_path: Path, postfix: Postfix) -> None:
    settings = settings_of(tmp_path, FORM_SMTP_URL=f"smtp://127.0.0.1:{postfix.port}?tls=starttls")
    email_count_before = len(postfix.emails())
    parts = parts_of(settings)
    parts.accept()
    Worker(settings, parts.sealer, parts.store).run(once=True)
    assert [row.error for row in parts.store.reports.waiting_deliveries()] == ["tls-certificate"]
    assert len(postfix.emails()) == email_count_before
    assert MailRoute(settings.mail_server, "", settings.mail_from).probe(settings.mail_from) == "tls-certificate"
    parts.store.close()
