"""Describe the service to search engines: add structured data (schema.org) to the home page."""

import json
from collections.abc import Mapping
from pathlib import Path

from service_profile import Service
from service_profile.validation import SAMPLE_PATTERN


def add_structured_data(site: Path, service: Service) -> None:
    """Add structured data about the service to the home page. Do nothing if a value is still a sample."""
    text = json.dumps(organisation_properties(service), ensure_ascii=False, separators=(",", ":")).replace(
        "<", "\\u003c"
    )
    if SAMPLE_PATTERN.search(text):
        return
    page = site / "index.html"
    # Browsers do not run a data block, so the content policy does not apply to it.
    block = f'<script type="application/ld+json">{text}</script>\n</head>'
    page.write_text(page.read_text(encoding="utf-8").replace("</head>", block, 1), encoding="utf-8")


def organisation_properties(service: Service) -> dict[str, object]:
    """Return the service as a schema.org Organization, without empty properties."""
    second_phone, logo = service["second_phone"], service["logo"]["picture"]
    properties: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": service["name"],
        "alternateName": service["short_name"],
        "url": service.site_url,
        "areaServed": service["area"],
        "telephone": service["phone"],
        "email": service["email"],
    }
    optional_properties = {
        "contactPoint": second_phone["number"]
        and {"@type": "ContactPoint", "contactType": second_phone["label"], "telephone": second_phone["number"]},
        "logo": logo and service.site_url + logo,
        "sameAs": [link["url"] for link in service["social_links"]],
        "funder": [_funder(funder) for funder in service["funders"]],
    }
    return properties | {name: value for name, value in optional_properties.items() if value}


def _funder(funder: Mapping[str, str]) -> dict[str, str]:
    url = {"url": funder["url"]} if funder["url"] else {}
    return {"@type": "Organization", "name": funder["name"], **url}
