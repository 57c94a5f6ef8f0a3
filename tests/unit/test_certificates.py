"""An unusable or expiring certificate of the team raises an alert, even while another certificate still works."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from form_service.app import create_app
from form_service.operations import self_check
from form_service.operations.alerts import IncidentChecker
from form_service.store import Store
from tests.support import authority
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM_EMAILS, Clock, settings_of

StartMailServer = Callable[..., MailServer]
VALIDITY_DAYS_BY_DEFECT = {"expired": (-400.0, -1.0), "not valid yet": (1.0, 400.0), "not RSA": (-1.0, 400.0)}


@pytest.mark.parametrize("defect", VALIDITY_DAYS_BY_DEFECT)
def test_an_unusable_certificate_raises_an_alert_although_another_works(
    tmp_path: Path, start_mail_server: StartMailServer, defect: str
) -> None:
    key = ec.generate_private_key(ec.SECP256R1()) if defect == "not RSA" else authority.rsa_key(1)
    team_pair = authority.make_certificate(tmp_path, "team", validity_days=VALIDITY_DAYS_BY_DEFECT[defect], key=key)
    escrow_pair = authority.make_certificate(tmp_path, "escrow", validity_days=(-1, 3000), key=authority.rsa_key(2))
    server = start_mail_server()
    settings = settings_of(
        tmp_path,
        FORM_TEAM_CERTIFICATES=f"{team_pair.certificate},{escrow_pair.certificate}",
        FORM_ALERT_EMAIL="ops@ops.example",
        FORM_SMTP_URL=server.url,
    )
    app = create_app(settings)
    context, client = app.extensions["form_service"], app.test_client()
    assert client.get("/referral/").status_code == 200, "the form closes only when it cannot seal"
    readiness = client.get("/readyz")
    assert readiness.status_code == 503 and readiness.json is not None and defect in readiness.json["checks"]["keys"]
    IncidentChecker(settings, context.sealer, context.store).check()
    alerted_recipients = {
        email.recipient
        for email in server.received_emails
        if b"One of the team's certificates cannot be used" in email.data
    }
    assert alerted_recipients == {TEAM_EMAILS[0], "ops@ops.example"}
    findings = self_check._check_keys(settings, context.sealer)
    problems = [finding.text for finding in findings if finding.level == "wrong"]
    assert len(problems) == 1 and defect in problems[0]
    context.store.close()


@pytest.mark.parametrize(("other_certificate_days_left", "form_closes"), [(None, True), (2, True), (3000, False)])
def test_a_warning_of_certificate_expiry_says_whether_the_form_will_close(
    tmp_path: Path, other_certificate_days_left: float | None, form_closes: bool
) -> None:
    pairs = [authority.make_certificate(tmp_path, "team", validity_days=(-1, 20), key=authority.rsa_key(1))]
    if other_certificate_days_left is not None:
        pairs.append(
            authority.make_certificate(
                tmp_path, "other", validity_days=(-1, other_certificate_days_left), key=authority.rsa_key(2)
            )
        )
    names = ",".join(str(pair.certificate) for pair in pairs)
    settings = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=names)
    app = create_app(settings)
    context = app.extensions["form_service"]
    checker = IncidentChecker(settings, context.sealer, Store.open(settings, Clock()))
    fingerprint = context.sealer.certificate_states()[0].fingerprint
    texts = [warning.text for warning in checker._certificate_incidents() if fingerprint in warning.text]
    assert len(texts) == 2, "60 and 30 days before"
    assert all(("the form will close on that day" in text) == form_closes for text in texts)
    assert all(("will not be able to read" in text) != form_closes for text in texts)
    context.store.close()
