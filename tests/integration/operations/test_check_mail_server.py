"""The command `check` and the worker agree on whether the mail server's certificate can be trusted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from form_service.operations import self_check
from form_service.worker import Worker
from tests.support import authority
from tests.support.mail_server import MailServer
from tests.support.service_parts import parts_of, settings_of

StartMailServer = Callable[..., MailServer]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.CertificateFiles:
    return authority.make_certificate(
        tmp_path_factory.mktemp("ca"), "The provider's own authority", key=authority.rsa_key(1)
    )


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize(
    ("ca_is_configured", "error"),
    [(True, ""), (False, "tls-certificate")],
    ids=["FORM_SMTP_CA_FILE", "the system alone"],
)
def test_the_check_command_and_the_worker_agree_about_the_mail_servers_certificate(
    tmp_path: Path,
    start_mail_server: StartMailServer,
    ca: authority.CertificateFiles,
    scheme: str,
    ca_is_configured: bool,
    error: str,
) -> None:
    certificate_files = authority.make_certificate(tmp_path, "127.0.0.1", issuer=ca)
    server = start_mail_server(tls_context=certificate_files.server_context(), implicit_tls=scheme == "smtps")
    query = "?tls=starttls" if scheme == "smtp" else ""
    url = f"{scheme}://form:secret@127.0.0.1:{server.port}{query}"
    ca_file = {"FORM_SMTP_CA_FILE": str(ca.certificate)} if ca_is_configured else {}
    settings = settings_of(tmp_path, FORM_SMTP_URL=url, FORM_ALERT_SMTP_URL=url, **ca_file)
    findings = list(self_check._check_mail_servers(settings))
    parts = parts_of(settings)
    parts.accept()
    Worker(parts.settings, parts.sealer, parts.store).run(once=True)
    worker_errors = [row.error for row in parts.store.reports.waiting_deliveries()]
    parts.store.close()
    if ca_is_configured:
        assert {finding.level for finding in findings} == {"ok"} and len(findings) == 2
        assert all("verified TLS, logged in" in finding.text for finding in findings)
        assert worker_errors == [] and server.received_emails[0].over_tls
    else:
        assert {finding.level for finding in findings} == {"wrong"}
        assert all(f": {error}: " in finding.text for finding in findings)
        assert worker_errors == [error] and server.received_emails == []
