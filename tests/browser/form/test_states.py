"""Tests that the form is usable at several widths, with large text, in dark mode, in other languages and in print."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support import pseudo_languages
from tests.support.browsing import LiveForm, PageOpener, skip_to, states_of, submit_page, tick
from tests.support.form_client import ANSWERS_BY_ROUTE
from tests.support.usability import assert_usable, load_axe

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("route", "width", "scheme", "forced_colours"),
    [
        ("harmed", 320, "light", "none"),
        ("responsible", 768, "dark", "none"),
        # Light: with a dark scheme axe compares its colours with the forced background, a combination that nobody sees.
        pytest.param("family", 320, "light", "active", marks=pytest.mark.system),
        ("professional", 1280, "dark", "none"),
    ],
)
def test_every_page_and_state_of_the_form_is_usable(
    open_form: PageOpener, route: str, width: int, scheme: Any, forced_colours: Any
) -> None:
    page = load_axe(
        open_form(viewport={"width": width, "height": 800}, color_scheme=scheme, forced_colors=forced_colours)
    )
    for state in states_of(page, route):
        assert_usable(page, f"{route} {state} {width} {scheme} {forced_colours}")


@pytest.mark.parametrize("code", ["en-XA", "ar-XB"])
def test_no_layout_breaks_in_a_right_to_left_language_or_one_with_longer_words(
    live_form: LiveForm, open_form: PageOpener, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    pseudo_languages.offer_pseudo_languages(live_form.app, monkeypatch)
    page = open_form(viewport={"width": 320, "height": 800})
    page.goto(f"{live_form.start_url}?language={code}")
    for state in states_of(page, "harmed"):
        page.wait_for_load_state()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{state}: {overflow} px beyond the edge"


@pytest.mark.parametrize("size", ["100%", "200%"])
def test_the_reference_fits_on_one_line_on_a_narrow_phone(
    live_form: LiveForm, open_form: PageOpener, size: str
) -> None:
    page = open_form(viewport={"width": 320, "height": 800})
    skip_to(page, live_form, "harmed")
    tick(page, "agreement", "yes")
    submit_page(page)
    page.locator(".panel strong").evaluate(
        "element => { element.textContent = 'WMWM-WMWM'; }"
    )  # the widest reference possible
    page.evaluate("size => document.documentElement.style.fontSize = size", size)
    assert page.locator(".panel strong").evaluate("element => element.getClientRects().length") == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


MEASURE_TAIL_AND_FACILITATOR_X_SCRIPT = """bubble => {
  const box = bubble.getBoundingClientRect(), tail = parseFloat(getComputedStyle(bubble, "::before").left);
  const facilitator = document.querySelector(".panel .portrait").getBoundingClientRect();
  return [box.left + tail, facilitator.left + facilitator.width / 2];
}"""


def test_the_speech_bubble_with_the_reference_points_to_the_facilitator(
    live_form: LiveForm, open_form: PageOpener
) -> None:
    """The bubble's tail must be on the facilitator's side in left-to-right and in right-to-left layouts."""
    page = open_form(viewport={"width": 1280, "height": 800})
    skip_to(page, live_form, "harmed")
    tick(page, "agreement", "yes")
    submit_page(page)
    bubble = page.locator(".reference")
    measure_middle_script = "bubble => { const box = bubble.getBoundingClientRect(); return box.left + box.width / 2; }"
    tail_x, facilitator_x = bubble.evaluate(MEASURE_TAIL_AND_FACILITATOR_X_SCRIPT)
    assert bubble.evaluate(measure_middle_script) < tail_x < facilitator_x
    page.evaluate("document.documentElement.dir = 'rtl'")
    tail_x, facilitator_x = bubble.evaluate(MEASURE_TAIL_AND_FACILITATOR_X_SCRIPT)
    assert facilitator_x < tail_x < bubble.evaluate(measure_middle_script)


# For each visible reference, the number of lines that it takes up and the text that copying it gives.
FIND_REFERENCES_SCRIPT = """reference => {
  const found = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let text; text = texts.nextNode();)
    for (let at = -1; (at = text.data.indexOf(reference.slice(0, 5), at + 1)) >= 0;) {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + reference.length);
      const lines = new Set([...range.getClientRects()].map(box => box.top));
      if (lines.size) found.push([lines.size, range.toString()]);
    }
  return found;
}"""


def assert_reference_is_unbroken(page: Page, reference: str, count: int) -> None:
    """Check that `reference` appears `count` times, never breaks across lines, and can be copied unchanged.

    It checks the widths of phones, with text of normal and of double size.
    """
    for width in range(320, 440, 24):
        page.set_viewport_size({"width": width, "height": 800})
        for size in ("100%", "200%"):
            page.evaluate("size => document.documentElement.style.fontSize = size", size)
            references = page.evaluate(FIND_REFERENCES_SCRIPT, reference)
            assert references == [[1, reference]] * count, f"{page.title()} at {width} px, {size}"
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_a_reference_in_running_text_never_breaks(live_form: LiveForm, open_form: PageOpener, route: str) -> None:
    page = open_form(viewport={"width": 320, "height": 800})
    skip_to(page, live_form, route)
    tick(page, "agreement", "yes")
    submit_page(page)
    reference = page.locator(".panel strong").inner_text()
    assert_reference_is_unbroken(page, reference, 2)
    page.emulate_media(media="print")
    assert_reference_is_unbroken(page, reference, 2)
    page.emulate_media(media="screen")
    private_page_path = page.locator('a[href*="/withdraw/"]').get_attribute("href")
    page.goto(live_form.start_url)
    assert_reference_is_unbroken(page, reference, 1)
    page.goto(f"{live_form.server.url}{private_page_path}")
    assert_reference_is_unbroken(page, reference, 1)
    page.locator("details.door summary").first.click()
    page.locator("details[open] form .button").click()
    assert_reference_is_unbroken(page, reference, 1)
    page.goto(f"{live_form.server.url}{private_page_path}")
    assert_reference_is_unbroken(page, reference, 1)


@pytest.mark.soak
@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_every_page_and_state_of_the_form_is_usable_at_every_width_in_both_colour_schemes(
    open_form: PageOpener, browser: Browser, route: str, width: int, scheme: Any, javascript: bool
) -> None:
    context_options: dict[str, Any] = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = open_form(javascript, **context_options)
    with browser.new_context(**context_options) as axe_context:
        axe_page = None if javascript else axe_context.new_page()
        for state in states_of(page, route):
            assert_usable(page, f"{route} {state} {width} {scheme}", axe_page)


def test_only_a_professionals_printout_contains_the_answers(live_form: LiveForm, open_form: PageOpener) -> None:
    for route, private_answer, is_printed in (("harmed", "Sam", False), ("professional", "PC Shaw", True)):
        page = open_form()
        skip_to(page, live_form, route)
        page.emulate_media(media="print")
        assert private_answer not in page.locator("body").inner_text()
        page.emulate_media(media="screen")
        tick(page, "agreement", "yes")
        submit_page(page)
        reference = page.locator(".panel strong").inner_text()
        page.emulate_media(media="print")
        text = page.locator("body").inner_text()
        assert reference in text
        assert (private_answer in text) is is_printed
        assert is_printed or "crime" not in text.lower()
