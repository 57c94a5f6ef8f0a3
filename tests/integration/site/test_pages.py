"""Every page is valid and small, ends with a next step, and loads nothing from other sites."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import brotli
import pytest

from service_profile import load
from tests.support.browser_translation import unprotected_numbers
from tests.support.page_checks import XHTML, check_page, elements, parse, text_of

KB = 1000
TCP_INITIAL_WINDOW_BYTES = 14 * KB


def test_every_page_is_valid_and_accessible_html(pages: dict[str, str]) -> None:
    for url, html in pages.items():
        try:
            check_page(html)
        except AssertionError as error:
            pytest.fail(f"{url or 'home'}: {error}")


def test_a_browser_translation_does_not_alter_any_telephone_number(pages: dict[str, str]) -> None:
    assert sum("01632 960123" in html for html in pages.values()) > 20
    assert {url: numbers for url, html in pages.items() if (numbers := unprotected_numbers(parse(html)))} == {}


def test_no_link_text_is_a_web_address(pages: dict[str, str]) -> None:
    assert {
        url: link_texts for url, html in pages.items() if (link_texts := re.findall(r">(https?://[^<]*)</a>", html))
    } == {}


def test_the_site_has_every_page_that_the_service_needs(pages: dict[str, str]) -> None:
    titles = {text_of(elements(parse(html), "h1")[0]) for html in pages.values()}
    assert titles >= {
        "A safe way to be heard after a crime",
        "I was harmed",
        "I caused harm",
        "Family and friends",
        "Under 18",
        "For professionals",
        "What restorative justice is",
        "What happens, step by step",
        "Your safety and choice",
        "The support you get",
        "How to take part",
        "Does it help?",
        "Questions people ask",
        "Your rights",
        "Leaflets",
        "Contact us",
        "Get help now",
        "Hide your visit",
        "Domestic abuse and sexual abuse",
        "If someone is in prison",
        "Other support",
        "About us",
        "Search this site",
        "Complaints",
        "Privacy",
        "Cookies",
        "Accessibility statement",
        "Page not found",
        "Sorry, this part is not working just now",
    }


def test_pages_end_with_ways_to_contact_the_team_unless_they_opt_out(pages: dict[str, str]) -> None:
    """Legal, emergency and search pages opt out with `ready: false`."""
    service = load()
    urls_with_contact_section = {url for url, html in pages.items() if 'class="ready"' in html}
    assert {"", "harmed/", "caused-harm/", "under-18/", "what-happens/"} <= urls_with_contact_section
    for url in ("get-help-now/", "complaints/", "privacy/", "cookies/", "accessibility/", "search/", "404.html"):
        assert url not in urls_with_contact_section
    for url in urls_with_contact_section:
        last_section = list(elements(parse(pages[url]), "main")[0])[-1]
        links = {link.get("href") for link in last_section.iter(XHTML + "a")}
        assert service["form_address"] in links, f"{url}: no way to the form at the end"
        for scheme in ("tel:", "sms:", "mailto:"):
            assert any(link.startswith(scheme) for link in links), f"{url}: no {scheme} at the end"


def test_the_button_at_the_end_of_a_page_suits_its_readers(pages: dict[str, str]) -> None:
    """Pages for relatives and professionals offer to contact the other person, not the reader."""
    button_labels = {"harmed/": "Ask us to contact you", "family-and-friends/": "Ask us to contact them"}
    for url, label in (button_labels | {"for-professionals/": "Make a referral"}).items():
        last_section = pages[url].partition('class="ready"')[2].partition("</section>")[0]
        assert f">{label}</a>" in last_section
        assert ("they agree first" in last_section, "contact you" in last_section) == (
            url != "harmed/",
            url == "harmed/",
        )


def test_a_first_load_fits_into_the_initial_tcp_window(site: Path, pages: dict[str, str]) -> None:
    """The first load consists of the compressed HTML and the compressed exit script."""
    script_size = len(brotli.compress((site / "assets" / "exit.js").read_bytes()))
    sizes = {url: len(brotli.compress(html.encode())) + script_size for url, html in pages.items()}
    assert {url: size for url, size in sizes.items() if size > TCP_INITIAL_WINDOW_BYTES} == {}


def test_the_exit_script_is_at_most_1_kb_and_runs_in_old_browsers(site: Path) -> None:
    script_text = (site / "assets" / "exit.js").read_text(encoding="utf-8")
    assert len(script_text.encode()) <= 1024
    assert not re.search(r"=>|`|\b(?:let|const|class|async|await)\b|\.closest\(|\.\.\.", script_text)


def test_the_search_loads_at_most_30_kb(site: Path) -> None:
    search_files = [site / "search" / "index.html", *(site / "assets").glob("search.js*")]
    search_files = [path for path in search_files if path.suffix in (".html", ".js", ".json")]
    assert len(search_files) == 3
    assert sum(len(brotli.compress(path.read_bytes())) for path in search_files) <= 30 * KB


def test_only_linked_assets_and_a_few_known_files_are_published_beside_pages_and_leaflets(
    site: Path, pages: dict[str, str]
) -> None:
    names = {
        path.relative_to(site).as_posix()
        for path in site.rglob("*")
        if path.suffix not in (".html", ".pdf", ".br", ".gz")
    }
    names = {name for name in names if (site / name).is_file() and not name.startswith("leaflets/")}
    linked_names = {name for html in pages.values() for name in re.findall(r"assets/[\w./-]+(?=\?)", html)}
    unlinked_names = {"_headers", "_redirects", "_nginx/http.conf", "_nginx/server.conf", ".well-known/security.txt"}
    unlinked_names |= {"robots.txt", "sitemap.xml", "favicon.ico", "assets/search.json", "assets/fonts/OFL.txt"}
    assert names == linked_names | unlinked_names


def test_the_url_of_an_asset_contains_its_hash_so_that_no_cache_serves_an_old_one(
    site: Path, pages: dict[str, str]
) -> None:
    texts = [*pages.values(), (site / "assets" / "search.js").read_text(encoding="utf-8")]
    links = {match for text in texts for match in re.findall(r'assets/([\w./-]+)\?([0-9a-f]{6})["\\)]', text)}
    assert {"exit.js", "icon.svg", "search.js", "search.json", "fonts/hyperlegible-400.woff2"} <= {
        name for name, _ in links
    }
    for name, digest in links:
        assert hashlib.sha256((site / "assets" / name).read_bytes()).hexdigest()[:6] == digest
    assert not any(re.search(r'assets/[\w./-]+"', text) for text in texts)


def test_compressed_copies_have_the_same_content(site: Path) -> None:
    for path in site.rglob("*.html"):
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_the_content_policy_allows_the_style_of_every_page_and_nothing_unsafe(
    site: Path, pages: dict[str, str]
) -> None:
    styles = {re.search(r"<style>(.*?)</style>", html, re.S)[1] for html in pages.values()}
    headers = (site / "_headers").read_text(encoding="utf-8")
    allowed_hashes = re.search(r"style-src ([^;]*);", headers)[1].split()
    style_hashes = {base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles}
    assert sorted(allowed_hashes) == sorted(f"'sha256-{digest}'" for digest in style_hashes)
    assert "default-src 'none'" in headers
    assert not re.search(r"unsafe-|data:|https?:", headers)


def test_no_link_between_pages_is_broken(site: Path, pages: dict[str, str]) -> None:
    for url, html in pages.items():
        for link in re.findall(r'(?:href|src)="([^"#?]*)(?:[#?][^"]*)?"', html):
            if not link or re.match(r"[a-z]+:", link) or link.startswith("/referral/"):
                continue
            target = (site / link.lstrip("/")) if link.startswith("/") else (site / url / link)
            if url in ("404.html", "unavailable.html"):
                assert link.startswith("/"), f"{url} is served under any path, so its links must be absolute"
            target = target.resolve()
            assert (target / "index.html").is_file() or target.is_file(), f"{url}: {link}"
