"""Tests of every page of the site in Chromium: privacy, content policy, layout, size and accessibility."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.usability import axe_violations, load_axe

pytestmark = pytest.mark.browser

ALL_AXE_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Forced colours change only colours, so the other rules need not run again.
COLOUR_AXE_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
TEXT_SPACING_CSS = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""
MAX_REQUESTS = 16  # for one page
READ_STORAGE_SCRIPT = """async () => [document.cookie, localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length]"""
MAX_FIRST_VIEW_BYTES = 60_000  # compressed bytes
MEASURE_FIRST_VIEW_SCRIPT = """() => { const seen = new Set([...document.images].filter(image => {
        const box = image.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; })
        .map(image => image.currentSrc));
    const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return all.filter(entry => entry.initiatorType != "img" || seen.has(entry.name))
        .map(entry => [entry.name, entry.encodedBodySize]); }"""
FIND_LAYOUT_SHIFTS_SCRIPT = """() => new Promise(done => { const shifts = [];
    const box = rect => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(" ");
    const move = source =>
        `${source.node?.outerHTML?.slice(0, 80)} ${box(source.previousRect)} → ${box(source.currentRect)}`;
    new PerformanceObserver(list => { for (const entry of list.getEntries())
            shifts.push(`${entry.value} at ${Math.round(entry.startTime)} ms: ${entry.sources.map(move)}`); })
        .observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => done(shifts))); })"""
FIND_SMALL_TARGETS_SCRIPT = """() => [...document.querySelectorAll(
    "nav a, .exit, .button, .brand, .doors a, .reach a, .every a")]
    .filter(e => { const box = e.getBoundingClientRect();
        return box.width && (box.height < 24 || box.width < 24); })
    .map(e => e.outerHTML.slice(0, 120))"""


class RecordingBrowser:
    """A browser context with one page.

    It records all console messages and script errors, and the URLs that the page has requested since the last `open`.
    """

    def __init__(self, browser: Browser, **settings: object) -> None:
        self.context = browser.new_context(**settings)
        self.page: Page = self.context.new_page()
        self.requested_urls: list[str] = []
        self.console_messages: list[str] = []
        self.page.on("request", lambda request: self.requested_urls.append(request.url))
        self.page.on("console", lambda message: self.console_messages.append(message.text))
        self.page.on("pageerror", lambda error: self.console_messages.append(str(error)))

    def open(self, url: str) -> Page:
        self.requested_urls.clear()
        self.page.goto(url)
        self.page.wait_for_load_state("load")
        return self.page


@pytest.fixture
def recording_browser(browser: Browser) -> Iterator[RecordingBrowser]:
    recording_browser = RecordingBrowser(browser, viewport={"width": 390, "height": 844})
    yield recording_browser
    recording_browser.context.close()


@dataclass(frozen=True)
class PageMeasurements:
    """Measurements of one page in a phone-sized browser."""

    requested_urls: set[str]
    storage: list[Any]  # the text of all cookies, then the number of items in each kind of browser storage
    first_view_sizes: dict[str, int]  # compressed bytes of each resource that the first view needs
    layout_shifts: list[str]
    small_targets: list[str]  # the HTML of each control that is smaller than 24 pixels


@dataclass(frozen=True)
class SiteMeasurements:
    """The measurements of all pages, with the browser's cookies and console messages."""

    pages: dict[str, PageMeasurements]
    cookies: list[Any]
    console_messages: list[str]


@pytest.fixture(scope="module")
def phone_measurements(browser: Browser, pages: dict[str, str], site_url: str) -> SiteMeasurements:
    recording_browser = RecordingBrowser(browser, viewport={"width": 390, "height": 844})
    measurements_by_path = {}
    for path in pages:
        page = recording_browser.open(site_url + path)
        sizes, shifts = dict(page.evaluate(MEASURE_FIRST_VIEW_SCRIPT)), page.evaluate(FIND_LAYOUT_SHIFTS_SCRIPT)
        measurements_by_path[path] = PageMeasurements(
            set(recording_browser.requested_urls),
            page.evaluate(READ_STORAGE_SCRIPT),
            sizes,
            shifts,
            page.evaluate(FIND_SMALL_TARGETS_SCRIPT),
        )
    site_measurements = SiteMeasurements(
        measurements_by_path, list(recording_browser.context.cookies()), recording_browser.console_messages
    )
    recording_browser.context.close()
    return site_measurements


def test_no_page_stores_data_or_requests_another_site_or_violates_the_content_policy(
    phone_measurements: SiteMeasurements, site_url: str
) -> None:
    assert phone_measurements.pages
    for path, measurements in phone_measurements.pages.items():
        assert measurements.requested_urls and all(url.startswith(site_url) for url in measurements.requested_urls), (
            f"{path}: {measurements.requested_urls}"
        )
        assert len(measurements.requested_urls) <= MAX_REQUESTS, f"{path}: {measurements.requested_urls}"
        assert measurements.storage == ["", 0, 0, 0, 0], path
    assert phone_measurements.cookies == []
    assert phone_measurements.console_messages == []


def test_a_first_view_on_a_phone_is_small_and_nothing_in_it_moves(phone_measurements: SiteMeasurements) -> None:
    """The size includes fonts and the pictures in view, but no picture further down, which the browser loads lazily."""
    for path, measurements in phone_measurements.pages.items():
        assert 0 < sum(measurements.first_view_sizes.values()) <= MAX_FIRST_VIEW_BYTES, (
            f"{path}: {measurements.first_view_sizes}"
        )
        assert measurements.layout_shifts == [], path


