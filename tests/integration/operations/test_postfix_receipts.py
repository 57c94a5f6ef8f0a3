"""With a real Postfix, the team is reminded of each email that was junked or bounced, and of no other."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from form_service.app import create_app
from form_service.config.local_time import local_time
from form_service.config.settings import Settings
from form_service.operations.reminder_sender import ReminderSender
from form_service.store import Store
from form_service.worker import Worker
from tests.support import authority
from tests.support.form_client import ANSWERS_BY_ROUTE, SAME_ORIGIN_HEADERS, FormClient
from tests.support.mail_server import MailServer
from tests.support.postfix import Postfix
from tests.support.receipts import DAY_SECONDS, HOUR_SECONDS, OPERATOR_EMAIL, references_with_sealed_email, uk_time
from tests.support.service_parts import Clock, parts_of_app, settings_of
from tests.support.team_email import body_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.system
SENT_AT = "2026-11-26 10:00"  # a Thursday


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.CertificateFiles:
    return authority.make_certificate(tmp_path_factory.mktemp("ca"), "Test authority", key=authority.rsa_key(1))


@pytest.fixture
def postfix(ca: authority.CertificateFiles) -> Iterator[Postfix]:
    server = Postfix(ca)
    yield server
    server.stop()


class ServiceWithPostfix:
    """A service that sends its emails through a real Postfix, and whose clock the test sets."""

    def __init__(self, settings: Settings, postfix: Postfix, alert_server: MailServer) -> None:
        self.clock = Clock(uk_time(SENT_AT))
        open_store = Store.open
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "open", lambda settings: open_store(settings, self.clock))
            self.app: Flask = create_app(settings)
        context = self.app.extensions["form_service"]
        self.parts = parts_of_app(self.app)
        self.reminders = ReminderSender(settings, context.store, context.service)
        self.postfix, self.alert_server = postfix, alert_server

    def send_referral(self, must_not: str) -> str:
        """Send a referral that asks the team not to do `must_not`; return its reference."""
        form_client = FormClient(self.app).start()
        for slug, fields in ANSWERS_BY_ROUTE["harmed"]:
            form_client.answer(slug, fields | ({"must_not": must_not} if slug == "times" else {}))
        form_client.send()
        return form_client.reference

    def deliver(self) -> None:
        Worker(self.parts.settings, self.parts.sealer, self.parts.store).run(once=True)

    def emails(self, mailbox: str = "one", subject: str = "") -> list[EmailMessage]:
        messages = [message_from_bytes(data, policy=policy.SMTP) for data in self.postfix.emails(mailbox)]
        return [
            email for email in messages if isinstance(email, EmailMessage) and str(email["Subject"]).startswith(subject)
        ]

    def send_reminders(self, moment: float) -> str:
        """Send the reminders due at `moment`, a Unix time. Return the text that the team receives, on one line."""
        self.clock.now = moment
        count, day_of_last_reminder = len(self.emails(subject="Referrals to confirm")), self.last_team_reminder_day()
        self.reminders.send_if_due()
        if self.last_team_reminder_day() != day_of_last_reminder:
            wait_until(lambda: len(self.emails(subject="Referrals to confirm")) > count, "the reminder has arrived")
        new_emails = self.emails(subject="Referrals to confirm")[count:]
        return " ".join(" ".join(body_of(email).split()) for email in new_emails)

    def last_team_reminder_day(self) -> str:
        facts = self.parts.store.facts.all()
        return next((value for name, (value, _) in facts.items() if name.startswith("reminded:team")), "")

    def operator_reminders(self) -> list[str]:
        return [email.data.decode() for email in self.alert_server.received_emails if email.recipient == OPERATOR_EMAIL]

    def visitors_should_call(self) -> bool:
        self.app.extensions["visitor_notice"]._next_check_at = 0.0
        return "Please call or email us as well." in self.app.test_client().get("/referral/").text


@pytest.fixture
def service(
    tmp_path: Path, ca: authority.CertificateFiles, postfix: Postfix, start_mail_server: Callable[..., MailServer]
) -> Iterator[ServiceWithPostfix]:
    alert_server = start_mail_server()
    settings = settings_of(
        tmp_path,
        FORM_SMTP_URL=f"smtp://127.0.0.1:{postfix.port}?tls=starttls",
        FORM_SMTP_CA_FILE=str(ca.certificate),
        FORM_TEAM_EMAIL="one@team.example",
        FORM_MAIL_FROM="form@team.example",
        FORM_ALERT_EMAIL=OPERATOR_EMAIL,
        FORM_ALERT_SMTP_URL=alert_server.url,
    )
    service = ServiceWithPostfix(settings, postfix, alert_server)
    yield service
    service.parts.store.close()


def confirm_receipt(email: EmailMessage, app: Flask) -> None:
    match = re.search(r"https://\S+(/referral/received/\S+)", body_of(email))
    assert match
    response = app.test_client().post(match[1], headers=SAME_ORIGIN_HEADERS)
    assert response.status_code == 200 and "This referral has been confirmed" in response.text


def test_the_team_is_reminded_only_of_junked_and_bounced_referrals(service: ServiceWithPostfix) -> None:
    junked_reference, bounced_reference, confirmed_reference = (
        service.send_referral(words) for words in ("Say lottery", "Say giraffe", "Say hello")
    )
    service.deliver()
    wait_until(
        lambda: len(service.emails()) == 1 and service.emails("one/.Junk") and service.emails("form"),
        "one email in the mailbox, one in Junk, one bounce",
    )
    assert service.parts.store.reports.counts_by_outcome()["delivered"] == 3, "the form counts all three as delivered"
    assert [str(email["Subject"]) for email in service.emails("one/.Junk")] == [f"Referral {junked_reference}"]
    (bounce,) = service.emails("form")
    assert "Undelivered" in str(bounce["Subject"]) and f"Referral {bounced_reference}" in bounce.as_string()
    confirm_receipt(service.emails(subject=f"Referral {confirmed_reference}")[0], service.app)

    assert service.send_reminders(uk_time("2026-11-27 09:59")) == "", "not before one working day"
    reminders = service.send_reminders(uk_time("2026-11-27 10:02"))
    assert junked_reference in reminders and bounced_reference in reminders and confirmed_reference not in reminders
    assert service.operator_reminders() == [] and not service.visitors_should_call()

    service.send_reminders(uk_time("2026-12-01 09:58"))
    assert service.operator_reminders() == [], "not before three working days"
    service.send_reminders(uk_time("2026-12-01 10:02"))
    (operator_reminder,) = service.operator_reminders()
    assert (
        junked_reference in operator_reminder
        and bounced_reference in operator_reminder
        and confirmed_reference not in operator_reminder
    )

    service.clock.now = uk_time("2026-12-03 09:58")
    assert not service.visitors_should_call(), "not before five working days"
    service.clock.now = uk_time("2026-12-03 10:02")
    assert service.visitors_should_call()

    service.clock.now = uk_time(SENT_AT) + service.parts.settings.keep_days * DAY_SECONDS + HOUR_SECONDS
    service.parts.store.purge(service.parts.settings.keep_days, needs_confirmation=True)
    assert sorted(references_with_sealed_email(service.parts)) == sorted([junked_reference, bounced_reference]), (
        "the confirmed copy is wiped"
    )

    warned_on: date | None = None
    for day in range(8, 35):
        reminders = service.send_reminders(uk_time(SENT_AT) + day * DAY_SECONDS)
        assert confirmed_reference not in reminders
        if "COPY WILL BE DELETED SOON" in reminders and warned_on is None:
            assert junked_reference in reminders and bounced_reference in reminders
            warned_on = local_time(service.clock.now).date()
    assert warned_on == date(2026, 12, 24), "a week before the 35 days end"
    service.parts.store.purge(7, needs_confirmation=True)
    assert len(references_with_sealed_email(service.parts)) == 2
    service.clock.now = uk_time(SENT_AT) + 35 * DAY_SECONDS + HOUR_SECONDS
    service.parts.store.purge(7, needs_confirmation=True)
    assert references_with_sealed_email(service.parts) == []
