"""Load and check the service profile, the one description of the service."""

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
    """mkdocs.yml cannot be used. The message says what to change, one problem a line."""


@dataclass(frozen=True)
class Service:
    """The service profile.

    `values` is `extra.service` as templates see it, the same plain mapping in MkDocs and Flask: every setting of the
    schema, with its default where mkdocs.yml leaves it out, and under "links" the result of `contact_links`. `facts`
    holds the same values under flat dotted names, for Markdown and leaflets. `site_url` ends with a slash. `nav_pages`
    lists the Markdown files in MkDocs' `nav`.
    """

    values: Mapping[str, Any]
    facts: Mapping[str, str]
    site_url: str
    nav_pages: Sequence[str] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def pictures(self) -> dict[str, str]:
        """Return the picture files that the settings name: {setting's name: path below docs/}."""
        paths = {"extra.service.logo.picture": self["logo"]["picture"]}
        for number, funder in enumerate(self["funders"], start=1):
            paths[f"extra.service.funders, entry {number}, picture"] = funder["picture"]
        return {name: path for name, path in paths.items() if path}


def statistic_sentence(statistic: Mapping[str, Any]) -> str:
    """Return the statistic's wording with its own numbers: "85% of people harmed …"."""
    return str(statistic["wording"]).format(value=statistic["value"], of=statistic["of"])


def contact_links(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the URL behind each contact: tel:, sms: or mailto:, and "" for one that is empty or cannot be dialled.

    `helplines` maps the names of helplines to URLs; `social` lists the links to social networks with their icons.
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
    """Return the service profile in `path`.

    Raises ProfileError when a setting is missing or wrong or, in production, when a sample (01632 960…, 07700 900…,
    example.org) is still there or a statistic lacks its source or year.
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
    """Return the facts that texts can use, by dotted name; a missing optional fact is ""."""
    facts = dict.fromkeys(OPTIONAL_FACTS, "") | flatten(
        {name: value for name, value in values.items() if name != "links"}
    )
    for name, statistic in values["statistics"].items():
        facts[f"statistics.{name}.sentence"] = statistic_sentence(statistic)
    facts["privacy.kept"] = retention_sentence(values["privacy"])
    return facts


def _nav_files(nav: object) -> Iterator[str]:
    """Yield the Markdown files that a `nav` of MkDocs names, at any depth."""
    if isinstance(nav, str):
        yield from [nav] if nav.endswith(".md") else []
    elif isinstance(nav, list | dict):
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _nav_files(entry)
