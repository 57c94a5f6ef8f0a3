"""The types of the settings: each takes the value from YAML and returns it cleaned, or raises an error with a message.

The message follows the setting's name: "extra.service.phone" + "is empty: …". Errors of other kinds get their message
in `problems`, which knows the setting's example.
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
from service_profile.contrast import parts_of
from service_profile.invisible import JOINERS, without_invisible

LINE, PROSE = 200, 2000  # the longest line and the longest paragraph, in characters
YEARS = (2000, 2100)
EMAIL = re.compile(r"[A-Za-z0-9._+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
URL = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?([/?#][^\s<>\"'\\]*)?")
SITE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?/?")
PICTURE = re.compile(r"pictures/[\w-]+(?:\.[\w-]+)*\.(?:png|jpe?g|webp)", re.IGNORECASE)
KEY = re.compile(r"[a-z][a-z0-9_]*")
# Words that must not appear in an email that others may see.
TELLING = re.compile(r"restorativ|victim|crim|offend|harm|justice|police|abuse|mediat", re.IGNORECASE)
_MARKS = re.compile(r"\*\*|__|\[[^\]]*\]\s?\(|^\s*(?:#{1,6}|[-*•])\s|\{:|`", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{(?:value|of)\}")


def wrong(words: str) -> PydanticCustomError:
    """Return an error to raise, whose message (`words`) follows the setting's name."""
    return PydanticCustomError("words", "{words}", {"words": words})


def shortened(value: object) -> str:
    """Return the value on one line of at most 60 characters, for a message."""
    line = " ".join(str(value).split())
    return line if len(line) <= 60 else line[:59] + "…"


def _string(value: Any, most: int) -> str:
    """Return the YAML value as a clean text; null is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | date):
        raise PydanticCustomError("quotes", "")
    if not isinstance(value, str):
        raise PydanticCustomError("one_text", "")
    text = without_invisible(value).strip()
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co") and c not in "\n\t" for c in text):
        raise wrong("contains a character that cannot be shown: delete it and type the words again")
    if len(text) > most:
        raise wrong(f"is {len(text)} characters long, and there is room for {most}: make it shorter")
    return text


def _copied(value: Any) -> str:
    """Return a clean number or address, without the joiners and variation selectors that text may contain."""
    return JOINERS.sub("", _string(value, LINE))


def text(value: Any, *, most: int = LINE, required: bool = True) -> str:
    """Return plain text, without markup, that pages, leaflets, form and emails show unchanged."""
    found = _string(value, most)
    if most == LINE:
        found = " ".join(found.split())
    if required and not found:
        raise PydanticCustomError("empty", "")
    if "{{" in found or "}}" in found or "{%" in found:
        raise wrong("contains {{ … }}, which only works in pages and leaflets: write the words themselves")
    if "<" in found or ">" in found:
        raise wrong("contains < or >, which pages would take for HTML: write it in words")
    if mark := _MARKS.search(found):
        raise wrong(f"contains “{mark[0].strip()}”, which the form and emails would print as it is: write plain words")
    return found


def neutral(value: Any) -> str:
    """Return a name that reveals nothing to anyone who sees it in a mailbox."""
    found = text(value)
    if telling := TELLING.search(found):
        raise wrong(f"gives away what the email is about ({telling[0]}): use a name like “the team”")
    return found


def wording(value: Any) -> str:
    """Return a statistic's sentence, which contains {value} and may contain {of}."""
    found = _string(value, LINE)
    if not found:
        raise PydanticCustomError("empty", "")
    rest = _PLACEHOLDER.sub("", found)
    if strange := re.search(r"\{[^}]*\}?|\}", rest):
        raise wrong(f"contains {shortened(strange[0])}: only {{value}} and {{of}} can be used there")
    if "{value}" not in found:
        raise wrong("must contain {value}, so that the words and the picture show the same number")
    text(rest)
    return " ".join(found.split())


