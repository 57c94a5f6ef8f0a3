"""Checks of a page at any width: nothing overflows with large text or wide spacing, and axe finds no violation."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# The text spacing of WCAG 1.4.12, set on each element, because the content policy forbids added style sheets.
SET_TEXT_SPACING = """spaced => {
  const wide = {"line-height": "1.5", "letter-spacing": ".12em", "word-spacing": ".16em"};
  for (const element of document.querySelectorAll("body *")) {
    for (const name in wide) spaced ? element.style.setProperty(name, wide[name]) : element.style.removeProperty(name);
    if (element.tagName == "P") element.style.marginBottom = spaced ? "2em" : "";
  }
}"""
MEASURE_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def load_axe(page: Page) -> Page:
    """Load axe into every document that `page` opens; return `page`."""
    page.add_init_script(AXE_SCRIPT)
    return page


def axe_violations(page: Page, **options: Any) -> list[dict[str, Any]]:
    """Return each accessibility rule that axe finds broken, with the elements that break it.

    `options` are passed to axe.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # Otherwise axe also collects every element that passes, which takes longer than the checks.
    violations = page.evaluate("options => axe.run(options)", options | {"resultTypes": ["violations"]})["violations"]
    return [{"rule": rule["id"], "elements": [node["html"][:120] for node in rule["nodes"]]} for rule in violations]


def assert_usable(page: Page, state: str, axe_page: Page | None = None) -> None:
    """Check that nothing overflows the page's width and that axe finds no violation.

    Overflow is also checked with text twice as large and with wide spacing. `state` names the page in failures. If
    JavaScript is off for the page, axe checks a copy of it in `axe_page`.
    """
    page.wait_for_load_state()
    for size in ("100%", "200%"):
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        assert page.evaluate(MEASURE_OVERFLOW) <= 0, f"{state}: beyond the edge at {size}"
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate(SET_TEXT_SPACING, True)
    assert page.evaluate(MEASURE_OVERFLOW) <= 0, f"{state}: beyond the edge with wide spacing"
    page.evaluate(SET_TEXT_SPACING, False)
    if axe_page is not None:
        axe_page.set_content(page.content())
    assert axe_violations(axe_page or page) == [], state
