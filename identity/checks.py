"""What is missing from the service's identity, and what is still a sample."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from identity.facts import flatten

NEEDED = ("name", "short_name", "area", "phone", "email", "opening_hours", "form_address", "exit_address")
NEEDED_BLOCKS = ("statistics", "helplines", "privacy", "accessibility", "look", "call", "review", "leaflet")
# Ofcom's numbers for drama, and the names RFC 2606 and RFC 6761 keep for examples.
SAMPLE = re.compile(
    r"01632\s*960|07700\s*900|\bexample\.(?:org|com|net)|\.example\b|\.(?:test|invalid)\b|\blocalhost\b"
)


def missing(values: Mapping[str, Any], site_url: str) -> list[str]:
    """Problems that stop even a development build, each a sentence that names the setting."""
    return [*_missing_details(values, site_url), *_missing_in_statistics(values), *_missing_in_helplines(values)]


def _missing_details(values: Mapping[str, Any], site_url: str) -> Iterator[str]:
    for name in NEEDED:
        if not str(values.get(name) or "").strip():
            yield f"extra.service.{name} is empty"
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


def _missing_in_helplines(values: Mapping[str, Any]) -> Iterator[str]:
    for name, line in (values.get("helplines") or {}).items():
        for part in ("name", "contact", "says", "source", "checked"):
            if not (isinstance(line, Mapping) and str(line.get(part) or "").strip()):
                yield f"extra.service.helplines.{name}.{part} is empty"


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
