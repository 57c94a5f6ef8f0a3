"""Tests of the form in Firefox and in WebKit, the engine of iPhone browsers."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from form_service.crypto import draft_keys
from tests.support.browsing import LiveForm
from tests.support.driven_browser import SHIFT, DrivenBrowser
from tests.support.form_client import ANSWERS_BY_ROUTE, Fields, answers_received_by_team, claim_emails
from tests.support.team_email import answers_in
from tests.support.unsupported_css import unsupported_declarations
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.system]
SECRET_ANSWERS = ("Sam", "07700 900111", "sam@example.org", "Never ring after 5pm")
READ_PAGE_CONTENT_SCRIPT = """return document.documentElement.innerHTML
    + [...document.querySelectorAll("input:not([type=hidden],[type=radio],[type=checkbox]),textarea")].map(e => e.value)
    + [...document.querySelectorAll("input:checked")].map(e => "CHECKED " + e.id)"""
BUTTON_SELECTOR = "main form .button"
OpenBrowser = Callable[..., DrivenBrowser]


def add_violation_reporting(application: Any, policy_violations: list[bytes]) -> Any:
    """Return a WSGI application that runs `application` and asks browsers to report violations of the content policy.

    It appends each report to `policy_violations`.
    """

    def reporting_application(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/violations":
            policy_violations.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            start_response("204 No Content", [])
            return []

        def start_with_report_uri(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            policy_headers = [
                (name, f"{value}; report-uri /violations") for name, value in headers if "-Security-P" in name
            ]
            return start_response(
                status, [header for header in headers if "-Security-P" not in header[0]] + policy_headers, *exc_info
            )

        return application(environ, start_with_report_uri)

    return reporting_application


@pytest.fixture(scope="module")
def policy_violations(live_form: LiveForm) -> list[bytes]:
    """Make browsers report each violation of the content policy; return the list to which the reports are added."""
    policy_violations: list[bytes] = []
    live_form.app.wsgi_app = add_violation_reporting(live_form.app.wsgi_app, policy_violations)  # type: ignore[method-assign]
    return policy_violations


@pytest.fixture
def open_form(
    other_browser: DrivenBrowser, live_form: LiveForm, policy_violations: list[bytes]
) -> Iterator[OpenBrowser]:
    """Yield a function that opens the form's start page in a new browser session.

    Afterwards the test fails if a page violated the content policy, failed in a script or requested another host.
    """

    claim_emails(live_form.app, mark_delivered=True)  # left over from the previous test

    def open_start_page(**settings: bool) -> DrivenBrowser:
        other_browser.reset(**settings)
        other_browser.open(live_form.start_url)
        return other_browser

    yield open_start_page
    allowed_url_prefixes = (live_form.server.url, live_form.neutral_server.url, "about:")
    assert [url for url in other_browser.fetched_urls if not url.startswith(allowed_url_prefixes)] == []
    assert other_browser.console_errors() == []
    assert policy_violations == []


def tick(browser: DrivenBrowser, name: str, value: str) -> None:
    """Click the label of a radio button or checkbox, as most people do."""
    choice_id = browser.script("return document.querySelector(arguments[0]).id", f'[name="{name}"][value="{value}"]')
    browser.click(f'label[for="{choice_id}"]')


def fill_in_fields(browser: DrivenBrowser, fields: Fields) -> None:
    """Fill in the open page: `fields` holds one value, or a list of values, for each field name."""
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if browser.count(f'[name="{name}"]:is([type=radio],[type=checkbox])'):
                tick(browser, name, item)
            else:
                browser.type(f'[name="{name}"]', item)


def fill_in_form(browser: DrivenBrowser, route: str, until: str = "") -> None:
    """Fill in the form and stop at the page with the slug `until`, or at the check page if `until` is empty."""
    browser.follow(BUTTON_SELECTOR)
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        wait_until(lambda slug=slug: browser.current_slug == slug, f"the page {slug}")
        if slug == until:
            return
        fill_in_fields(browser, fields)
        browser.follow(BUTTON_SELECTOR)


def visible_secrets(browser: DrivenBrowser) -> list[str]:
    """Return the secret answers that the page or its fields show, and "CHECKED" if a choice is selected."""
    content = str(browser.script(READ_PAGE_CONTENT_SCRIPT))
    return [secret for secret in (*SECRET_ANSWERS, "CHECKED") if secret in content]


def draft_exists(live_form: LiveForm, cookie: str) -> bool:
    """Return whether the store still contains the draft that belongs to the cookie."""
    context = live_form.app.extensions["form_service"]
    return context.store.drafts.read(draft_keys.draft_id(cookie)) is not None


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_a_referral_reaches_the_team_exactly_as_typed(
    live_form: LiveForm, open_form: OpenBrowser, route: str, javascript: bool
) -> None:
    browser = open_form(javascript=javascript)
    fill_in_form(browser, route)
    tick(browser, "agreement", "yes")
    browser.follow(BUTTON_SELECTOR)
    assert browser.current_slug == "done"
    (mail,) = claim_emails(live_form.app, mark_delivered=True)
    assert mail["Subject"] == f"Referral {browser.text('.panel strong')}"
    assert answers_in(mail) == answers_received_by_team(route)
    browser.refresh()
    assert f"Referral {browser.text('.panel strong')}" == mail["Subject"]
    assert claim_emails(live_form.app) == []


@pytest.mark.parametrize(
    ("javascript", "until"),
    [(True, "times"), (True, ""), (False, "about"), (False, "")],
    ids=["while typing", "check page", "while typing, no script", "check page, no script"],
)
def test_the_back_button_shows_no_answer_after_leaving(
    live_form: LiveForm, open_form: OpenBrowser, javascript: bool, until: str
) -> None:
    browser = open_form(javascript=javascript)
    fill_in_form(browser, "harmed", until)
    if until:
        fill_in_fields(browser, dict(ANSWERS_BY_ROUTE["harmed"])[until])
    assert visible_secrets(browser) != []
    (cookie,) = browser.cookies()
    browser.follow("#exit")
    assert browser.url == live_form.neutral_server.url + "/"
    wait_until(lambda: not draft_exists(live_form, cookie["value"]), "the answers are wiped")
    # With JavaScript the page that was left is not in the history: the neutral site has replaced it.
    for _ in range([*dict(ANSWERS_BY_ROUTE["harmed"]), ""].index(until) + (1 if javascript else 2)):
        browser.back()
        assert browser.title == "Before you start"
        assert visible_secrets(browser) == []
    assert browser.cookies() == []


def test_leaving_is_immediate_while_the_service_is_down_and_back_shows_nothing(
    live_form: LiveForm, open_form: OpenBrowser
) -> None:
    browser = open_form()
    fill_in_form(browser, "harmed", until="support")
    live_form.stop_form()
    try:
        started_at = time.monotonic()
        browser.follow("#exit")
        assert browser.url == live_form.neutral_server.url + "/"
        assert time.monotonic() - started_at < 5
        browser.back()
        assert browser.title != "Weather"
        assert "Step" not in browser.title
        assert visible_secrets(browser) == []
    finally:
        live_form.restart_form()


def test_leaving_blanks_the_page_at_once(open_form: OpenBrowser) -> None:
    browser = open_form()
    hidden_and_title = browser.script(
        """document.getElementById("exit").click();
        return [document.documentElement.hidden, document.title.trim()]"""
    )
    assert hidden_and_title == [True, ""]


def test_three_presses_of_shift_leave_the_form_except_in_a_text_field(
    live_form: LiveForm, open_form: OpenBrowser
) -> None:
    browser = open_form()
    fill_in_form(browser, "harmed", until="about")
    browser.click("[name=name]")
    browser.press(SHIFT, SHIFT, SHIFT)
    assert browser.text("#exit-said") == ""
    assert browser.current_slug == "about"
    browser.click("legend")
    browser.press(SHIFT)
    assert "2 more times" in browser.text("#exit-said")
    browser.wait_for_new_page(lambda: browser.press(SHIFT, SHIFT))
    assert browser.url == live_form.neutral_server.url + "/"


def test_back_and_refresh_keep_the_answers(open_form: OpenBrowser) -> None:
    browser = open_form()
    fill_in_form(browser, "harmed", until="support")
    browser.back()
    assert browser.current_slug == "times"
    for action in (lambda: None, browser.refresh):
        action()
        assert browser.field_value("[name=must_not]") == "Never ring after 5pm.\nHe is home then."
        assert browser.count("[value=morning]:checked") == 1
    browser.back()
    assert browser.current_slug == "reach"
    assert browser.field_value("[name=phone_number]") == "07700 900111"
    assert browser.is_shown("[name=phone_number]")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_error_summary_has_the_focus_and_its_links_lead_to_the_fields(
    open_form: OpenBrowser, javascript: bool
) -> None:
    browser = open_form(javascript=javascript)
    fill_in_form(browser, "harmed", until="about")
    tick(browser, "age", "adult")
    browser.follow(BUTTON_SELECTOR)
    assert browser.title.startswith("Error: Step 2 of 7")
    assert "There is a problem" in browser.text("#error-summary")
    wait_until(lambda: browser.has_focus("#error-summary"), "the summary has the focus")
    assert browser.count("[value=adult]:checked") == 1
    browser.click("#error-summary a")
    wait_until(lambda: browser.has_focus("[name=name]"), "the field has the focus")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_field_is_shown_only_while_its_choice_is_selected(open_form: OpenBrowser, javascript: bool) -> None:
    browser = open_form(javascript=javascript)
    fill_in_form(browser, "harmed", until="reach")
    assert not browser.is_shown("[name=phone_number]")
    tick(browser, "reach", "phone")
    assert browser.is_shown("[name=phone_number]")
    assert not browser.is_shown("[name=post_address]")
    tick(browser, "reach", "phone")
    assert not browser.is_shown("[name=phone_number]")


def test_every_css_declaration_of_the_form_is_supported(open_form: OpenBrowser) -> None:
    assert unsupported_declarations(open_form()) == []


def test_a_gap_separates_the_question_from_the_first_answer(open_form: OpenBrowser) -> None:
    """WebKit ignores the margin of a heading inside a legend."""
    browser = open_form()
    browser.follow(BUTTON_SELECTOR)
    gap = browser.script(
        """const [question, answer] = ["h1", ".choice"].map(css => document.querySelector(css).getBoundingClientRect());
        const line = parseFloat(getComputedStyle(document.querySelector("h1")).paddingBottom);
        return answer.top - question.bottom + line"""
    )
    assert gap > 12


def test_no_page_scrolls_sideways_on_a_small_phone(open_form: OpenBrowser) -> None:
    browser = open_form()
    browser.resize(320)
    for state in states_of(browser, "professional"):
        overflow = browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0, f"{state}: {overflow} pixels"


def states_of(browser: DrivenBrowser, route: str) -> Iterator[str]:
    """Fill in the form for `route`; at each state of the browser, yield its name, such as "start" or "check"."""
    yield "start"
    browser.follow(BUTTON_SELECTOR)
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        yield slug
        browser.follow(BUTTON_SELECTOR)
        yield f"after {slug}"
        if browser.current_slug != slug:
            browser.back()
        fill_in_fields(browser, fields)
        yield f"{slug} filled in"
        browser.follow(BUTTON_SELECTOR)
    yield "check"
    tick(browser, "agreement", "yes")
    browser.follow(BUTTON_SELECTOR)
    yield "done"
