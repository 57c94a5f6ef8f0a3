"""Check telephone numbers, and convert them to links.

The rules come from libphonenumber (`phonenumbers`). Numbers without a country code are British.
"""

import re
import unicodedata
from typing import Literal

import phonenumbers
from phonenumbers import CountryCodeSource, PhoneNumber, shortnumberinfo

REGION = "GB"
COUNTRY_CODE = 44
EXAMPLE = "01632 960000"
# Relay UK: the prefix that puts a call through an operator. It must be followed by a number.
_RELAY_PREFIX = re.compile(r"(1800[012])(.*)")
# Ofcom reserves these numbers for use in drama: samples use them, and production refuses them.
_FICTIONAL_NUMBER = re.compile(
    r"1632960\d{3}|7700900\d{3}|1(?:1[345678]|[23456]1)4960\d{3}|1914980\d{3}|2079460\d{3}|2896496\d{3}|2920180\d{3}"
    r"|8081570\d{3}|9098790\d{3}|3069990\d{3}"
)
# No number in the areas of two of these ranges is in use, so libphonenumber treats the ranges as invalid.
_RESERVED_NUMBER = re.compile(r"1632\d{6}|77009\d{5}")
_WORDS_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[^\W\d_][^)\]]*[)\]]")
_EXTENSION = re.compile(r"[\s,;]*(?:ext(?:ension)?\.?|x)\s*\d{1,6}\s*$", re.IGNORECASE)
_ALLOWED_CHARACTERS = re.compile(r"[0-9 ()+./-]+")

UrlScheme = Literal["tel", "sms"]


class NotDiallable(ValueError):
    """Raised if a text cannot be dialled. The message says what to write."""


def dial_string(text: str) -> str:
    """Return what a phone dials for `text`, or "" for a code that calls nobody by itself, such as 55.

    A number gets a country code only if `text` has one. An extension becomes ;ext=…. Raises NotDiallable if `text`
    cannot be dialled.
    """
    number = _strip_remarks(text)
    relay_match = _RELAY_PREFIX.fullmatch(re.sub(r"[\s()./-]", "", number))
    if relay_match:
        return relay_match[1] + _to_dial_string(_parse(relay_match[2], text)) if relay_match[2] else ""
    if re.fullmatch(r"[0-9]{1,2}", number):
        return ""
    if not number.startswith("+") and _is_short(number):
        return re.sub(r"\D", "", _EXTENSION.sub("", number)) + _extension_parameter(number)
    return _to_dial_string(_parse(number, text))


def link(text: str, scheme: UrlScheme = "tel") -> str:
    """Return a tel: or sms: URL for the phone number in `text`.

    Return "" if `text` is empty or a code such as 55. Raises NotDiallable if `text` cannot be dialled.
    """
    number_to_dial = dial_string(text) if text else ""
    return f"{scheme}:{number_to_dial}" if number_to_dial else ""


def is_fictional(text: str) -> bool:
    """Return whether `text` is a fictional phone number: one that Ofcom reserves for use in drama."""
    try:
        number = phonenumbers.parse(_strip_remarks(text), REGION)
    except (NotDiallable, phonenumbers.NumberParseException):
        return False
    return number.country_code == COUNTRY_CODE and bool(_FICTIONAL_NUMBER.fullmatch(str(number.national_number)))


def _strip_remarks(text: str) -> str:
    """Return a phone number without words in brackets, and an international number also without "(0)".

    For example, "+44 (0)1785 232232 (24 hours)" becomes "+44 1785 232232". Raises NotDiallable if other words remain.
    """
    number = unicodedata.normalize("NFKC", text)
    number = "".join(" " if c.isspace() else "-" if unicodedata.category(c) == "Pd" else c for c in number)
    number = _WORDS_IN_BRACKETS.sub("", number).strip()
    if number.startswith(("+", "00")):
        number = number.replace("(0)", "")
    if not _ALLOWED_CHARACTERS.fullmatch(_EXTENSION.sub("", number)):
        raise NotDiallable(
            f"write one number only, and put other words into brackets after it, like {EXAMPLE} (24 hours)"
        )
    return number


def _is_short(number: str) -> bool:
    try:
        phone_number = phonenumbers.parse(_EXTENSION.sub("", number), REGION)
    except phonenumbers.NumberParseException:
        return False
    return shortnumberinfo.is_valid_short_number_for_region(phone_number, REGION)


def _parse(number: str, text: str) -> PhoneNumber:
    try:
        phone_number = phonenumbers.parse(number, REGION, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        phone_number = None
    if phone_number is None or not (phonenumbers.is_valid_number(phone_number) or _is_reserved(phone_number)):
        raise NotDiallable(f"{text} cannot be dialled: check the digits; a number looks like {EXAMPLE}")
    return phone_number


def _is_reserved(number: PhoneNumber) -> bool:
    national_number = str(number.national_number)
    return number.country_code == COUNTRY_CODE and bool(
        _FICTIONAL_NUMBER.fullmatch(national_number) or _RESERVED_NUMBER.fullmatch(national_number)
    )


def _to_dial_string(number: PhoneNumber) -> str:
    is_international = number.country_code_source in (
        CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN,
        CountryCodeSource.FROM_NUMBER_WITH_IDD,
    )
    if is_international:
        dial_text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    else:
        dial_text = f"0{number.national_number}"
    return dial_text + (f";ext={number.extension}" if number.extension else "")


def _extension_parameter(number: str) -> str:
    match = _EXTENSION.search(number)
    return ";ext=" + re.sub(r"\D", "", match[0]) if match else ""
