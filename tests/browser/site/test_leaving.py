"""Tests of the button "Leave this page" on the site, in Chromium."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from service_profile import Service, load, security_headers, style_sheet
from tests.benchmarks.serving import serve

pytestmark = pytest.mark.browser
NEUTRAL_URL = load()["exit_address"]


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    context = browser.new_context()
    # A stand-in for the neutral site, because no test may reach the internet.
    context.route(NEUTRAL_URL, lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    yield context
    context.close()


@pytest.fixture
def wipe_request_methods(context: BrowserContext) -> list[str]:
    """Return a list that records the HTTP method of each request to wipe the draft."""
    methods: list[str] = []
    context.on(
        "request", lambda request: methods.append(request.method) if request.url.endswith("/referral/exit") else None
    )
    return methods


def open_page(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("load")
    return page


def test_a_click_on_the_exit_button_leaves_the_site_and_wipes_the_draft(
    context: BrowserContext, site_url: str, wipe_request_methods: list[str]
) -> None:
    page = open_page(context, site_url + "harmed/")
    page.click("#exit")
    page.wait_for_url(NEUTRAL_URL)
    assert wipe_request_methods == ["POST"]


def test_back_does_not_return_to_the_page_that_was_left(context: BrowserContext, site_url: str) -> None:
    page = open_page(context, site_url + "cookies/")
    page.goto(site_url + "harmed/")
    page.click("#exit")
    page.wait_for_url(NEUTRAL_URL)
    page.go_back(wait_until="commit")
    assert page.url == site_url + "cookies/"
    assert page.title().startswith("Cookies")
    assert page.is_visible("h1")


def test_three_presses_of_shift_leave_the_site(context: BrowserContext, site_url: str) -> None:
    page = open_page(context, site_url)
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(NEUTRAL_URL)


def test_screen_readers_announce_how_many_presses_of_shift_remain(context: BrowserContext, site_url: str) -> None:
    page = open_page(context, site_url)
    page.keyboard.press("Shift")
    assert page.inner_text("#exit-said") == "Press Shift 2 more times to leave this page."
    page.keyboard.press("Shift")
    assert page.inner_text("#exit-said") == "Press Shift 1 more time to leave this page."


def test_each_press_of_shift_restarts_the_5_second_limit(context: BrowserContext, site_url: str) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(site_url)
    page.keyboard.press("Shift")
    page.clock.run_for(4000)
    page.keyboard.press("Shift")
    page.clock.run_for(4000)
    assert page.inner_text("#exit-said") == "Press Shift 1 more time to leave this page."
    page.clock.run_for(1001)
    assert page.inner_text("#exit-said") == ""
    page.keyboard.press("Shift")
    assert page.url == site_url


def test_typing_capitals_in_a_field_does_not_leave_the_site(context: BrowserContext, site_url: str) -> None:
    page = open_page(context, site_url + "search/")
    page.focus("#find")
    for _ in range(4):
        page.keyboard.press("Shift")
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    assert page.url == site_url + "search/"


def test_tabbing_backwards_does_not_leave_the_site(context: BrowserContext, site_url: str) -> None:
    page = open_page(context, site_url)
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
    assert page.url == site_url
    assert page.inner_text("#exit-said") == ""


def test_the_exit_link_works_without_javascript(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.route(NEUTRAL_URL, lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    page = context.new_page()
    page.goto(site_url + "harmed/")
    page.click("#exit")
    page.wait_for_url(NEUTRAL_URL)
    context.close()


def test_the_page_is_blank_within_100_ms_while_the_neutral_site_is_down(browser: Browser, site_url: str) -> None:
    context = browser.new_context()
    pending_requests: list[Route] = []
    context.route(NEUTRAL_URL, lambda route: pending_requests.append(route))  # never answered
    page = open_page(context, site_url + "harmed/")
    blank_milliseconds, is_hidden, title = page.evaluate(
        """() => { const start = performance.now(); document.getElementById("exit").click();
        return [performance.now() - start, document.documentElement.hidden, document.title.trim()]; }"""
    )
    assert blank_milliseconds < 100
    assert (is_hidden, title) == (True, "")
    for route in pending_requests:
        route.abort()
    context.close()


def test_leaving_the_site_wipes_the_draft_of_a_form_on_another_host(browser: Browser, tmp_path: Path) -> None:
    """A person who fills in the form may follow a link to the site in the same tab and leave from there."""
    service = load()
    service_with_form_host = replace(
        service, values={**service.values, "form_address": "https://form.example.org.uk/referral/"}
    )
    assert (
        "connect-src 'self' https://form.example.org.uk;"
        in security_headers.site_headers(service_with_form_host)["Content-Security-Policy"]
    )
    html = render_page(service_with_form_host)
    assert 'data-wipe="https://form.example.org.uk/referral/exit"' in html
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    (tmp_path / "assets").mkdir()
    shutil.copyfile(style_sheet.OVERRIDES_FOLDER / "assets" / "exit.js", tmp_path / "assets" / "exit.js")
    with (
        browser.new_context(ignore_https_errors=True) as context,
        serve(tmp_path, security_headers.site_headers(service_with_form_host)) as url,
    ):
        wipe_requests: list[str] = []
        context.on(
            "request",
            lambda request: wipe_requests.append(f"{request.method} {request.url}") if "exit" in request.url else None,
        )
        context.route(NEUTRAL_URL, lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
        context.route("https://form.example.org.uk/**", lambda route: route.fulfill(status=204))
        page = open_page(context, url)
        page.click("#exit")
        page.wait_for_url(NEUTRAL_URL)
        assert [request for request in wipe_requests if "form.example" in request] == [
            "POST https://form.example.org.uk/referral/exit"
        ]


def render_page(service: Service) -> str:
    """Return the HTML of a page without content, rendered from main.html as MkDocs would."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(style_sheet.OVERRIDES_FOLDER))
    config = {"extra": {"service": service.values}, "site_url": "http://127.0.0.1/"}
    home = SimpleNamespace(title="Home", url="", children=None)
    section = SimpleNamespace(title="A section", url=None, children=[home])
    nav = SimpleNamespace(items=[home, section, section, home, section], pages=[home])
    return environment.get_template("main.html").render(config=config, base_url="", page=None, nav=nav)
