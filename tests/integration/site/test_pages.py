"""Every page is valid and small, ends with a next step, and loads nothing from other sites."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import brotli
import pytest

from service_profile import load
from tests.support.page_checks import XHTML, check_page, elements, parse, text_of

KB = 1000
ONE_FLIGHT = 14 * KB


def test_every_page_is_sound(pages: dict[str, str]) -> None:
    for address, html in pages.items():
        try:
            check_page(html)
        except AssertionError as error:
            pytest.fail(f"{address or 'home'}: {error}")


def test_no_link_of_ours_has_an_address_for_its_words(pages: dict[str, str]) -> None:
    assert {at: found for at, html in pages.items() if (found := re.findall(r">(https?://[^<]*)</a>", html))} == {}


def test_every_page_the_service_needs_is_there(pages: dict[str, str]) -> None:
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


def test_a_page_ends_with_a_way_to_ask_unless_that_is_not_what_its_reader_came_for(pages: dict[str, str]) -> None:
    """Legal, emergency and search pages opt out with `ready: false`; the contact page is itself the way to ask."""
    service = load()
    ending = {address for address, html in pages.items() if 'class="ready"' in html}
    assert {"", "harmed/", "caused-harm/", "under-18/", "what-happens/"} <= ending
    for address in ("get-help-now/", "complaints/", "privacy/", "cookies/", "accessibility/", "search/", "404.html"):
        assert address not in ending
    for address in ending:
        last = list(elements(parse(pages[address]), "main")[0])[-1]
        links = {link.get("href") for link in last.iter(XHTML + "a")}
        assert service["form_address"] in links, f"{address}: no way to the form at the end"
        for way in ("tel:", "sms:", "mailto:"):
            assert any(link.startswith(way) for link in links), f"{address}: no {way} at the end"


def test_the_way_to_ask_suits_the_readers_of_the_page(pages: dict[str, str]) -> None:
    """Pages for relatives and professionals offer contact with the other person, not with the reader."""
    asks = {"harmed/": "Ask us to contact you", "family-and-friends/": "Ask us to contact them"}
    for address, words in (asks | {"for-professionals/": "Make a referral"}).items():
        ending = pages[address].partition('class="ready"')[2].partition("</section>")[0]
        assert f">{words}</a>" in ending
        assert ("they agree first" in ending, "contact you" in ending) == (address != "harmed/", address == "harmed/")


def test_a_first_load_fits_into_one_flight_of_tcp(site: Path, pages: dict[str, str]) -> None:
    """A first load is the HTML with its inline style, and the exit script, compressed with Brotli."""
    script = len(brotli.compress((site / "assets" / "exit.js").read_bytes()))
    sizes = {address: len(brotli.compress(html.encode())) + script for address, html in pages.items()}
    assert {address: size for address, size in sizes.items() if size > ONE_FLIGHT} == {}


def test_script_is_at_most_1_kb_of_old_browsers_syntax(site: Path) -> None:
    script = (site / "assets" / "exit.js").read_text(encoding="utf-8")
    assert len(script.encode()) <= 1024
    assert not re.search(r"=>|`|\b(?:let|const|class|async|await)\b|\.closest\(|\.\.\.", script)


def test_search_is_at_most_30_kb(site: Path) -> None:
    parts = [site / "search" / "index.html", *(site / "assets").glob("search.js*")]
    parts = [path for path in parts if path.suffix in (".html", ".js", ".json")]
    assert len(parts) == 3
    assert sum(len(brotli.compress(path.read_bytes())) for path in parts) <= 30 * KB


def test_only_what_a_page_uses_is_published(site: Path, pages: dict[str, str]) -> None:
    names = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.suffix not in (".html", ".pdf", ".br", ".gz")}
    names = {name for name in names if (site / name).is_file() and not name.startswith("leaflets/")}
    used = {name for html in pages.values() for name in re.findall(r"assets/[\w./-]+(?=\?)", html)}
    unnamed = {"_headers", "_redirects", "_nginx/http.conf", "_nginx/server.conf", ".well-known/security.txt"}
    unnamed |= {"robots.txt", "sitemap.xml", "favicon.ico", "assets/search.json", "assets/fonts/OFL.txt"}
    assert names == used | unnamed


def test_a_changed_asset_has_another_url_so_that_nobody_keeps_an_old_one(site: Path, pages: dict[str, str]) -> None:
    read = [*pages.values(), (site / "assets" / "search.js").read_text(encoding="utf-8")]
    found = {match for text in read for match in re.findall(r'assets/([\w./-]+)\?([0-9a-f]{6})["\\)]', text)}
    assert {"exit.js", "icon.svg", "search.js", "search.json", "fonts/hyperlegible-400.woff2"} <= {n for n, _ in found}
    for name, digest in found:
        assert hashlib.sha256((site / "assets" / name).read_bytes()).hexdigest()[:6] == digest
    assert not any(re.search(r'assets/[\w./-]+"', text) for text in read)


def test_packed_copies_hold_the_same(site: Path) -> None:
    for path in site.rglob("*.html"):
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_policy_names_the_one_style_of_every_page(site: Path, pages: dict[str, str]) -> None:
    styles = {re.search(r"<style>(.*?)</style>", html, re.S)[1] for html in pages.values()}
    assert len(styles) == 1, "pages differ in their style"
    digest = base64.b64encode(hashlib.sha256(styles.pop().encode()).digest()).decode()
    headers = (site / "_headers").read_text(encoding="utf-8")
    assert f"style-src 'sha256-{digest}'" in headers
    assert "default-src 'none'" in headers
    assert not re.search(r"unsafe-|data:|https?:", headers)


def test_no_link_is_dead(site: Path, pages: dict[str, str]) -> None:
    for address, html in pages.items():
        for link in re.findall(r'(?:href|src)="([^"#?]*)(?:[#?][^"]*)?"', html):
            if not link or re.match(r"[a-z]+:", link) or link.startswith("/referral/"):
                continue
            target = (site / link.lstrip("/")) if link.startswith("/") else (site / address / link)
            if address in ("404.html", "unavailable.html"):
                assert link.startswith("/"), f"{address} is shown at any depth"
            target = target.resolve()
            assert (target / "index.html").is_file() or target.is_file(), f"{address}: {link}"
