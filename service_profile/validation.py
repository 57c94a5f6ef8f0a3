"""Validate the settings of mkdocs.yml, and find what is still a sample."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from service_profile import legibility, phone
from service_profile.problems import error_sentences
from service_profile.schema import Settings

# Numbers that Ofcom reserves for drama, and names that RFC 2606 and RFC 6761 reserve for examples.
SAMPLE_PATTERN = re.compile(
    r"(?:\b0|\+44\W*0?\W*)(?:1632\W*960|7700\W*900)|\bexample\.(?:org|com|net)|\.example\b|\.(?:test|invalid)\b|\blocalhost\b",
    re.IGNORECASE,
)
# The date in a new service's settings until the service sets one.
SAMPLE_DAY = "2000-01-01"


class InvalidSettings(ValueError):
    """Raised if settings are invalid. `problems` has a sentence for each invalid setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def validate(config: Mapping[str, Any]) -> Settings:
    """Validate the settings in `config`, the content of mkdocs.yml, and return them.

    Raises InvalidSettings if a setting is missing or invalid.
    """
    extra = config.get("extra")
    if not isinstance(extra, Mapping) or not isinstance(extra.get("service"), Mapping):
        raise InvalidSettings(["has no block called extra: service:"])
    try:
        settings = Settings.model_validate({"site_url": config.get("site_url"), "service": extra["service"]})
    except ValidationError as error:
        raise InvalidSettings(error_sentences(error, Settings)) from error
    if problems := list(legibility.problems(settings.service.look.model_dump())):
        raise InvalidSettings(problems)
    return settings


def _setting_texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield (setting's name, value as text) for every setting in `value`, including those in lists."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _setting_texts(part, f"{name}.{key}")
    elif isinstance(value, list):
        for number, entry in enumerate(value, start=1):
            for key, part in entry.items() if isinstance(entry, Mapping) else [("", entry)]:
                yield from _setting_texts(part, f"{name}, entry {number}{', ' if key else ''}{key}")
    else:
        yield name, str(value).strip()


def production_problems(values: Mapping[str, Any], site_url: str) -> list[str]:
    """Return a sentence for each setting that is not ready for production, for example because it is a sample."""
    problems = []
    if site_url.startswith("http://"):
        problems.append(f"site_url must start with https:// ({site_url})")
    for name, value in [*_setting_texts(values, "extra.service"), ("site_url", site_url)]:
        if SAMPLE_PATTERN.search(value) or phone.is_fictional(value) or value == SAMPLE_DAY:
            problems.append(f"{name} is still a sample ({value})")
    for name, statistic in values["statistics"].items():
        for part in ("source", "year"):
            if not str(statistic.get(part) or "").strip():
                problems.append(f"extra.service.statistics.{name}.{part} is empty: every statistic needs it")
    return problems
