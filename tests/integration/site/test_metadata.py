"""Pages have the metadata that search engines, link previews and browsers need."""

import json
import re
import struct
from pathlib import Path

import pytest

from service_profile import Service, load
from tools.publish import organisation

TEMPLATE_PAGES = {"404.html", "unavailable.html", "preview.html"}
# Words that would disclose the subject of a shared link to someone who sees the screen.
REVEALING_WORDS = re.compile(r"crime|harm|abuse|victim|offen|restorative|court|prison|justice", re.I)


def meta_content(html: str, name: str) -> str:
    match = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)"', html)
    return match[1] if match else ""


def test_each_page_has_its_own_description_and_canonical_url(pages: dict[str, str]) -> None:
    site_url = load().site_url
    descriptions = {}
    for url, html in pages.items():
        assert '<html lang="en-GB">' in html
        if url in TEMPLATE_PAGES:
            assert meta_content(html, "robots") == "noindex"
            continue
        assert f'<link rel="canonical" href="{site_url}{url}">' in html, url
        assert len(meta_content(html, "description")) > 20, url
        descriptions.setdefault(meta_content(html, "description"), []).append(url)
    assert {text: urls for text, urls in descriptions.items() if len(urls) > 1} == {}


def test_a_link_preview_does_not_disclose_the_subject(pages: dict[str, str]) -> None:
    for url, html in pages.items():
        if url not in TEMPLATE_PAGES:
            preview_texts = meta_content(html, "og:title"), meta_content(html, "og:description")
            assert all(preview_texts), url
            assert not REVEALING_WORDS.search(" ".join(preview_texts)), f"{url}: {preview_texts}"


def test_the_sitemap_lists_every_page_with_a_date(site: Path, pages: dict[str, str]) -> None:
    entries = re.findall(r"<loc>(.*?)</loc><lastmod>(\d{4}-\d\d-\d\d)</lastmod>", (site / "sitemap.xml").read_text())
    assert {url.removeprefix(load().site_url) for url, _ in entries} == set(pages) - TEMPLATE_PAGES


def test_old_browsers_get_an_icon(site: Path) -> None:
    data = (site / "favicon.ico").read_bytes()
    _, kind, count, width, height, *_, size, offset = struct.unpack("<HHHBBBBHHII", data[:22])
    assert (kind, count, width, height) == (1, 1, 32, 32)
    assert data[offset : offset + 4] == b"\x89PNG" and len(data) == offset + size


@pytest.fixture
def site_with_home_page(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<head></head>", encoding="utf-8")
    return tmp_path


def test_search_engines_get_real_contact_details_but_no_sample_values(site_with_home_page: Path) -> None:
    service = load()
    organisation.add_structured_data(site_with_home_page, service)
    assert "ld+json" not in (site_with_home_page / "index.html").read_text(encoding="utf-8")
    real_details = {"phone": "01785 123456", "email": "team@service.gov.uk", "name": "A </script> service"}
    organisation.add_structured_data(
        site_with_home_page, Service({**service.values, **real_details}, {}, "https://rj.service.gov.uk/")
    )
    html = (site_with_home_page / "index.html").read_text(encoding="utf-8")
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert script
    details = json.loads(script[1])
    assert details["telephone"] == real_details["phone"] and details["name"] == real_details["name"]
    assert html.count("</script>") == 1