def test_every_control_is_at_least_24_pixels_high_and_wide(phone_measurements: SiteMeasurements) -> None:
    """Links inside a sentence are not measured, because WCAG 2.5.8 exempts them."""
    assert {
        path: measurements.small_targets
        for path, measurements in phone_measurements.pages.items()
        if measurements.small_targets
    } == {}


@pytest.mark.parametrize(
    ("width", "scheme", "forced_colours"),
    [
        (320, "light", "none"),
        pytest.param(1280, "dark", "none", marks=pytest.mark.system),
        pytest.param(320, "dark", "none", marks=pytest.mark.soak),
        pytest.param(1280, "light", "none", marks=pytest.mark.soak),
        pytest.param(320, "light", "active", marks=pytest.mark.system),
        pytest.param(1280, "light", "active", marks=pytest.mark.soak),
    ],
)
def test_axe_finds_no_violation_on_any_page(
    browser: Browser, pages: dict[str, str], site_url: str, width: int, scheme: str, forced_colours: str
) -> None:
    viewport = {"width": width, "height": 800}
    recording_browser = RecordingBrowser(
        browser, viewport=viewport, color_scheme=scheme, forced_colors=forced_colours, bypass_csp=True
    )
    load_axe(recording_browser.page)
    rules = ALL_AXE_RULES if forced_colours == "none" else COLOUR_AXE_RULES
    violations_by_path = {
        path: axe_violations(recording_browser.open(site_url + path), runOnly=rules) for path in pages
    }
    recording_browser.context.close()
    assert {path: violations for path, violations in violations_by_path.items() if violations} == {}


def overflowing_elements(page: Page) -> list[str]:
    """Return the start of the HTML of each element that makes the page scroll sideways."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 100))"""
    )


def test_no_page_scrolls_sideways(browser: Browser, pages: dict[str, str], site_url: str) -> None:
    """Check at 320 pixels: with normal text, with the text spacing of WCAG 1.4.12, then with large text as well."""
    recording_browser = RecordingBrowser(browser, viewport={"width": 320, "height": 640}, bypass_csp=True)
    for path in pages:
        page = recording_browser.open(site_url + path)
        assert overflowing_elements(page) == [], path
        page.add_style_tag(content=TEXT_SPACING_CSS)
        assert overflowing_elements(page) == [], f"{path} with wide spacing"
        page.add_style_tag(content="html { font-size: 200% !important; }")
        assert overflowing_elements(page) == [], f"{path} with text of twice the size"
    recording_browser.context.close()


def test_the_keyboard_reaches_content_and_menu_at_320_pixels(browser: Browser, site_url: str) -> None:
    recording_browser = RecordingBrowser(browser, viewport={"width": 320, "height": 640})
    page = recording_browser.open(site_url + "harmed/")
    focused_texts = []
    for _ in range(9):
        page.keyboard.press("Tab")
        focused_texts.append(page.evaluate("document.activeElement.textContent.trim()"))
        outline_width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline_width == "3px", focused_texts
        box = page.evaluate("(r => [r.width, r.height, r.top])(document.activeElement.getBoundingClientRect())")
        assert box[0] > 1
        assert box[1] > 1
        assert box[2] >= 0
    assert focused_texts[:3] == ["Skip to the main content", "Get help now", "Leave this page"]
    assert focused_texts[4:6] == ["Menu", "Home"]
    recording_browser.context.close()


def test_search_works_with_javascript_and_lists_pages_without_it(
    browser: Browser, recording_browser: RecordingBrowser, site_url: str
) -> None:
    page = recording_browser.open(site_url + "search/")
    page.fill("#find", "zzzz")
    expect(page.locator("#found")).to_contain_text("Nothing found")
    page.fill("#find", "proxy")
    page.wait_for_selector("#hits a")
    assert "What happens, step by step" in page.locator("#hits").all_inner_texts()[0]
    page.fill("#find", "can I stop")
    assert page.locator("#hits a").count() > 3
    page.click("#hits a >> nth=0")
    page.wait_for_load_state("load")
    assert page.locator("h1").count() == 1
    assert recording_browser.console_messages == []
    browser_without_javascript = RecordingBrowser(browser, java_script_enabled=False)
    page = browser_without_javascript.open(site_url + "search/")
    assert not page.is_visible("#find")
    assert page.locator("main ul a").count() >= 24
    browser_without_javascript.context.close()


def test_charts_are_printed_and_the_exit_button_is_not(recording_browser: RecordingBrowser, site_url: str) -> None:
    page = recording_browser.open(site_url + "does-it-help/")
    page.emulate_media(media="print")
    assert page.locator("svg[role=img]").count() == 3
    assert not page.is_visible(".exit")
    assert "7 in 10" in page.inner_text(".stat b >> nth=0")


@pytest.mark.parametrize("path", ["what-happens/", ""])
def test_the_focused_element_is_never_under_the_exit_bar(browser: Browser, site_url: str, path: str) -> None:
    """Check WCAG 2.4.11 on a small phone, with Tab and with Shift+Tab."""
    recording_browser = RecordingBrowser(browser, viewport={"width": 320, "height": 568})
    page = recording_browser.open(site_url + path)
    find_covered_element_script = """() => { const e = document.activeElement, box = e.getClientRects()[0];
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 12));
        return e === document.body || e.contains(at) || (at && at.contains(e)) ? "" : e.outerHTML.slice(0, 100); }"""
    link_count = page.locator("a").count()
    for key in ["Tab"] * link_count + ["Shift+Tab"] * (link_count - 1):
        page.keyboard.press(key)
        assert page.evaluate(find_covered_element_script) == ""
    recording_browser.context.close()
