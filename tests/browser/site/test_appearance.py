"""Tests of the site's appearance: wide fonts, line breaks, print and right-to-left layouts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pymupdf
import pytest
from markdown import Markdown
from playwright.sync_api import Browser, Page

from service_profile import load
from site_markdown import SiteExtension

pytestmark = pytest.mark.browser

# About as wide as the widest fallback font that a phone shows before the site's font has loaded.
WIDE_FONT_CSS = "body { font-family: monospace; letter-spacing: -0.02em; }"
# The spaces within telephone numbers, dates, "7 in 10" and "9am to 5pm".
SPACE_INSIDE_NUMBER_OR_DATE_PATTERN = (
    r"(?<=\d) (?=\d|in \d|[A-Z][a-z]+ \d{4})|(?<=\d in) (?=\d)|(?<=\d [A-Z][a-z]+) (?=\d{4})"
    r"|(?<=[ap]m) (?=to \d)|(?<=[ap]m to) (?=\d)"
)
# The words around each space that matches the pattern and is broken between lines.
FIND_BROKEN_NUMBERS_AND_DATES_SCRIPT = """pattern => {
    const found = [], range = document.createRange();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());)
        if (!text.parentElement.closest("svg, script, style"))
            for (const space of text.data.matchAll(new RegExp(pattern, "g"))) {
                range.setStart(text, space.index - 1); range.setEnd(text, space.index + 2);
                if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1)
                    found.push(text.data.slice(Math.max(0, space.index - 20), space.index + 20));
            }
    return found; }"""
# The words around each punctuation mark that begins a line.
FIND_LEADING_PUNCTUATION_SCRIPT = """() => {
    const found = [], range = document.createRange();
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    for (let text, before; (text = texts.nextNode()); before = text)
        if (before && /^[,.;:!?)]/.test(text.data)) {
            range.setStart(before, before.length - 1); range.setEnd(before, before.length);
            const end = range.getBoundingClientRect();
            range.setStart(text, 0); range.setEnd(text, 1);
            const mark = range.getBoundingClientRect();
            if (end.width && mark.width && mark.left < end.left) found.push(before.data + text.data);
        }
    return found; }"""
# How many letters of an ordinary sentence fit on the first line of a paragraph.
COUNT_LETTERS_ON_FIRST_LINE_SCRIPT = """text => {
    const paragraph = text.insertBefore(document.createElement("p"), text.firstChild), range = document.createRange();
    paragraph.textContent = "We will talk it over with you first, and you do not have to decide yet. ".repeat(5);
    const words = paragraph.firstChild, top = paragraph.getClientRects()[0].top;
    let end = 0;
    do range.setStart(words, end), range.setEnd(words, ++end);
    while (range.getBoundingClientRect().top < top + 20);
    return end - 1; }"""
COUNT_LINES_SCRIPT = """links => links.map(link => {
    const range = document.createRange(); range.selectNodeContents(link);
    return new Set([...range.getClientRects()].map(box => box.top)).size; })"""
FIND_BROKEN_WORDS_SCRIPT = """brand => {
    const text = brand.lastChild, range = document.createRange();
    return [...text.data.matchAll(/\\S+/g)].filter(word => {
        range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map(word => word[0]); }"""
MEASURE_GAPS_BETWEEN_LINKS_SCRIPT = """() => {
    const boxes = [...document.querySelectorAll(".where a")].map(link => link.getBoundingClientRect());
    return boxes.slice(1).map((box, i) => [box, boxes[i]]).filter(([box, before]) => box.top === before.top)
        .map(([box, before]) => box.left - before.right); }"""
MEASURE_LABEL_POSITIONS_SCRIPT = """() => [...document.querySelectorAll(".drawing text")].map(e => {
    const box = e.getBoundingClientRect(), all = e.closest("svg").getBoundingClientRect();
    return [e.textContent, Math.round(box.left - all.left)]; })"""
PRINTED_PATHS = ("", "what-happens/", "leaflets/", "does-it-help/")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a phone-sized page that ignores the content policy, so that a test can change its font."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_the_exit_bar_stays_on_one_line_in_a_wide_font(page: Page, site_url: str) -> None:
    page.goto(site_url + "harmed/")
    page.add_style_tag(content=WIDE_FONT_CSS)
    link_tops = page.locator(".bar a").evaluate_all("links => links.map(link => link.getBoundingClientRect().top)")
    assert len(link_tops) == 2
    assert len(set(link_tops)) == 1


@pytest.mark.parametrize("name", ["Staffordshire Restorative Justice", "Northamptonshire Restorative Justice"])
def test_no_word_of_the_name_in_the_header_is_broken_on_a_small_phone(page: Page, site_url: str, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site_url + "harmed/")
    page.add_style_tag(content=WIDE_FONT_CSS)
    brand = page.locator(".brand span")
    brand.evaluate("(brand, name) => { brand.textContent = name; }", name)
    assert brand.evaluate(FIND_BROKEN_WORDS_SCRIPT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_links_above_a_heading_do_not_touch_on_a_small_phone(page: Page, pages: dict[str, str], site_url: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for path in pages:
        page.goto(site_url + path)
        assert all(gap >= 8 for gap in page.evaluate(MEASURE_GAPS_BETWEEN_LINKS_SCRIPT)), path


@dataclass(frozen=True)
class LineBreakMistakes:
    """The bad line breaks of each page at each window width (pixels), as the words around each break."""

    broken_numbers_and_dates: dict[tuple[str, int], list[Any]]  # inside a number or date
    leading_punctuation: dict[tuple[str, int], list[Any]]  # punctuation marks that begin a line


@pytest.fixture(scope="module")
def line_break_mistakes(browser: Browser, pages: dict[str, str], site_url: str) -> LineBreakMistakes:
    line_break_mistakes = LineBreakMistakes({}, {})
    page = browser.new_page()
    for path in pages:
        page.goto(site_url + path)
        for width in (320, 360, 390):
            page.set_viewport_size({"width": width, "height": 844})
            line_break_mistakes.broken_numbers_and_dates[path, width] = page.evaluate(
                FIND_BROKEN_NUMBERS_AND_DATES_SCRIPT, SPACE_INSIDE_NUMBER_OR_DATE_PATTERN
            )
            line_break_mistakes.leading_punctuation[path, width] = page.evaluate(FIND_LEADING_PUNCTUATION_SCRIPT)
    page.close()
    return line_break_mistakes


def test_no_phone_number_or_date_is_broken_over_two_lines(line_break_mistakes: LineBreakMistakes) -> None:
    assert line_break_mistakes.broken_numbers_and_dates
    assert {
        path_and_width: words for path_and_width, words in line_break_mistakes.broken_numbers_and_dates.items() if words
    } == {}


def test_no_line_begins_with_a_comma_or_full_stop(line_break_mistakes: LineBreakMistakes) -> None:
    assert line_break_mistakes.leading_punctuation
    assert {
        path_and_width: words for path_and_width, words in line_break_mistakes.leading_punctuation.items() if words
    } == {}


@pytest.mark.parametrize("width", [768, 1280, 1920])
def test_a_line_of_text_has_about_75_letters(page: Page, site_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site_url + "harmed/")
    assert 60 <= page.locator(".text").evaluate(COUNT_LETTERS_ON_FIRST_LINE_SCRIPT) <= 80


@pytest.mark.parametrize("width", [992, 1280])
def test_text_twice_as_large_neither_wraps_nor_overlaps_in_the_header(page: Page, site_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site_url + "harmed/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert set(page.locator(".menu a").evaluate_all(COUNT_LINES_SCRIPT)) == {1}
    brand_box, more_box = page.locator(".brand").bounding_box(), page.locator(".more a").first.bounding_box()
    padding = page.locator(".brand").evaluate("brand => parseFloat(getComputedStyle(brand).paddingInlineEnd)")
    assert brand_box and more_box
    assert brand_box["x"] + brand_box["width"] - padding <= more_box["x"]


def lines_on_sheet(sheet: pymupdf.Page) -> list[str]:
    """Return the lines of text on a printed sheet, from top to bottom."""
    return [line.strip() for line in sheet.get_text(sort=True).splitlines() if line.strip()]


def printed_sheets(page: Page) -> list[list[str]]:
    """Print the page; return the lines of text on each sheet."""
    with pymupdf.open(stream=page.pdf(format="A4"), filetype="pdf") as document:
        return [lines_on_sheet(sheet) for sheet in document]


@pytest.mark.parametrize("path", PRINTED_PATHS)
def test_no_heading_or_contact_detail_is_printed_apart_from_its_text(page: Page, site_url: str, path: str) -> None:
    page.goto(site_url + path)
    headings = set(page.locator("h2, h3, .band > .lede").all_inner_texts())
    sheets = printed_sheets(page)
    assert not headings & {lines[-1] for lines in sheets if lines}
    email = page.locator(".ready a[href^='mailto:']").inner_text()
    (sheet_with_last_section,) = [lines for lines in sheets if "When you are ready" in lines]
    assert any(email in line for line in sheet_with_last_section)


def test_labels_of_a_drawing_stay_in_place_in_a_right_to_left_layout(page: Page, site_url: str) -> None:
    page.goto(site_url + "what-happens/")
    original_positions = page.evaluate(MEASURE_LABEL_POSITIONS_SCRIPT)
    assert len(original_positions) > 4
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(MEASURE_LABEL_POSITIONS_SCRIPT) == original_positions


def test_a_printed_page_shows_a_web_address_once(page: Page, site_url: str) -> None:
    page.goto(site_url + "harmed/")
    page.locator(".text").evaluate(
        "(text, html) => { text.innerHTML = html; }",
        Markdown(extensions=[SiteExtension(values=load().values)]).convert(
            "<https://bare.example/> and [a site](https://named.example/)"
        ),
    )
    (sheet,) = [lines for lines in printed_sheets(page) if any("bare.example" in line for line in lines)]
    assert "https://bare.example/ and a site (https://named.example/)" in sheet