def year(value: Any) -> str:
    """Return the year of a statistic, such as 2007 or "2025 to 2026"; it may be empty until the service goes live."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = text(value, required=False)
    if found and not re.search(r"(?:19|20)\d\d", found):
        raise wrong(f"is not a year: {shortened(found)}; write it like 2007, or 2025 to 2026")
    return found


def number(value: Any, *, least: int, most: int) -> int:
    """Return a whole number from `least` to `most`."""
    words = f"must be a whole number from {least} to {most}, without quotes"
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(words if value in (None, "") else f"{words}; now it is {shortened(value)}")
    if not least <= value <= most:
        raise wrong(f"{words}; now it is {shortened(value)}")
    return value


def boolean(value: Any) -> bool:
    """Return true or false as YAML reads them without quotes."""
    if not isinstance(value, bool):
        raise wrong("must be true or false, without quotes")
    return value


def day(value: Any, *, required: bool = True) -> str:
    """Return a date in ISO 8601 format."""
    if isinstance(value, date):
        value = value.isoformat()
    found = _string(value, LINE)
    if not found and not required:
        return ""
    try:
        parsed = date.fromisoformat(found)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != found or not YEARS[0] <= parsed.year < YEARS[1]:
        raise wrong(f"is not a date like 2026-11-23: {shortened(found) or 'it is empty'}")
    return found


def colour(value: Any) -> str:
    """Return a colour, #rrggbb. Without quotes YAML reads it as a comment, so the value is empty."""
    if value is None:
        raise wrong('is empty: write a colour in quotes, like "#0f5156"')
    found = _copied(value)
    try:
        parts_of(found)
    except ValueError:
        raise wrong(f'is not a colour like "#0f5156": {shortened(found)}') from None
    return found.lower()


def email(value: Any, *, required: bool = True) -> str:
    """Return an email address."""
    found = _copied(value)
    if required and not found:
        raise PydanticCustomError("empty", "")
    if found and not EMAIL.fullmatch(found):
        raise wrong(f"is not an email address: {shortened(found)}; write it like team@example.org.uk")
    return found


def telephone(value: Any, *, required: bool = True, inside_a_call: bool = False) -> str:
    """Return a telephone number as the service wrote it, after checking that it can be dialled."""
    found = " ".join(_copied(value).split())
    if not found:
        if required:
            raise PydanticCustomError("empty", "")
        return ""
    try:
        dialled = phone.dial_string(found)
    except phone.NotDiallable as error:
        raise wrong(f"is not a phone number: {error}") from error
    if not dialled and not inside_a_call:
        raise wrong(f"must be a phone number and nothing else: {shortened(found)}; write it like {phone.EXAMPLE}")
    return found


def web(value: Any, *, required: bool = True) -> str:
    """Return the full URL of a page."""
    found = _copied(value)
    if required and not found:
        raise PydanticCustomError("empty", "")
    if found and not (URL.fullmatch(found) and _has_host(found)):
        raise wrong(f"is not a web address that starts with https://: {shortened(found)}")
    return found


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and (urlsplit(url).port or 443) > 0
    except ValueError:
        return False


def site_url(value: Any) -> str:
    """Return the URL of the site's root, with a slash at its end."""
    found = _copied(value)
    if not re.match(r"https?://[^/]", found):
        raise wrong("must be the site's full address, starting with https://")
    if re.match(r"https?://[^/]+/.", found):
        raise wrong(f"must not have anything after the host's name: write it like https://{urlsplit_host(found)}/")
    if not SITE_URL.fullmatch(found) or not _has_host(found):
        raise wrong(f"is not a web address: {shortened(found)}")
    return found.rstrip("/") + "/"


def urlsplit_host(url: str) -> str:
    """Return the host of a URL, without raising for a malformed one."""
    return shortened(url.split("/")[2])


def form_address(value: Any) -> str:
    """Return the form's URL: /referral/ on the site's own host, or a full URL on another host."""
    found = _copied(value)
    if not found:
        raise PydanticCustomError("empty", "")
    if found.startswith("/"):
        if found != "/referral/":
            raise wrong("must be /referral/, or the https:// address of the form's own host")
        return found
    return web(found)


