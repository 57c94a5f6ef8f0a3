"""Every page can be reached from every other in two clicks."""

import re
from urllib.parse import urljoin

from tests.support.page_checks import XHTML, elements, parse, text_of

BASE_URL = "https://here/"
# Error and preview pages, and the leaflets' own pages, which the leaflets page lists: none belongs in a menu.
STANDALONE_PAGES = re.compile(r"404\.html|unavailable\.html|preview\.html|leaflets/.+")


def link_texts_on_page(url: str, html: str) -> dict[str, str]:
    """Return the text of each link to a page of the site, by that page's path.

    If several links lead to one page, return the text of the last.
    """
    links = {}
    for link in elements(parse(html), "a"):
        target = urljoin(BASE_URL + url, link.get("href") or "").partition("#")[0]
        if target.startswith(BASE_URL) and text_of(link):
            links[target.removeprefix(BASE_URL)] = text_of(link)
    return links


def test_every_page_can_be_reached_from_every_other_in_two_clicks(pages: dict[str, str]) -> None:
    linked_urls_by_page = {url: set(link_texts_on_page(url, html)) for url, html in pages.items()}
    pages_to_reach = {url for url in pages if not STANDALONE_PAGES.fullmatch(url)}
    unreachable_urls = {}
    for url in pages:
        urls_within_two_clicks = linked_urls_by_page[url] | {
            second_url
            for first_url in linked_urls_by_page[url]
            if first_url in linked_urls_by_page
            for second_url in linked_urls_by_page[first_url]
        }
        if missing_urls := pages_to_reach - urls_within_two_clicks - {url}:
            unreachable_urls[url] = missing_urls
    assert unreachable_urls == {}


def test_every_page_shows_its_place_in_the_menu(pages: dict[str, str]) -> None:
    for url, html in pages.items():
        aria_current_values = re.findall(r'aria-current="(\w+)"', html)
        if url in ("", "404.html", "unavailable.html") or url.startswith("leaflets/"):
            assert url != "" or not aria_current_values
            continue
        assert "page" in aria_current_values, f"{url}: no menu shows that this page is open"
        assert 'class="where"' in html and ">Home</a>" in html, f"{url}: no way back to the home page"


def test_the_page_of_a_leaflet_shows_that_it_belongs_to_the_leaflets(pages: dict[str, str]) -> None:
    leaflets = [html for url, html in pages.items() if re.fullmatch("leaflets/.+", url)]
    assert leaflets
    for html in leaflets:
        breadcrumb, menus = (
            re.search(r'<ol class="where".*?</ol>', html, re.S),
            re.findall(r"<nav .*?</nav>", html, re.S),
        )
        assert breadcrumb
        assert '<a href="/leaflets/">Leaflets</a>' in breadcrumb[0]
        current_link_texts = [link for menu in menus for link in re.findall(r'aria-current="true">([^<]+)', menu)]
        assert current_link_texts == ["How it works", "Leaflets"]


def test_a_page_of_a_section_links_to_the_other_pages_of_the_section(pages: dict[str, str]) -> None:
    section_menu = re.search(r'<nav class="rail".*?</nav>', pages["harmed/"], re.S)
    assert section_menu
    assert section_menu[0].count("<li>") >= 5
    assert 'href="/your-safety/"' in section_menu[0]
    assert section_menu[0].count('aria-current="page"') == 1


def test_the_page_that_lists_every_page_lists_each_once(pages: dict[str, str]) -> None:
    content = pages["search/"].partition("<main")[2].partition("</main>")[0]
    addresses = re.findall(r'href="(/[^"#]+)"', content.partition('class="site-list"')[2])
    assert len(addresses) > 20
    assert sorted(addresses) == sorted(set(addresses))


def test_a_table_of_contents_lists_every_section_of_a_long_page(pages: dict[str, str]) -> None:
    for url, html in pages.items():
        if STANDALONE_PAGES.fullmatch(url) or 'class="with-rail' in html:
            continue
        heading_ids = re.findall(r'<h2 id="([^"]+)"', html.partition("</main>")[0])
        section_ids = [name for name in heading_ids if name not in ("on-this-page", "in-section", "ready")]
        table_of_contents = re.search(r'<nav class="jump".*?</nav>', html, re.S)
        if table_of_contents:
            assert len(section_ids) >= 5, url
            assert all(f'href="#{name}"' in table_of_contents[0] for name in section_ids), url


def test_every_heading_can_be_linked_to(pages: dict[str, str]) -> None:
    for url, html in pages.items():
        if STANDALONE_PAGES.fullmatch(url):
            continue
        content = elements(parse(html), "main")[0]
        for level in ("h2", "h3"):
            for heading in content.iter(XHTML + level):
                assert heading.get("id"), f"{url}: {text_of(heading)!r} has no id"
