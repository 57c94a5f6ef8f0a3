"""Two pseudo-languages that reveal untranslated text and layouts that do not mirror."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from babel import Locale
from flask import Flask

from form_service.referral import i18n
from form_service.referral.i18n import Language
from form_service.web import session

LONG_CODE = "en-XA"  # accented and longer English
MIRRORED_CODE = "ar-XB"  # English that runs from right to left
# Parts of a text that a translation must keep: {values} and {{ facts }}.
PLACEHOLDER_PATTERN = re.compile(r"(\{\{.*?\}\}|\{\w+\})")
ACCENTS = str.maketrans("aeiouyAEIOUYcnsCNS", "äéîöûýÄÉÎÖÛÝçñšÇÑŠ")


def lengthen(text: str) -> str:
    """Return `text` accented, bracketed and a third longer, so that untranslated text stands out."""
    parts = PLACEHOLDER_PATTERN.split(text)
    accented_text = "".join(part if index % 2 else part.translate(ACCENTS) for index, part in enumerate(parts))
    return f"[{accented_text}{' ~' * (len(text) // 6 + 1)}]"


def mirror(text: str) -> str:
    """Return `text` inside a right-to-left override, to simulate a right-to-left language."""
    return f"\u202e{text}\u202c"


def load_language(code: str, facts: Mapping[str, str], translate_longer: Callable[[str], str] = lengthen) -> Language:
    """Load a pseudo-language or a real one.

    `translate_longer` lengthens the texts of the longer pseudo-language.
    """
    if code not in (LONG_CODE, MIRRORED_CODE):
        return i18n.load_language(code, facts)
    direction, translate = ("rtl", mirror) if code == MIRRORED_CODE else ("ltr", translate_longer)
    return Language(code, direction, code, code, Locale("en", "GB"), translate, i18n.facts_for(direction, facts))


def offer_pseudo_languages(
    app: Flask, monkeypatch: pytest.MonkeyPatch, translate_longer: Callable[[str], str] = lengthen
) -> None:
    """Make the form offer English and both pseudo-languages.

    `translate_longer` lengthens the texts of the longer pseudo-language.
    """
    monkeypatch.setattr(session, "load_language", lambda code, facts: load_language(code, facts, translate_longer))
    context = app.extensions["form_service"]
    settings = replace(context.settings, languages=("en", LONG_CODE, MIRRORED_CODE))
    monkeypatch.setitem(app.extensions, "form_service", replace(context, settings=settings))
