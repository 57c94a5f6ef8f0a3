"""Load and validate the settings of the service."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service_profile import phone, social
from service_profile.facts import flatten
from service_profile.reader import UnreadableConfig, read
from service_profile.retention_periods import retention_sentence
from service_profile.schema import OPTIONAL_FACTS
from service_profile.validation import InvalidSettings, production_problems, validate

ROOT = Path(__file__).resolve().parent.parent
# Tests use a file of their own, so that they do not depend on the service in mkdocs.yml.
MKDOCS_YML = Path(os.environ.get("MKDOCS_CONFIG") or ROOT / "mkdocs.yml")


class ProfileError(ValueError):
    """Raised if the settings in mkdocs.yml are invalid. The message has one line for each problem."""


@dataclass(frozen=True)
class Service:
    """The settings of the service, loaded from mkdocs.yml.

    `values` also has the URLs of `contact_links` under "links". `facts` holds the values as text, keyed by dotted name.
    `nav_pages` lists the Markdown files in MkDocs' `nav`.
    """

    values: Mapping[str, Any]
    facts: Mapping[str, str]
    site_url: str
    nav_pages: Sequence[str] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def pictures(self) -> dict[str, str]:
        """Return the path, below docs/, of each picture in the settings, keyed by the name of its setting."""
        paths = {"extra.service.logo.picture": self["logo"]["picture"]}
        for number, funder in enumerate(self["funders"], start=1):
            paths[f"extra.service.funders, entry {number}, picture"] = funder["picture"]
        return {name: path for name, path in paths.items() if path}


def statistic_sentence(statistic: Mapping[str, Any]) -> str:
    """Return the statistic's wording with its numbers filled in, such as "85% of people harmed …"."""
    return str(statistic["wording"]).format(value=statistic["value"], of=statistic["of"])


def contact_links(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the URL of each contact, keyed by the name of its setting: {"phone": "tel:01632960000", …}.

    The URL is "" if the setting is empty or holds a code that only works during a call. "helplines" maps the
    name of each helpline to its URL. "social" is the list that `social.links` returns.
    """
    helplines = {
        name: helpline["web"]
        if helpline["by"] == "web"
        else phone.link(helpline["contact"], "sms" if helpline["by"] == "text" else "tel")
        for name, helpline in values["helplines"].items()
    }
    return {
        "phone": phone.link(values["phone"]),
        "second_phone": phone.link(values["second_phone"]["number"]),
        "text_number": phone.link(values["text_number"], "sms"),
        "email": f"mailto:{values['email']}",
        "helplines": helplines,
        "social": social.links(values["social_links"]),
    }


def load(path: Path = MKDOCS_YML, production: bool = False) -> Service:
    """Load the settings of the service from the mkdocs.yml at `path`. Raises ProfileError if a setting is invalid.

    With `production`, a sample value is invalid too, and so is a statistic without a source or a year.
    """
    try:
        config = read(path)
        settings = validate(config)
    except UnreadableConfig as error:
        raise ProfileError(str(error)) from error
    except InvalidSettings as error:
        raise ProfileError("\n".join(f"{path.name}: {problem}" for problem in error.problems)) from error
    values = settings.service.model_dump()
    if production and (problems := production_problems(values, settings.site_url)):
        raise ProfileError("\n".join(f"{path.name}: {problem}" for problem in problems))
    facts = facts_of(values) | {"site_url": settings.site_url}
    links = {"links": contact_links(values)}
    return Service(values | links, facts, settings.site_url, list(_nav_files(config.get("nav"))))


def facts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts that texts can refer to, keyed by dotted name. A missing optional fact is ""."""
    facts = dict.fromkeys(OPTIONAL_FACTS, "") | flatten(
        {name: value for name, value in values.items() if name != "links"}
    )
    for name, statistic in values["statistics"].items():
        facts[f"statistics.{name}.sentence"] = statistic_sentence(statistic)
    facts["privacy.kept"] = retention_sentence(values["privacy"])
    return facts


def _nav_files(nav: object) -> Iterator[str]:
    """Yield the Markdown files in MkDocs' `nav`, at any depth."""
    if isinstance(nav, str):
        yield from [nav] if nav.endswith(".md") else []
    elif isinstance(nav, list | dict):
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _nav_files(entry)
