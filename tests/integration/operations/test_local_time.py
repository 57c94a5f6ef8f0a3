"""Pages, emails and reports show UK local time, even when the clocks change.

The store and the log use UTC.
"""

import json
import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service import logs
from form_service.app import create_app
from form_service.config.local_time import local_time, moment_text, start_of_day, start_of_month
from form_service.crypto.smime import CertificateState
from form_service.mail.attachment import referral_attachment
from form_service.operations import alert_texts, self_check
from form_service.operations.reminder_emails import compose_reminder
from form_service.operations.reminders import Reminder, WeeklySummary, deadline, may_send_reminder, week_to_summarise
from form_service.referral.questions import Route
from form_service.store import Store
from form_service.store.receipts import LedgerEntry
from tests.support.form_client import FormClient
from tests.support.page_checks import parse, text_of
from tests.support.receipts import HOUR_SECONDS
from tests.support.service_parts import Clock, ServiceParts, settings_of
from tests.support.team_email import body_of


def utc_time(text: str) -> float:
    """Return the Unix time of a UTC time such as "2026-06-30 23:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


HALF_PAST_MIDNIGHT_1_JULY = utc_time("2026-06-30 23:30")  # 00:30 on 1 July in London
# The clocks go forward on 28 March 2027 and back on 25 October 2026, both at 01:00 UTC.
CLOCKS_FORWARD_DAY, CLOCKS_BACK_DAY = date(2027, 3, 28), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("accepted_at", "month"),
    [
        ("2026-06-30 22:59", "2026-06"),
        ("2026-06-30 23:30", "2026-07"),
        ("2026-10-31 23:30", "2026-10"),
        ("2026-11-01 00:00", "2026-11"),
        ("2027-03-31 22:59", "2027-03"),
        ("2027-03-31 23:00", "2027-04"),
        ("2026-12-31 23:59", "2026-12"),
    ],
)
def test_a_report_counts_a_referral_in_its_local_month(tmp_path: Path, accepted_at: str, month: str) -> None:
    settings = settings_of(tmp_path)
    app = create_app(settings)
    context = app.extensions["form_service"]
    store = Store.open(settings, Clock(utc_time(accepted_at)))
    ServiceParts(settings, context.sealer, store).accept()
    store.close()
    year, month_number = map(int, month.split("-"))
    adjacent_months = [
        f"{year - (month_number == 1)}-{(month_number - 2) % 12 + 1:02}",
        f"{year + (month_number == 12)}-{month_number % 12 + 1:02}",
    ]
    with app.app_context():
        counts = {name: _referral_count(app, name) for name in (month, *adjacent_months)}
    assert counts == {month: 1, adjacent_months[0]: 0, adjacent_months[1]: 0}
    context.store.close()


def _referral_count(app: object, month: str) -> int:
    output = FlaskCliRunner(app).invoke(args=["report", "--month", month]).output  # type: ignore[arg-type]
    return int(output.splitlines()[0].rpartition(" ")[2])


def test_days_have_23_or_25_hours_when_the_clocks_change() -> None:
    assert start_of_day(date(2027, 3, 29)) - start_of_day(CLOCKS_FORWARD_DAY) == 23 * HOUR_SECONDS
    assert start_of_day(date(2026, 10, 26)) - start_of_day(CLOCKS_BACK_DAY) == 25 * HOUR_SECONDS
    assert start_of_month(2026, 7) == utc_time("2026-06-30 23:00")
    assert start_of_month(2026, 13) == utc_time("2027-01-01 00:00")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-06-30 23:30", "Wednesday 1 July 2026 at 00:30 (UK time)"),
        ("2026-10-25 00:30", "Sunday 25 October 2026 at 01:30 (UK time)"),
        ("2026-10-25 01:30", "Sunday 25 October 2026 at 01:30 (UK time)"),
        ("2027-03-28 00:59", "Sunday 28 March 2027 at 00:59 (UK time)"),
        ("2027-03-28 01:00", "Sunday 28 March 2027 at 02:00 (UK time)"),
    ],
)
def test_a_time_is_shown_in_uk_local_time(moment: str, text: str) -> None:
    assert moment_text(utc_time(moment)) == text


def test_an_attachment_has_the_local_time_with_its_utc_offset() -> None:
    file = referral_attachment(
        "json", {"who": ["harmed"]}, "7KQ4-M2X6", HALF_PAST_MIDNIGHT_1_JULY, Route.HARMED, "English", []
    )
    assert file is not None and json.loads(file.content)["sent_at"] == "2026-07-01T00:30:00+01:00"


@pytest.mark.parametrize(
    ("accepted_at", "expected_deadline"),
    [
        ("2026-10-23 13:05", "2026-10-26 14:05"),  # from Friday 14:05 BST to Monday 14:05 GMT
        ("2027-03-26 14:05", "2027-03-30 13:05"),  # the Monday in between is a bank holiday
        ("2026-06-30 23:30", "2026-07-01 23:30"),
    ],
)
def test_deadlines_keep_the_local_time_when_the_clocks_change(accepted_at: str, expected_deadline: str) -> None:
    assert deadline(utc_time(accepted_at), 1, {date(2027, 3, 29)}) == utc_time(expected_deadline)


def test_closed_days_and_reminder_hours_follow_the_local_time() -> None:
    closed_days = {date(2026, 7, 1)}
    assert not may_send_reminder(utc_time("2026-07-01 07:30"), None, closed_days)
    assert may_send_reminder(utc_time("2026-07-02 07:00"), None, closed_days), "eight in the morning in summer"
    assert not may_send_reminder(utc_time("2026-12-02 07:30"), None, closed_days)


@pytest.mark.parametrize(("today", "hours"), [("2026-10-26 09:00", 7 * 24 + 1), ("2027-03-29 09:00", 7 * 24 - 1)])
def test_the_weekly_summary_covers_a_week_in_local_time(today: str, hours: int) -> None:
    week = week_to_summarise(utc_time(today), ())
    assert week is not None and week[1] - week[0] == hours * HOUR_SECONDS
    assert [f"{local_time(week_boundary):%a %H:%M}" for week_boundary in week] == ["Mon 00:00", "Mon 00:00"]


def test_a_reminder_gives_local_dates() -> None:
    entry = LedgerEntry(
        "7KQ4-M2X6", HALF_PAST_MIDNIGHT_1_JULY, utc_time("2026-07-26 23:30"), None, None, None, "harmed"
    )
    reminder = Reminder((entry,), (entry,), WeeklySummary(date(2026, 6, 29), (entry,)))
    now = utc_time("2026-08-24 09:00")
    text = " ".join(body_of(compose_reminder(reminder, now, False, "form@a.example", "team@a.example")).split())
    assert "7KQ4-M2X6, sent on Wednesday 1 July 2026 at 00:30 (UK time)" in text
    assert "7KQ4-M2X6: Monday 31 August 2026" in text, "35 days after 00:30 on 27 July"


def test_the_expiry_of_a_certificate_is_given_in_local_time(tmp_path: Path) -> None:
    state = CertificateState("0123456789abcdef", datetime.fromtimestamp(HALF_PAST_MIDNIGHT_1_JULY, UTC), None)
    assert "expires on Wednesday 1 July 2026." in alert_texts.expiring_certificate_text(state, False)

    class SealerWithExpiringCertificate:
        unused_certificate_descriptions = files_with_private_key = ()

        def problem(self) -> None:
            return None

        def certificate_states(self, _now: datetime) -> list[CertificateState]:
            return [state]

    settings = replace(settings_of(tmp_path), team_certificates=(tmp_path,))
    (finding,) = self_check._check_keys(settings, SealerWithExpiringCertificate())  # type: ignore[arg-type]
    assert "expires Wednesday 1 July 2026 at 00:30 (UK time)" in finding.text


def test_the_private_page_gives_the_local_date(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    context = app.extensions["form_service"]
    store = Store.open(context.settings, Clock(HALF_PAST_MIDNIGHT_1_JULY))
    reference = ServiceParts(context.settings, context.sealer, store).accept()
    store.close()
    form_client = FormClient(app)
    form_client.get(f"/referral/withdraw/{context.sealer.new_withdrawal_token(reference)}")
    assert "We received your request on 1 July 2026" in text_of(parse(form_client.text))
    context.store.close()


def test_the_log_has_times_in_utc() -> None:
    record = logging.LogRecord("form_service", logging.INFO, "x.py", 1, "delivered", (), None)
    record.created, record.msecs = HALF_PAST_MIDNIGHT_1_JULY, 0.0
    assert json.loads(logs._JSONFormatter().format(record))["time"] == "2026-06-30T23:30:00.000Z"
