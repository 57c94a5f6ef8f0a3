"""The languages of the form, and two pseudo-languages that show texts which were not translated."""

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

TRANSLATIONS = Path(__file__).parents[1] / "translations"
ENGLISH = "en"
LONG = "en-XA"  # accented and longer English
MIRRORED = "ar-XB"  # English that runs from right to left

# Parts of a text that a translation must keep: {values} and {{ facts }}.
PLACEHOLDER = re.compile(r"(\{\{.*?\}\}|\{\w+\})")
VALUE = re.compile(r"\{(\w+)\}")
ACCENTED = str.maketrans("aeiouyAEIOUYcnsCNS", "äéîöûýÄÉÎÖÛÝçñšÇÑŠ")


@dataclass(frozen=True)
class Language:
    """A language of the form.

    `code` goes into `lang` and `direction` into `dir`; `name` is the language's own name, `english_name` the team's.
    """

    code: str
    direction: str
    name: str
    english_name: str
    translate: Callable[[str], str]
    facts: Mapping[str, str]

    def say(self, text: str, **values: object) -> str:
        """Return `text` in this language, with the service's facts for `{{ name }}` and `values` for `{name}`."""
        filled = fill(self.translate(text), self.facts)
        return VALUE.sub(lambda match: self._value_for(values, match), filled)

    def day(self, day: date) -> str:
        """Return a day as this language writes it, from Babel's data: 25 November 2026."""
        spoken = "en-GB" if self.code in (ENGLISH, LONG, MIRRORED) else self.code
        return format_date(day, "long", locale=Locale.parse(spoken, sep="-"))

    def _value_for(self, values: Mapping[str, object], match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = str(values[match[1]])
        return isolate(value) if self.direction == "rtl" else value


def isolate(value: str) -> str:
    """Return `value` in a bidirectional isolate, so that right-to-left text does not reorder a number in it."""
    return f"\u2068{value}\u2069"


def _between_placeholders(change: Callable[[str], str], text: str) -> str:
    return "".join(part if index % 2 else change(part) for index, part in enumerate(PLACEHOLDER.split(text)))


def lengthen(text: str) -> str:
    """Return `text` a third longer, in brackets and accented: plain text on a page was not translated."""
    return f"[{_between_placeholders(lambda part: part.translate(ACCENTED), text)}{' ~' * (len(text) // 6 + 1)}]"


def mirror(text: str) -> str:
    """Return `text` under a right-to-left override, as a right-to-left language would stand."""
    return f"\u202e{text}\u202c"


@lru_cache
def _catalogue(code: str) -> dict[str, str]:
    with (TRANSLATIONS / f"{code}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


def _translator(code: str) -> Callable[[str], str]:
    if code == ENGLISH:
        return str
    if code == LONG:
        return lengthen
    if code == MIRRORED:
        return mirror
    catalogue = _catalogue(code)
    return lambda text: catalogue.get(text, text)


def load_language(code: str, facts: Mapping[str, str]) -> Language:
    """Return the language with this code. Raises FileNotFoundError without a catalogue, or UnknownLocaleError."""
    translate = _translator(code)
    if code in (LONG, MIRRORED):
        direction = "rtl" if code == MIRRORED else "ltr"
        return Language(code, direction, code, code, translate, _facts(direction, facts))
    locale = Locale.parse(code, sep="-")
    direction = locale.text_direction
    names = locale.get_display_name() or code, locale.english_name or code
    return Language(code, direction, *names, translate, _facts(direction, facts))


def _facts(direction: str, facts: Mapping[str, str]) -> Mapping[str, str]:
    return {name: isolate(value) for name, value in facts.items()} if direction == "rtl" else facts
