"""Reminders of referrals whose receipt is not confirmed are sent at most once a day, and only on working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from form_service.config.local_time import local_time
from form_service.operations.reminders import (
    deadline,
    expiring_referrals,
    is_working_day,
    may_send_reminder,
    reminder_for,
    visitors_should_call,
    warning_due_at,
    week_to_summarise,
    wipe_time,
)
from form_service.store.receipts import LedgerEntry
from tests.support.receipts import CLOSED_DAYS, uk_time


def ledger_entry(accepted_at: float, **changes: float | None) -> LedgerEntry:
    times: dict[str, float | None] = {"delivered_at": accepted_at, "received_at": None, "withdrawn_at": None}
    return LedgerEntry("7KQ4-M2X6", accepted_at, **(times | {"warned_at": None, "route": "harmed"} | changes))


@pytest.mark.parametrize(
    ("accepted_at", "days", "expected_deadline"),
    [
        ("2026-11-26 14:05", 1, "2026-11-27 14:05"),  # Thursday to Friday
        ("2026-11-27 14:05", 1, "2026-11-30 14:05"),  # over the weekend
        ("2026-11-28 10:00", 1, "2026-12-01 00:00"),  # a Saturday counts as Monday 00:00
        ("2026-12-24 16:00", 1, "2026-12-29 16:00"),  # over Christmas
        ("2026-11-26 14:05", 5, "2026-12-03 14:05"),
        ("2026-10-23 12:00", 1, "2026-10-26 12:00"),  # the clocks go back in between
    ],
)
def test_working_days_leave_out_weekends_and_closed_days(accepted_at: str, days: int, expected_deadline: str) -> None:
    assert deadline(uk_time(accepted_at), days, CLOSED_DAYS) == uk_time(expected_deadline)


@given(st.floats(1_700_000_000, 1_900_000_000), st.integers(1, 6), st.sets(st.integers(0, 40), max_size=15))
def test_a_deadline_falls_on_a_working_day_after_the_given_number_of_working_days(
    accepted_at: float, days: int, closed_day_offsets: set[int]
) -> None:
    first_day = local_time(accepted_at).date()
    closed_days = {first_day + timedelta(days=number) for number in closed_day_offsets}
    due_at = deadline(accepted_at, days, closed_days)
    assert due_at > accepted_at and is_working_day(local_time(due_at).date(), closed_days)
    days_before = [first_day + timedelta(days=number) for number in range((local_time(due_at).date() - first_day).days)]
    assert sum(is_working_day(day, closed_days) for day in days_before) in (days, days + 1)


def test_the_team_is_reminded_first_then_the_operator_and_later_visitors_are_asked_to_call() -> None:
    unconfirmed_entries = [ledger_entry(uk_time("2026-11-26 14:05"))]
    due_times = {
        False: uk_time("2026-11-27 14:05"),
        True: uk_time("2026-12-01 14:05"),
    }
    for is_operator, moment in due_times.items():
        assert reminder_for(is_operator, unconfirmed_entries, moment - 1, ()) is None
        assert reminder_for(is_operator, unconfirmed_entries, moment, ()) is not None
    assert not visitors_should_call(unconfirmed_entries, uk_time("2026-12-03 14:04"), ())
    assert visitors_should_call(unconfirmed_entries, uk_time("2026-12-03 14:05"), ())


@pytest.mark.parametrize("changed_times", [{"received_at": 1.0}, {"withdrawn_at": 1.0}])
def test_nobody_is_reminded_of_a_received_or_withdrawn_referral(changed_times: dict[str, float]) -> None:
    unconfirmed_entries = [ledger_entry(uk_time("2026-11-02 09:00"), **changed_times)]
    now = uk_time("2026-12-03 09:00")
    assert all(reminder_for(is_operator, unconfirmed_entries, now, ()) is None for is_operator in (True, False))
    assert not visitors_should_call(unconfirmed_entries, now, ())


def test_reminders_are_sent_at_most_once_a_day_and_never_at_night_or_on_a_day_off() -> None:
    assert may_send_reminder(uk_time("2026-11-27 08:00"), date(2026, 11, 26), ())
    assert not may_send_reminder(uk_time("2026-11-27 08:00"), date(2026, 11, 27), ())
    assert not may_send_reminder(uk_time("2026-11-27 07:59"), None, ())
    assert not may_send_reminder(uk_time("2026-11-28 12:00"), None, ())
    assert not may_send_reminder(uk_time("2026-12-25 12:00"), None, CLOSED_DAYS)


def test_the_weekly_summary_is_due_on_the_first_working_day_of_the_week() -> None:
    assert week_to_summarise(uk_time("2026-11-30 09:00"), ()) == (
        uk_time("2026-11-23 00:00"),
        uk_time("2026-11-30 00:00"),
    )
    assert week_to_summarise(uk_time("2026-12-01 09:00"), ()) is None
    assert week_to_summarise(uk_time("2026-12-28 09:00"), CLOSED_DAYS) is None
    assert week_to_summarise(uk_time("2026-12-29 09:00"), CLOSED_DAYS) == (
        uk_time("2026-12-21 00:00"),
        uk_time("2026-12-28 00:00"),
    )


def test_the_last_warning_comes_a_week_before_the_email_is_wiped() -> None:
    unconfirmed_entries = [ledger_entry(uk_time("2026-11-02 09:00"))]
    assert expiring_referrals(unconfirmed_entries, uk_time("2026-11-30 07:59"), ()) == ()
    assert expiring_referrals(unconfirmed_entries, uk_time("2026-11-30 08:00"), ()) == tuple(unconfirmed_entries)
    assert wipe_time(unconfirmed_entries[0], uk_time("2026-11-30 08:00")) == uk_time("2026-12-07 09:00")


def test_a_last_warning_that_would_fall_on_days_off_comes_before_them() -> None:
    delivered_at = uk_time("2026-11-29 07:30")  # four weeks later is the Sunday after Christmas, before a closed Monday
    assert warning_due_at(delivered_at, CLOSED_DAYS) == uk_time("2026-12-24 08:00")
    assert warning_due_at(uk_time("2026-11-03 07:30"), ()) == uk_time("2026-11-30 08:00"), (
        "not at night: the day before"
    )


def test_a_late_warning_still_leaves_the_team_a_week_before_the_email_is_wiped() -> None:
    assert wipe_time(ledger_entry(uk_time("2026-11-02 09:00")), uk_time("2026-12-20 12:00")) == uk_time(
        "2026-12-27 12:00"
    )
    warned_entry = ledger_entry(uk_time("2026-11-02 09:00"), warned_at=uk_time("2026-12-10 09:00"))
    assert wipe_time(warned_entry, uk_time("2026-12-20 12:00")) == uk_time("2026-12-17 09:00")
    assert wipe_time(ledger_entry(uk_time("2026-11-02 09:00"), delivered_at=None), uk_time("2026-12-20 12:00")) is None
