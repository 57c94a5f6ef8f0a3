"""The service's local time, Europe/London, for pages, emails and reports. The store keeps seconds since 1970 (UTC)."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local_time(seconds: float) -> datetime:
    """Return a moment, given in seconds since 1970, as the date and time in London."""
    return datetime.fromtimestamp(seconds, LONDON)


def start_of_day(day: date) -> float:
    """Return the moment at which a day begins in London, in seconds since 1970."""
    return datetime.combine(day, time(), LONDON).timestamp()


def start_of_month(year: int, month: int) -> float:
    """Return the moment at which a month begins in London, in seconds since 1970.

    Month 13 is January of the next year.
    """
    return start_of_day(date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1))


def day_text(day: date) -> str:
    """Return a day as text, such as "Thursday 26 November 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def moment_text(seconds: float) -> str:
    """Return a moment as text, such as "Thursday 26 November 2026 at 14:05 (UK time)". `seconds` counts from 1970."""
    moment = local_time(seconds)
    return f"{day_text(moment.date())} at {moment:%H:%M} (UK time)"
