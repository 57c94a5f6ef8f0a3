"""The types of the settings, each with a function that cleans the value from YAML or raises an error.

A message follows the setting's name: "is empty: …". For an error that is only a code, `problems` writes the message.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from service_profile import phone
from service_profile.contrast import rgb_channels
from service_profile.invisible import JOINERS_PATTERN, remove_invisible

MAX_LINE_LENGTH, MAX_PROSE_LENGTH = 200, 2000  # the longest line and the longest paragraph, in characters
YEAR_RANGE = (2000, 2100)
EMAIL_PATTERN = re.compile(r"[A-Za-z0-9._+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
URL_PATTERN = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?([/?#][^\s<>\"'\\]*)?")
SITE_URL_PATTERN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?/?")
PICTURE_PATH_PATTERN = re.compile(r"pictures/[\w-]+(?:\.[\w-]+)*\.(?:png|jpe?g|webp)", re.IGNORECASE)
KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]*")
# Words that must not appear in an email that other people may see.
REVEALING_WORDS = re.compile(r"restorativ|victim|crim|offend|harm|justice|police|abuse|mediat", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|\[[^\]]*\]\s?\(|^\s*(?:#{1,6}|[-*•])\s|\{:|`", re.MULTILINE)
_REPLACEMENT_FIELD = re.compile(r"\{(?:value|of)\}")


def setting_error(message: str) -> PydanticCustomError:
    """Return the error for an invalid setting. `message` continues a sentence that begins with the setting's name."""
    return PydanticCustomError("message", "{message}", {"message": message})


def shorten(value: object) -> str:
    """Return the value on one line of at most 60 characters, for a message."""
    line = " ".join(str(value).split())
    return line if len(line) <= 60 else line[:59] + "…"


def _clean_text(value: Any, max_length: int) -> str:
    """Check that `value` is text, and return it without invisible characters and outer spaces; return "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | date):
        raise PydanticCustomError("quotes", "")
    if not isinstance(value, str):
        raise PydanticCustomError("one_text", "")
    text = remove_invisible(value).strip()
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") and c not in "\n\t" for c in text):
        raise setting_error("contains a character that cannot be shown: delete it and type the words again")
    if len(text) > max_length:
        raise setting_error(f"is {len(text)} characters long, and there is room for {max_length}: make it shorter")
    return text


def _strip_joiners(value: Any) -> str:
    """Return the phone number, email address or URL without invisible characters, joiners and variation selectors."""
    return JOINERS_PATTERN.sub("", _clean_text(value, MAX_LINE_LENGTH))


def text(value: Any, *, max_length: int = MAX_LINE_LENGTH, required: bool = True) -> str:
    """Check that the value is text without markup, and return it. If not `required`, an empty value is valid."""
    content = _clean_text(value, max_length)
    if max_length == MAX_LINE_LENGTH:
        content = " ".join(content.split())
    if required and not content:
        raise PydanticCustomError("empty", "")
    if "{{" in content or "}}" in content or "{%" in content:
        raise setting_error("contains {{ … }}, which only works in pages and leaflets: write the words themselves")
    if "<" in content or ">" in content:
        raise setting_error("contains < or >, which pages would take for HTML: write it in words")
    if markup_match := _MARKUP.search(content):
        raise setting_error(
            f"contains “{markup_match[0].strip()}”, which the form and emails would print as it is: write plain words"
        )
    return content


def neutral_name(value: Any) -> str:
    """Check that the name does not reveal what an email from the service is about, and return it."""
    name = text(value)
    if revealing_word := REVEALING_WORDS.search(name):
        raise setting_error(f"gives away what the email is about ({revealing_word[0]}): use a name like “the team”")
    return name


def wording(value: Any) -> str:
    """Check that a statistic's sentence contains {value}, and return it. It may also contain {of}."""
    sentence = _clean_text(value, MAX_LINE_LENGTH)
    if not sentence:
        raise PydanticCustomError("empty", "")
    literal_text = _REPLACEMENT_FIELD.sub("", sentence)
    if unknown_field := re.search(r"\{[^}]*\}?|\}", literal_text):
        raise setting_error(f"contains {shorten(unknown_field[0])}: only {{value}} and {{of}} can be used there")
    if "{value}" not in sentence:
        raise setting_error("must contain {value}, so that the words and the picture show the same number")
    text(literal_text)
    return " ".join(sentence.split())


