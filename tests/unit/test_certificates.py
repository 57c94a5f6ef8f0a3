"""A team that can no longer read new referrals is alerted, even while another certificate keeps the form open."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from form_service.app import create_app
from form_service.operations import self_check
from form_service.operations.alerts import Alerts
from form_service.store import Store
from tests.support import authority
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM, Clock, settings_of

Start = Callable[..., MailServer]
DAYS = {"expired": (-400.0, -1.0), "not valid yet": (1.0, 400.0), "not RSA": (-1.0, 400.0)}


@pytest.mark.parametrize("why", DAYS)
def test_an_unusable_certificate_raises_an_alert_although_another_works(
    tmp_path: Path, mail_server: Start, why: str
) -> None:
    key = ec.generate_private_key(ec.SECP256R1()) if why == "not RSA" else authority.rsa_key(1)
    team = authority.make(tmp_path, "team", days=DAYS[why], key=key)
    escrow = authority.make(tmp_path, "escrow", days=(-1, 3000), key=authority.rsa_key(2))
    server = mail_server()
    settings = settings_of(
        tmp_path,
        FORM_TEAM_CERTIFICATES=f"{team.certificate},{escrow.certificate}",
        FORM_ALERT_EMAIL="ops@ops.example",
        FORM_SMTP_URL=server.url,
    )
    app = create_app(settings)
    context, client = app.extensions["form_service"], app.test_client()
    assert client.get("/referral/").status_code == 200, "it closes only when it cannot seal"
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json is not None and why in ready.json["checks"]["keys"]
    Alerts(settings, context.sealer, context.store).check()
    problems = {
        email.recipient for email in server.received if b"One of the team's certificates cannot be used" in email.data
    }
    assert problems == {TEAM[0], "ops@ops.example"}
    found = [key.text for key in self_check._check_keys(settings, context.sealer) if key.level == "wrong"]
    assert len(found) == 1 and why in found[0]
    context.store.close()


@pytest.mark.parametrize(("other_days", "closes"), [(None, True), (2, True), (3000, False)])
def test_the_warning_before_the_end_says_whether_the_form_closes_then(
    tmp_path: Path, other_days: float | None, closes: bool
) -> None:
    pairs = [authority.make(tmp_path, "team", days=(-1, 20), key=authority.rsa_key(1))]
    if other_days is not None:
        pairs.append(authority.make(tmp_path, "other", days=(-1, other_days), key=authority.rsa_key(2)))
    names = ",".join(str(pair.certificate) for pair in pairs)
    settings = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=names)
    app = create_app(settings)
    context = app.extensions["form_service"]
    alerts = Alerts(settings, context.sealer, Store.open(settings, Clock()))
    first = context.sealer.certificate_states()[0].fingerprint
    texts = [of_certificate.text for of_certificate in alerts._certificate_incidents() if first in of_certificate.text]
    assert len(texts) == 2, "60 and 30 days before"
    assert all(("the form closes on that day" in text) == closes for text in texts)
    assert all(("will not be able to read" in text) != closes for text in texts)
    context.store.close()
