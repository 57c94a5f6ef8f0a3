"""Who the service is, for search engines: schema.org's words on the home page."""

import json
from pathlib import Path

from service_profile import Service
from service_profile.validation import SAMPLE


def describe(site: Path, service: Service) -> None:
    """Add the organisation to the home page, unless one of its details is still a sample."""
    details = _details(service)
    text = json.dumps(details, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    if SAMPLE.search(text):
        return
    page = site / "index.html"
    # A block of data, which no browser runs: the content policy does not concern it.
    block = f'<script type="application/ld+json">{text}</script>\n</head>'
    page.write_text(page.read_text(encoding="utf-8").replace("</head>", block, 1), encoding="utf-8")


def _details(service: Service) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": service["name"],
        "alternateName": service["short_name"],
        "url": service.site_url,
        "areaServed": service["area"],
        "telephone": service["phone"],
        "email": service["email"],
    }