def year(value: Any) -> str:
    """Check that the value contains a year such as 2007, and return the value. An empty value is valid."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    year_text = text(value, required=False)
    if year_text and not re.search(r"(?:19|20)\d\d", year_text):
        raise setting_error(f"is not a year: {shorten(year_text)}; write it like 2007, or 2025 to 2026")
    return year_text


def number(value: Any, *, minimum: int, maximum: int) -> int:
    """Check that the value is a whole number from `minimum` to `maximum`, and return it."""
    rule = f"must be a whole number from {minimum} to {maximum}, without quotes"
    if isinstance(value, bool) or not isinstance(value, int):
        raise setting_error(rule if value in (None, "") else f"{rule}; now it is {shorten(value)}")
    if not minimum <= value <= maximum:
        raise setting_error(f"{rule}; now it is {shorten(value)}")
    return value


def boolean(value: Any) -> bool:
    """Check that the value is a boolean, and return it."""
    if not isinstance(value, bool):
        raise setting_error("must be true or false, without quotes")
    return value


def day(value: Any, *, required: bool = True) -> str:
    """Check that the value is a date, and return it in ISO 8601 format. If not `required`, an empty value is valid."""
    if isinstance(value, date):
        value = value.isoformat()
    day_text = _clean_text(value, MAX_LINE_LENGTH)
    if not day_text and not required:
        return ""
    try:
        parsed_date = date.fromisoformat(day_text)
    except ValueError:
        parsed_date = None
    if parsed_date is None or parsed_date.isoformat() != day_text or parsed_date.year not in range(*YEAR_RANGE):
        raise setting_error(f"is not a date like 2026-11-23: {shorten(day_text) or 'it is empty'}")
    return day_text


def colour(value: Any) -> str:
    """Check that the value is a colour such as "#0f5156", and return it in lower case."""
    if value is None:
        raise setting_error('is empty: write a colour in quotes, like "#0f5156"')
    hex_code = _strip_joiners(value)
    try:
        rgb_channels(hex_code)
    except ValueError:
        raise setting_error(f'is not a colour like "#0f5156": {shorten(hex_code)}') from None
    return hex_code.lower()


def email(value: Any, *, required: bool = True) -> str:
    """Check that the value is an email address, and return it. If not `required`, an empty value is valid."""
    email_address = _strip_joiners(value)
    if required and not email_address:
        raise PydanticCustomError("empty", "")
    if email_address and not EMAIL_PATTERN.fullmatch(email_address):
        raise setting_error(f"is not an email address: {shorten(email_address)}; write it like team@example.org.uk")
    return email_address


def telephone(value: Any, *, required: bool = True, allow_call_codes: bool = False) -> str:
    """Check that the value is a phone number or, with `allow_call_codes`, a code such as 55, and return it."""
    phone_number = " ".join(_strip_joiners(value).split())
    if not phone_number:
        if required:
            raise PydanticCustomError("empty", "")
        return ""
    try:
        number_to_dial = phone.dial_string(phone_number)
    except phone.NotDiallable as error:
        raise setting_error(f"is not a phone number: {error}") from error
    if not number_to_dial and not allow_call_codes:
        raise setting_error(
            f"must be a phone number and nothing else: {shorten(phone_number)}; write it like {phone.EXAMPLE}"
        )
    return phone_number


def web_address(value: Any, *, required: bool = True) -> str:
    """Check that the value is an https:// URL, and return it. If not `required`, an empty value is valid."""
    url = _strip_joiners(value)
    if required and not url:
        raise PydanticCustomError("empty", "")
    if url and not (URL_PATTERN.fullmatch(url) and _has_valid_host(url)):
        raise setting_error(f"is not a web address that starts with https://: {shorten(url)}")
    return url


def _has_valid_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and (urlsplit(url).port or 443) > 0
    except ValueError:
        return False


def site_url(value: Any) -> str:
    """Check that the value is the URL of a home page, and return it with a slash at the end."""
    url = _strip_joiners(value)
    if not re.match(r"https?://[^/]", url):
        raise setting_error("must be the site's full address, starting with https://")
    if re.match(r"https?://[^/]+/.", url):
        host = shorten(url.split("/")[2])
        raise setting_error(f"must not have anything after the host's name: write it like https://{host}/")
    if not SITE_URL_PATTERN.fullmatch(url) or not _has_valid_host(url):
        raise setting_error(f"is not a web address: {shorten(url)}")
    return url.rstrip("/") + "/"


