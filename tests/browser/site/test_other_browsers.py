"""Tests of the information site in Firefox and in WebKit, the engine of iPhone browsers."""

import pytest

from tests.support.driven_browser import DrivenBrowser
from tests.support.unsupported_css import unsupported_declarations
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_every_page_has_its_style_and_fits_a_small_phone(
    other_browser: DrivenBrowser, pages: dict[str, str], site_url: str
) -> None:
    other_browser.reset()
    other_browser.resize(320)
    for path in pages:
        other_browser.open(site_url + path)
        assert other_browser.count("h1") == 1, path
        assert other_browser.script("return getComputedStyle(document.querySelector('.bar')).position") == "sticky", (
            path
        )
        assert other_browser.script("return document.documentElement.scrollWidth <= innerWidth"), path
    assert [url for url in other_browser.fetched_urls if not url.startswith((site_url, "about:"))] == []
    assert other_browser.console_errors() == []
    assert other_browser.cookies() == []


def test_every_css_declaration_of_the_site_is_supported(other_browser: DrivenBrowser, site_url: str) -> None:
    """Also check that the menu underlines the current page."""
    other_browser.reset()
    # WebKit ignores a shorthand with the thickness of the line.
    for path, css_property in (("harmed/", "borderBottomStyle"), ("search/", "textDecorationLine")):
        other_browser.open(site_url + path)
        assert unsupported_declarations(other_browser) == []
        read_css_property_script = (
            f"return getComputedStyle(document.querySelector('.menu [aria-current]')).{css_property}"
        )
        assert other_browser.script(read_css_property_script) in ("solid", "underline")


def test_search_works_with_javascript_and_lists_pages_without_it(other_browser: DrivenBrowser, site_url: str) -> None:
    other_browser.reset()
    other_browser.open(site_url + "search/")
    other_browser.type("#find", "proxy")
    wait_until(lambda: other_browser.count("#hits a") > 0, "something is found")
    assert "What happens, step by step" in other_browser.text("#hits")
    other_browser.follow("#hits a")
    assert other_browser.count("h1") == 1
    other_browser.reset(javascript=False)
    other_browser.open(site_url + "search/")
    assert not other_browser.is_shown("#find")
    assert other_browser.count("main ul a") >= 24