def choice(value: Any, *, options: tuple[str, ...]) -> str:
    """Return one of the options; empty means the first."""
    found = _string(value, LINE) or options[0]
    if found not in options:
        raise wrong(f"must be {' or '.join(option or 'empty' for option in options)}; now it is {shortened(found)}")
    return found


def picture_file(value: Any) -> str:
    """Return the path of a picture below docs/, or "". Drawings (SVG) are refused: they can contain scripts."""
    found = _string(value, LINE)
    if found and not PICTURE.fullmatch(found):
        raise wrong(f"must be a PNG, JPEG or WebP picture, like pictures/logo.png; now it is {shortened(found)}")
    return found


def key(value: Any) -> str:
    """Return the name of a statistic or helpline."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise wrong("cannot be used as a name: use lower-case letters, numbers and _, like young_people")
    return value


def checked_by(check: Callable[..., Any], **options: Any) -> BeforeValidator:
    """Return an annotation that validates with `check` and these options."""
    return BeforeValidator(partial(check, **options) if options else check)


def shown_as(widget: str, kind: str = "string", **details: Any) -> WithJsonSchema:
    """Return an annotation that tells the editor which kind of field to show."""
    return WithJsonSchema({"type": kind, "widget": widget, **details})


_LINE = shown_as("line", maxLength=LINE)
_PROSE = shown_as("text", maxLength=PROSE)
Line = Annotated[str, checked_by(text), _LINE]
OptionalLine = Annotated[str, checked_by(text, required=False), _LINE]
NeutralName = Annotated[str, checked_by(neutral), _LINE]
Prose = Annotated[str, checked_by(text, most=PROSE), _PROSE]
OptionalProse = Annotated[str, checked_by(text, most=PROSE, required=False), _PROSE]
Wording = Annotated[str, checked_by(wording), _LINE]
Year = Annotated[str, checked_by(year), _LINE]
Day = Annotated[str, checked_by(day), shown_as("date", format="date")]
OptionalDay = Annotated[str, checked_by(day, required=False), shown_as("date", format="date")]
Colour = Annotated[str, checked_by(colour), shown_as("colour", pattern="^#[0-9a-f]{6}$")]
Email = Annotated[str, checked_by(email), shown_as("email", format="email")]
OptionalEmail = Annotated[str, checked_by(email, required=False), shown_as("email", format="email")]
Phone = Annotated[str, checked_by(telephone), shown_as("phone")]
OptionalPhone = Annotated[str, checked_by(telephone, required=False), shown_as("phone")]
Web = Annotated[str, checked_by(web), shown_as("url", format="uri")]
OptionalWeb = Annotated[str, checked_by(web, required=False), shown_as("url", format="uri")]
FormAddress = Annotated[str, checked_by(form_address), shown_as("url")]
SiteUrl = Annotated[str, checked_by(site_url), shown_as("url", format="uri")]
Boolean = Annotated[bool, checked_by(boolean), shown_as("switch", "boolean")]
Key = Annotated[str, checked_by(key)]
Count = Annotated[int, checked_by(number, least=0, most=1000), shown_as("number", "integer", minimum=0, maximum=1000)]
Total = Annotated[int, checked_by(number, least=1, most=1000), shown_as("number", "integer", minimum=1, maximum=1000)]
Days = Annotated[int, checked_by(number, least=0, most=365), shown_as("number", "integer", minimum=0, maximum=365)]
PictureFile = Annotated[str, checked_by(picture_file), shown_as("picture")]
Picture = Annotated[str, checked_by(choice, options=("", "less")), shown_as("select", options=["", "less"])]
HelplineGroup = Annotated[
    str,
    checked_by(choice, options=("support", "abuse", "emergency")),
    shown_as("select", options=["emergency", "abuse", "support"]),
]
Way = Annotated[
    str, checked_by(choice, options=("call", "text", "web")), shown_as("select", options=["call", "text", "web"])
]
