"""The languages of the form: their catalogues, text directions and date formats."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po

from service_profile import fill

TRANSLATIONS_FOLDER = Path(__file__).parents[1] / "translations"
ENGLISH = "en"
PLACEHOLDER_PATTERN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Language:
    """A language of the form."""

    code: str  # the HTML attribute lang
    direction: str  # the HTML attribute dir
    name: str  # in the language itself
    english_name: str  # for the email to the team
    locale: Locale  # decides how a day is written
    translate: Callable[[str], str]  # from English
    facts: Mapping[str, str]  # the service's values to fill in, such as its name

    def say(self, text: str, **values: object) -> str:
        """Return `text` translated and filled in.

        Each `{{ name }}` becomes the service's value of that name. Each `{name}` becomes the value of that name in
        `values`, or stays as it is if `values` has none.
        """
        filled_text = fill(self.translate(text), self.facts)
        return PLACEHOLDER_PATTERN.sub(lambda match: self._replacement_for(values, match), filled_text)

    def day_text(self, day: date) -> str:
        """Return `day` written in this language, such as 25 November 2026."""
        return format_date(day, "long", locale=self.locale)

    def _replacement_for(self, values: Mapping[str, object], match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = str(values[match[1]])
        return isolate(value) if self.direction == "rtl" else value


def isolate(value: str) -> str:
    """Return `value` in a bidirectional isolate, so that right-to-left text around it does not reorder it."""
    return f"\u2068{value}\u2069"


@lru_cache
def _translator(code: str) -> Callable[[str], str]:
    if code == ENGLISH:
        return str
    with (TRANSLATIONS_FOLDER / f"{code}.po").open("rb") as file:
        catalogue = {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
    return lambda text: catalogue.get(text, text)


def load_language(code: str, facts: Mapping[str, str]) -> Language:
    """Return the language with this code. `facts` are the service's values to fill in.

    Raises FileNotFoundError if the language has no catalogue, and UnknownLocaleError if the code is unknown.
    """
    translate, locale = _translator(code), Locale.parse(code, sep="-")
    direction = locale.text_direction
    names = locale.get_display_name() or code, locale.english_name or code
    day_locale = Locale("en", "GB") if code == ENGLISH else locale
    return Language(code, direction, *names, day_locale, translate, facts_for(direction, facts))


def facts_for(direction: str, facts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the service's values, each in a bidirectional isolate if `direction` is "rtl"."""
    return {name: isolate(value) for name, value in facts.items()} if direction == "rtl" else facts
