"""The information site in Firefox and in WebKit, the engine of every iPhone."""

import pytest

from tests.support.computed_style import left_out
from tests.support.driven_browser import DrivenBrowser, until_true

pytestmark = [pytest.mark.browser, pytest.mark.system]


def test_every_page_opens_in_its_style_and_none_scrolls_sideways_on_a_small_phone(
    other_browser: DrivenBrowser, pages: dict[str, str], address: str
) -> None:
    other_browser.fresh()
    other_browser.resize(320)
    for at in pages:
        other_browser.open(address + at)
        assert other_browser.count("h1") == 1, at
        assert other_browser.script("return getComputedStyle(document.querySelector('.bar')).position") == "sticky", at
        assert other_browser.script("return document.documentElement.scrollWidth <= innerWidth"), at
    assert [url for url in other_browser.fetched if not url.startswith((address, "about:"))] == []
    assert other_browser.complaints() == []
    assert other_browser.cookies() == []


def test_no_line_of_the_style_is_lost(other_browser: DrivenBrowser, address: str) -> None:
    """WebKit rejects a `text-decoration` with thickness or colour, so the menu's current page had no underline."""
    other_browser.fresh()
    other_browser.open(address + "search/")
    # WebKit has no forced colours, so it need not know forced-color-adjust.
    assert [line for line in left_out(other_browser) if not line.startswith("forced-color-adjust")] == []
    line = "return getComputedStyle(document.querySelector('.menu [aria-current]')).borderBottomStyle"
    assert other_browser.script(line) == "solid"


def test_search_finds_with_script_and_lists_without(other_browser: DrivenBrowser, address: str) -> None:
    other_browser.fresh()
    other_browser.open(address + "search/")
    other_browser.type("#find", "proxy")
    until_true(lambda: other_browser.count("#hits a") > 0, "something is found")
    assert "What happens, step by step" in other_browser.text("#hits")
    other_browser.follow("#hits a")
    assert other_browser.count("h1") == 1
    other_browser.fresh(script=False)
    other_browser.open(address + "search/")
    assert not other_browser.is_shown("#find")
    assert other_browser.count("main ul a") >= 24
