"""Tests that the search finds the right page for a synonym, a plural or a misspelt word."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tools.publish.hosting import page_url_path

pytestmark = pytest.mark.browser

QUERIES_FILE = Path(__file__).with_name("search-queries.tsv")
RESULTS_IN_VIEW = 3  # what a phone shows without scrolling
RUN_SEARCH_SCRIPT = """query => { const field = document.getElementById("find"); field.value = query;
    field.dispatchEvent(new Event("input"));
    return [...document.querySelectorAll("#hits a")].map(link => new URL(link.href).pathname); }"""


def test_what_people_type_leads_to_the_page_that_answers_it(browser: Browser, site_url: str, root: Path) -> None:
    """Each line of search-queries.tsv holds a query and the file of the page that answers it."""
    queries = [line.split("\t") for line in QUERIES_FILE.read_text(encoding="utf-8").splitlines()]
    assert len(queries) >= 100
    page = browser.new_page()
    page.goto(f"{site_url}search/")
    page.fill("#find", "meeting")
    expect(page.locator("#found")).to_contain_text("found.")
    results_by_missed_query = {}
    for query, file in queries:
        assert (root / "docs" / file).is_file(), file
        results = page.evaluate(RUN_SEARCH_SCRIPT, query)[:RESULTS_IN_VIEW]
        if page_url_path(root / "docs" / file, root / "docs") not in results:
            results_by_missed_query[query] = (file, results)
    page.close()
    assert results_by_missed_query == {}


def test_a_query_that_no_page_answers_finds_nothing(browser: Browser, site_url: str) -> None:
    page = browser.new_page()
    page.goto(f"{site_url}search/")
    page.fill("#find", "zzzz")
    expect(page.locator("#found")).to_contain_text("Nothing found")
    assert page.evaluate(RUN_SEARCH_SCRIPT, "the of to") == []
    page.close()
