"""Phrases that pages and leaflets share, made from the service profile."""

from collections.abc import Iterable, Sequence
from datetime import date

OFFER_PHRASES = {
    "interpreter": "an interpreter",
    "bsl": "British Sign Language (BSL)",
    "easy_read": "Easy Read",
    "large_print": "large print",
    "braille": "braille",
}


def offers_in_words(names: Iterable[str] | None) -> list[str]:
    """Return a phrase for each kind of help, such as "British Sign Language (BSL)" for "bsl".

    A name that is not in OFFER_PHRASES is returned unchanged.
    """
    return [OFFER_PHRASES.get(name, name) for name in names or ()]


def list_in_words(items: Sequence[str]) -> str:
    """Return the items joined as in a sentence: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def day_in_words(day: str) -> str:
    """Return "23 November 2026" for "2026-11-23". Any other text stays unchanged."""
    try:
        parsed_date = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{parsed_date.day} {parsed_date:%B %Y}"
