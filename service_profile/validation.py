"""What is missing from the service profile, and what is still a sample."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from service_profile import contrast
from service_profile.placeholders import flatten

NEEDED = ("name", "short_name", "area", "phone", "email", "opening_hours", "form_address", "exit_address")
MAY_BE_EMPTY = ("text_number", "secure_email", "response_promise")
# Sentences that only the service can write. Pages leave out the paragraph that holds one while it is empty.
ABOUT = (
    *(
        "who",
        "victim_service",
        "funder",
        "training",
        "registration",
        "cost",
        "area_rule",
        "places",
        "how_long",
        "prison",
    ),
    *("nobody_caught", "denial", "no_apology", "bereaved", "broken_agreement", "court_and_parole", "local_support"),
    *("complaints_commissioner", "complaints_registration"),
)
# Helplines that pages name one by one, beside the lists of them all.
NAMED_HELPLINES = ("emergency", "relay_uk", "young_people", "own_behaviour", "ico", "eass")
HELPLINE_GROUPS = ("emergency", "abuse", "support")
# What a page may name although a service does not have it.
OPTIONAL_FACTS = (
    *(f"about.{name}" for name in ABOUT),
    *(f"helplines.{line}.{part}" for line in NAMED_HELPLINES for part in ("name", "contact", "says", "web")),
    "other_areas",
    "privacy.transfers",
)
PHONES = {"phone", "text_number"}
EMAILS = {"email", "secure_email"}
PHONE = re.compile(r"[+0-9][0-9 ()]{6,}")
EMAIL = re.compile(r"[^@\s<>,]+@[^@\s<>,.]+(\.[^@\s<>,.]+)+")
NEEDED_BLOCKS = ("statistics", "helplines", "privacy", "accessibility", "look", "call", "review", "leaflet")
# Ofcom's numbers for drama, and the names RFC 2606 and RFC 6761 keep for examples.
SAMPLE = re.compile(
    r"(?:\b0|\+44\W*0?\W*)(?:1632\W*960|7700\W*900)|\bexample\.(?:org|com|net)|\.example\b|\.(?:test|invalid)\b|\blocalhost\b",
    re.IGNORECASE,
)


def missing(values: Mapping[str, Any], site_url: str) -> list[str]:
    """Problems that stop even a development build, each a sentence that names the setting."""
    return [
        *(said for name in (*NEEDED, *MAY_BE_EMPTY) for said in _wrong_detail(name, values.get(name, ""))),
        *_missing_details(values, site_url),
        *_missing_in_statistics(values),
        *_missing_in_helplines(values),
        *_wrong_about(values.get("about")),
        *(contrast.problems(values["look"]) if isinstance(values.get("look"), Mapping) else ()),
    ]


def _wrong_detail(name: str, value: object) -> Iterator[str]:
    where = f"extra.service.{name}"
    if value is None or value == "":
        if name in NEEDED:
            yield f"{where} is empty"
    elif not isinstance(value, str):
        # Unquoted, YAML reads 01632460123 as a number to base eight, which is another number.
        yield f'{where} must stand in quotes, like "01234 567890"'
    elif name in PHONES and not PHONE.fullmatch(value.strip()):
        yield f"{where} is not a phone number: {value}"
    elif name in EMAILS and not EMAIL.fullmatch(value.strip()):
        yield f"{where} is not an email address: {value}"


def _missing_details(values: Mapping[str, Any], site_url: str) -> Iterator[str]:
    for name in NEEDED_BLOCKS:
        if not isinstance(values.get(name), Mapping):
            yield f"extra.service.{name} is missing"
    if not re.match(r"https?://[^/]+", site_url):
        yield "site_url must be the site's full address, starting with https://"
    address = str(values.get("exit_address") or "")
    if address and not address.startswith("https://"):
        yield "extra.service.exit_address must start with https://"
    address = str(values.get("form_address") or "")
    if address and not re.match(r"/|https://", address):
        yield "extra.service.form_address must start with / or https://"
    days = (values.get("privacy") or {}).get("keep_days")
    if not isinstance(days, int) or days < 0:
        yield f"extra.service.privacy.keep_days must be a whole number of days: {days}"
    for name, value in (
        ("review.date", (values.get("review") or {}).get("date")),
        ("accessibility.prepared", (values.get("accessibility") or {}).get("prepared")),
    ):
        if not _is_date(str(value or "")):
            yield f"extra.service.{name} is not a date like 2026-11-23: {value}"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _missing_in_statistics(values: Mapping[str, Any]) -> Iterator[str]:
    for name, statistic in (values.get("statistics") or {}).items():
        where = f"extra.service.statistics.{name}"
        if not isinstance(statistic, Mapping):
            yield f"{where} must hold value, of, wording, limits, source and year"
            continue
        for part in ("value", "of"):
            if not isinstance(statistic.get(part), int):
                yield f"{where}.{part} must be a whole number"
        yield from (f"{where}.{part} is empty" for part in ("wording",) if not statistic.get(part))


def _wrong_about(about: object) -> Iterator[str]:
    if about is not None and not isinstance(about, Mapping):
        yield "extra.service.about must hold sentences under the names that mkdocs.yml lists"
        return
    for name, value in (about or {}).items():
        if name not in ABOUT:
            yield f"extra.service.about.{name} is unknown: {', '.join(ABOUT)}"
        elif value is not None and not isinstance(value, str):
            yield f"extra.service.about.{name} must be text"


def _missing_in_helplines(values: Mapping[str, Any]) -> Iterator[str]:
    for name, line in (values.get("helplines") or {}).items():
        for part in ("name", "contact", "says", "source", "checked"):
            if not (isinstance(line, Mapping) and str(line.get(part) or "").strip()):
                yield f"extra.service.helplines.{name}.{part} is empty"
        group = line.get("group", "support") if isinstance(line, Mapping) else "support"
        if group not in HELPLINE_GROUPS:
            yield f"extra.service.helplines.{name}.group must be one of {', '.join(HELPLINE_GROUPS)}: {group}"


def placeholders(values: Mapping[str, Any], site_url: str) -> list[str]:
    """What a production build refuses: samples, and statistics without source or year."""
    problems = []
    for name, value in {**flatten(values, "extra.service."), "site_url": site_url}.items():
        if SAMPLE.search(value):
            problems.append(f"{name} is still a sample ({value})")
    for name, statistic in values["statistics"].items():
        for part in ("source", "year"):
            if not str(statistic.get(part) or "").strip():
                problems.append(f"extra.service.statistics.{name}.{part} is empty: every statistic needs it")
    return problems