def form_address(value: Any) -> str:
    """Check that the value is /referral/ or a full URL on another host, and return it."""
    url = _strip_joiners(value)
    if not url:
        raise PydanticCustomError("empty", "")
    if url.startswith("/"):
        if url != "/referral/":
            raise setting_error("must be /referral/, or the https:// address of the form's own host")
        return url
    return web_address(url)


def choice(value: Any, *, options: tuple[str, ...]) -> str:
    """Check that the value is one of `options`, and return it. An empty value means the first option."""
    chosen_option = _clean_text(value, MAX_LINE_LENGTH) or options[0]
    if chosen_option not in options:
        raise setting_error(
            f"must be {' or '.join(option or 'empty' for option in options)}; now it is {shorten(chosen_option)}"
        )
    return chosen_option


def picture_file(value: Any) -> str:
    """Check that the value is the path of a picture below docs/, and return it. An empty value is valid."""
    path = _clean_text(value, MAX_LINE_LENGTH)
    if path and not PICTURE_PATH_PATTERN.fullmatch(path):
        raise setting_error(f"must be a PNG, JPEG or WebP picture, like pictures/logo.png; now it is {shorten(path)}")
    return path


def key(value: Any) -> str:
    """Check that the value can be the key of a statistic or helpline, and return it."""
    if not isinstance(value, str) or not KEY_PATTERN.fullmatch(value):
        raise setting_error("cannot be used as a name: use lower-case letters, numbers and _, like young_people")
    return value


def validator(clean_value: Callable[..., Any], **options: Any) -> BeforeValidator:
    """Return a pydantic annotation that replaces the value from YAML with `clean_value(value, **options)`."""
    return BeforeValidator(partial(clean_value, **options) if options else clean_value)


def widget(name: str, json_type: str = "string", **details: Any) -> WithJsonSchema:
    """Return a pydantic annotation that tells the editor which kind of field to show."""
    return WithJsonSchema({"type": json_type, "widget": name, **details})


_LINE_WIDGET = widget("line", maxLength=MAX_LINE_LENGTH)
_PROSE_WIDGET = widget("text", maxLength=MAX_PROSE_LENGTH)
Line = Annotated[str, validator(text), _LINE_WIDGET]
OptionalLine = Annotated[str, validator(text, required=False), _LINE_WIDGET]
NeutralName = Annotated[str, validator(neutral_name), _LINE_WIDGET]
Prose = Annotated[str, validator(text, max_length=MAX_PROSE_LENGTH), _PROSE_WIDGET]
OptionalProse = Annotated[str, validator(text, max_length=MAX_PROSE_LENGTH, required=False), _PROSE_WIDGET]
Wording = Annotated[str, validator(wording), _LINE_WIDGET]
Year = Annotated[str, validator(year), _LINE_WIDGET]
Day = Annotated[str, validator(day), widget("date", format="date")]
OptionalDay = Annotated[str, validator(day, required=False), widget("date", format="date")]
Colour = Annotated[str, validator(colour), widget("colour", pattern="^#[0-9a-f]{6}$")]
Email = Annotated[str, validator(email), widget("email", format="email")]
OptionalEmail = Annotated[str, validator(email, required=False), widget("email", format="email")]
Phone = Annotated[str, validator(telephone), widget("phone")]
OptionalPhone = Annotated[str, validator(telephone, required=False), widget("phone")]
WebAddress = Annotated[str, validator(web_address), widget("url", format="uri")]
OptionalWebAddress = Annotated[str, validator(web_address, required=False), widget("url", format="uri")]
FormAddress = Annotated[str, validator(form_address), widget("url")]
SiteUrl = Annotated[str, validator(site_url), widget("url", format="uri")]
Boolean = Annotated[bool, validator(boolean), widget("switch", "boolean")]
Key = Annotated[str, validator(key)]
Count = Annotated[int, validator(number, minimum=0, maximum=1000), widget("number", "integer", minimum=0, maximum=1000)]
Total = Annotated[int, validator(number, minimum=1, maximum=1000), widget("number", "integer", minimum=1, maximum=1000)]
Days = Annotated[int, validator(number, minimum=0, maximum=365), widget("number", "integer", minimum=0, maximum=365)]
PictureFile = Annotated[str, validator(picture_file), widget("picture")]
ChartKind = Annotated[str, validator(choice, options=("", "less")), widget("select", options=["", "less"])]
HelplineGroup = Annotated[
    str,
    validator(choice, options=("support", "abuse", "emergency")),
    widget("select", options=["emergency", "abuse", "support"]),
]
ContactMethod = Annotated[
    str, validator(choice, options=("call", "text", "web")), widget("select", options=["call", "text", "web"])
]
