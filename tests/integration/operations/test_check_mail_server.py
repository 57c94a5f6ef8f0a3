"""`check` connects to the mail server like the worker: it trusts the same CAs and reports the same error classes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from form_service.crypto import Sealer
from form_service.operations import self_check
from form_service.store import Store
from form_service.worker import Worker
from tests.support import authority
from tests.support.mail_server import MailServer
from tests.support.service_parts import ServiceParts, settings_of

Start = Callable[..., MailServer]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.Pair:
    return authority.make(tmp_path_factory.mktemp("ca"), "The provider's own authority", key=authority.rsa_key(1))


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize(
    ("certified", "error"), [(True, ""), (False, "tls-certificate")], ids=["FORM_SMTP_CA_FILE", "the system alone"]
)
def test_check_says_what_the_worker_will_meet(
    tmp_path: Path, mail_server: Start, ca: authority.Pair, scheme: str, certified: bool, error: str
) -> None:
    pair = authority.make(tmp_path, "127.0.0.1", issuer=ca)
    server = mail_server(context=pair.server_context(), implicit_tls=scheme == "smtps")
    query = "?tls=starttls" if scheme == "smtp" else ""
    url = f"{scheme}://form:secret@127.0.0.1:{server.port}{query}"
    ca_file = {"FORM_SMTP_CA_FILE": str(ca.certificate)} if certified else {}
    settings = settings_of(tmp_path, FORM_SMTP_URL=url, FORM_ALERT_SMTP_URL=url, **ca_file)
    found = list(self_check._check_mail_servers(settings))
    parts = ServiceParts(settings, Sealer.from_settings(settings), Store.open(settings))
    parts.accept()
    Worker(parts.settings, parts.sealer, parts.store).run(once=True)
    met = [row.error for row in parts.store.reports.waiting_deliveries()]
    parts.store.close()
    if certified:
        assert {finding.level for finding in found} == {"ok"} and len(found) == 2
        assert all("verified TLS, logged in" in finding.text for finding in found)
        assert met == [] and server.received[0].encrypted
    else:
        assert {finding.level for finding in found} == {"wrong"}
        assert all(f": {error}: " in finding.text for finding in found)
        assert met == [error] and server.received == []
