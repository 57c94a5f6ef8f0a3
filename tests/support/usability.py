"""What every page must be at any width: whole with large letters and wide spacing, and clean for axe."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# WCAG 1.4.12, set on each element, because the content policy lets no style sheet in.
SPACING = """spaced => {
  const wide = {"line-height": "1.5", "letter-spacing": ".12em", "word-spacing": ".16em"};
  for (const element of document.querySelectorAll("body *")) {
    for (const name in wide) spaced ? element.style.setProperty(name, wide[name]) : element.style.removeProperty(name);
    if (element.tagName == "P") element.style.marginBottom = spaced ? "2em" : "";
  }
}"""
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def assert_usable(page: Page, state: str, with_script: Page | None = None) -> None:
    """Check that no word is cut off at this width, with letters twice as large or wide spacing, and run axe.

    axe is a script: of a page without any it looks at a copy, in `with_script`.
    """
    page.wait_for_load_state()
    for size in ("100%", "200%"):
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        assert page.evaluate(BEYOND) <= 0, f"{state}: beyond the edge at {size}"
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate(SPACING, True)
    assert page.evaluate(BEYOND) <= 0, f"{state}: beyond the edge with wide spacing"
    page.evaluate(SPACING, False)
    if with_script is not None:
        with_script.set_content(page.content())
    found = Axe().run(with_script or page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"
