"""The rules for reminders about unconfirmed referrals: when they are due, and what they contain.

Days are in London time. A working day is a Monday to Friday on which the service is open.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from form_service.config.local_time import LONDON, local_time, start_of_day
from form_service.store.purge import DAY_SECONDS
from form_service.store.receipts import LedgerEntry
from service_profile.retention_periods import UNCONFIRMED_KEEP_DAYS, WARNING_DAYS

# How long a referral may stay unconfirmed before the team and the operator are reminded and visitors asked to call.
TEAM_REMINDER_WORKING_DAYS = 1
OPERATOR_REMINDER_WORKING_DAYS = 3
VISITOR_NOTICE_WORKING_DAYS = 5
FIRST_EMAIL_HOUR = 8  # no email before eight in the morning
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WeeklySummary:
    """The referrals of one week. `monday` is its first day."""

    monday: date
    referrals: tuple[LedgerEntry, ...]


@dataclass(frozen=True)
class Reminder:
    """The content of one reminder: overdue and expiring referrals, and a weekly summary.

    The team should already have confirmed the overdue referrals. The stored copies of the expiring referrals will soon
    be wiped.
    """

    overdue_referrals: tuple[LedgerEntry, ...]
    expiring_referrals: tuple[LedgerEntry, ...]
    weekly_summary: WeeklySummary | None = None


def is_working_day(day: date, closed_days: Collection[date]) -> bool:
    """Return whether `day` is a weekday on which the service is not closed."""
    return day.weekday() < 5 and day not in closed_days


def deadline(accepted_at: float, working_days: int, closed_days: Collection[date]) -> float:
    """Return when `working_days` working days have passed since a referral was accepted, in seconds since 1970.

    One working day after Thursday 14:05 is Friday 14:05. A referral accepted on a day off counts as accepted at the
    beginning of the next working day.
    """
    accepted_time = local_time(accepted_at)
    day, time_of_day = accepted_time.date(), accepted_time.time()
    if not is_working_day(day, closed_days):
        time_of_day = time.min
        while not is_working_day(day, closed_days):
            day += _ONE_DAY
    for _ in range(working_days):
        day += _ONE_DAY
        while not is_working_day(day, closed_days):
            day += _ONE_DAY
    return datetime.combine(day, time_of_day, LONDON).timestamp()


def overdue_referrals(
    unconfirmed_referrals: Sequence[LedgerEntry], now: float, working_days: int, closed_days: Collection[date]
) -> tuple[LedgerEntry, ...]:
    """Return the referrals that are unconfirmed although `working_days` working days have passed since acceptance."""
    return tuple(
        entry
        for entry in unconfirmed_referrals
        if entry.awaits_confirmation and now >= deadline(entry.accepted_at, working_days, closed_days)
    )


def wipe_time(entry: LedgerEntry, now: float) -> float | None:
    """Return when the stored copy of an unconfirmed referral will be wiped, or None if it has not been delivered.

    The copy is kept for at least WARNING_DAYS after the team is warned. If the team has not been warned, assume that it
    is warned `now`. Times are in seconds since 1970.
    """
    if entry.delivered_at is None:
        return None
    warned_at = now if entry.warned_at is None else entry.warned_at
    return max(entry.delivered_at + UNCONFIRMED_KEEP_DAYS * DAY_SECONDS, warned_at + WARNING_DAYS * DAY_SECONDS)


def warning_due_at(delivered_at: float, closed_days: Collection[date]) -> float:
    """Return when to warn the team that the stored copy of an unconfirmed referral will be wiped.

    The copy is kept for at least WARNING_DAYS after the warning. Times are in seconds since 1970.
    """
    latest_time = delivered_at + (UNCONFIRMED_KEEP_DAYS - WARNING_DAYS) * DAY_SECONDS
    day = local_time(latest_time).date()
    while not is_working_day(day, closed_days) or _first_email_time(day) > latest_time:
        day -= _ONE_DAY
    return _first_email_time(day)


def _first_email_time(day: date) -> float:
    return datetime.combine(day, time(FIRST_EMAIL_HOUR), LONDON).timestamp()


def expiring_referrals(
    unconfirmed_referrals: Sequence[LedgerEntry], now: float, closed_days: Collection[date]
) -> tuple[LedgerEntry, ...]:
    """Return the unconfirmed referrals whose stored copies will soon be wiped."""
    return tuple(
        entry
        for entry in unconfirmed_referrals
        if entry.awaits_confirmation
        and entry.delivered_at is not None
        and now >= warning_due_at(entry.delivered_at, closed_days)
    )


def may_send_reminder(now: float, last_sent_day: date | None, closed_days: Collection[date]) -> bool:
    """Return whether a recipient may be sent a reminder now.

    Reminders are sent only on working days, from FIRST_EMAIL_HOUR onwards, and at most one a day to each
    recipient. `last_sent_day` is the day of the recipient's last reminder, or None if there was none.
    """
    moment = local_time(now)
    return (
        is_working_day(moment.date(), closed_days)
        and moment.hour >= FIRST_EMAIL_HOUR
        and last_sent_day != moment.date()
    )


def week_to_summarise(now: float, closed_days: Collection[date]) -> tuple[float, float] | None:
    """Return the start and end of last week, or None if no summary is due today.

    A summary is due on the first working day of each week. Times are in seconds since 1970.
    """
    today = local_time(now).date()
    monday = today - timedelta(days=today.weekday())
    earlier_days = (monday + timedelta(days=day_number) for day_number in range(today.weekday()))
    if not is_working_day(today, closed_days) or any(is_working_day(day, closed_days) for day in earlier_days):
        return None
    return start_of_day(monday - timedelta(days=7)), start_of_day(monday)


def reminder_for(
    is_operator: bool,
    unconfirmed_referrals: Sequence[LedgerEntry],
    now: float,
    closed_days: Collection[date],
    weekly_summary: WeeklySummary | None = None,
) -> Reminder | None:
    """Return the reminder that is due now, or None if none is due. Only the team gets the weekly summary."""
    reminder = Reminder(
        overdue_referrals(
            unconfirmed_referrals,
            now,
            OPERATOR_REMINDER_WORKING_DAYS if is_operator else TEAM_REMINDER_WORKING_DAYS,
            closed_days,
        ),
        expiring_referrals(unconfirmed_referrals, now, closed_days),
        None if is_operator else weekly_summary,
    )
    return reminder if reminder.overdue_referrals or reminder.expiring_referrals or reminder.weekly_summary else None


def visitors_should_call(
    unconfirmed_referrals: Sequence[LedgerEntry], now: float, closed_days: Collection[date]
) -> bool:
    """Return whether the team is so late to confirm a referral that visitors are asked to call as well."""
    return bool(overdue_referrals(unconfirmed_referrals, now, VISITOR_NOTICE_WORKING_DAYS, closed_days))
