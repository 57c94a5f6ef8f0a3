"""Tests of the form in Chromium over TLS: sending, leaving without a trace, and keyboard use."""

import contextlib
import re
import time

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from tests.support.browsing import (
    LiveForm,
    PageOpener,
    current_slug,
    fill_fields,
    fill_in_form,
    skip_to,
    submit_page,
    tick,
)
from tests.support.form_client import ANSWERS_BY_ROUTE, claim_emails
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser
SECRET_ANSWERS = ("Sam", "07700 900111", "sam@example.org", "Never ring after 5pm")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_self_referral_reaches_the_team_in_a_browser(
    live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript)
    fill_in_form(page, "harmed")
    tick(page, "agreement", "yes")
    submit_page(page)
    assert current_slug(page) == "done"
    reference = page.locator(".panel strong").inner_text()
    subjects = [str(mail["Subject"]) for mail in claim_emails(live_form.app, mark_delivered=True)]
    assert f"Referral {reference}" in subjects
    page.reload()
    assert page.locator(".panel strong").inner_text() == reference
    page.go_back(wait_until="commit")
    if javascript:  # after Back the script requests the page again, and would cancel a reload by the test
        expect(page.locator(".panel strong")).to_have_text(reference)
        page.wait_for_load_state()
    page.reload()
    assert page.locator(".panel strong").inner_text() == reference
    assert claim_emails(live_form.app) == []


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_error_summary_has_the_focus_and_its_links_lead_to_the_fields(
    live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript)
    skip_to(page, live_form, "harmed", "about")
    submit_page(page)
    expect(page).to_have_title(re.compile("^Error: Step 2 of 7"))
    expect(page.locator("#error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("Sam")
    assert page.locator('[name="name"]').input_value() == "Sam"


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_field_is_shown_after_its_choice_is_selected(
    live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript)
    skip_to(page, live_form, "harmed", "reach")
    expect(page.locator('[name="phone_number"]')).to_be_hidden()
    tick(page, "reach", "phone")
    expect(page.locator('[name="phone_number"]')).to_be_visible()
    expect(page.locator('[name="post_address"]')).to_be_hidden()


def test_back_forward_and_refresh_keep_the_answers(open_form: PageOpener) -> None:
    page = open_form()
    fill_in_form(page, "harmed", until="background")
    for _ in range(2):
        page.go_back()
    page.reload()
    assert current_slug(page) == "times"
    assert page.locator('[name="must_not"]').input_value() == "Never ring after 5pm.\nHe is home then."
    page.go_forward()
    page.go_forward()
    assert current_slug(page) == "background"


def assert_no_answer_is_visible(page: Page) -> None:
    """Check that no secret answer appears in the page or in its fields, and that no choice is selected."""
    content = page.content()
    assert page.locator("input:checked").count() == 0
    fields = page.locator("input:not([type=hidden]):not([type=radio]):not([type=checkbox]),textarea")
    visible_text = content + " ".join(item.input_value() for item in fields.all())
    for answer in SECRET_ANSWERS:
        assert answer not in visible_text


@pytest.mark.parametrize(
    "until", ["who", "about", "times", ""], ids=["first page", "second", "while typing", "check page"]
)
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_back_button_shows_no_answer_after_leaving(
    live_form: LiveForm, open_form: PageOpener, javascript: bool, until: str
) -> None:
    page = open_form(javascript)
    fill_in_form(page, "harmed", until=until)
    if until:
        fill_fields(page, dict(ANSWERS_BY_ROUTE["harmed"])[until])
    page.locator("#exit").click()
    page.wait_for_url(live_form.neutral_server.url + "/")
    # With JavaScript the browser leaves before the server answers the request to wipe the draft.
    wait_until(lambda: page.context.cookies(live_form.start_url) == [], "the draft is wiped")
    for _ in range(7):
        page.go_back(wait_until="commit")
        if page.url.startswith("about:"):
            return
        page.wait_for_timeout(250)
        assert_no_answer_is_visible(page)
    assert until == ""


DISABLE_BEACON_SCRIPTS = {
    "missing": "delete Navigator.prototype.sendBeacon",
    "refused": "Navigator.prototype.sendBeacon = () => false",
}


@pytest.mark.parametrize("beacon_fault", DISABLE_BEACON_SCRIPTS)
def test_a_browser_that_sends_no_beacon_wipes_the_draft_as_it_leaves(
    live_form: LiveForm, open_form: PageOpener, beacon_fault: str
) -> None:
    page = open_form()
    page.add_init_script(DISABLE_BEACON_SCRIPTS[beacon_fault])
    page.goto(live_form.start_url)
    fill_in_form(page, "harmed", until="times")
    fill_fields(page, dict(ANSWERS_BY_ROUTE["harmed"])["times"])
    page.locator("#exit").click()
    page.wait_for_url(live_form.neutral_server.url + "/")
    assert page.context.cookies(live_form.start_url) == []
    for _ in range(4):
        page.go_back(wait_until="commit")
        page.wait_for_timeout(250)
        assert_no_answer_is_visible(page)


def test_a_browser_that_sends_no_beacon_leaves_even_if_the_service_hangs(
    live_form: LiveForm, open_form: PageOpener
) -> None:
    page = open_form()
    page.add_init_script(DISABLE_BEACON_SCRIPTS["missing"])
    skip_to(page, live_form, "harmed", "support")
    page.route("**/referral/exit", lambda route: None)  # never answered
    page.locator("#exit").click()
    page.wait_for_url(live_form.neutral_server.url + "/", timeout=5000)


def test_leaving_is_immediate_while_the_service_is_down_and_back_shows_nothing(
    live_form: LiveForm, open_form: PageOpener
) -> None:
    page = open_form()
    fill_in_form(page, "harmed", until="support")
    live_form.stop_form()
    try:
        started_at = time.monotonic()
        page.locator("#exit").click()
        page.wait_for_url(live_form.neutral_server.url + "/")
        assert time.monotonic() - started_at < 2
        # Without a cached page, Back requests the stopped service and shows the browser's error page, with no answers.
        with contextlib.suppress(PlaywrightError):
            page.go_back()
        page.wait_for_timeout(300)
        assert_no_answer_is_visible(page)
    finally:
        live_form.restart_form()


def test_three_presses_of_shift_leave_the_form_except_in_a_text_field(
    live_form: LiveForm, open_form: PageOpener
) -> None:
    page = open_form()
    fill_in_form(page, "harmed", until="about")
    page.locator('[name="name"]').focus()
    for _ in range(3):
        page.keyboard.press("Shift")
    assert current_slug(page) == "about"
    page.locator("h1").click()
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(live_form.neutral_server.url + "/")


def test_the_browser_stores_only_a_session_cookie_for_the_draft(open_form: PageOpener) -> None:
    page = open_form()
    fill_in_form(page, "harmed", until="about")
    (cookie,) = page.context.cookies()
    assert cookie["name"] == "__Secure-draft"
    assert cookie["expires"] == -1
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (
        True,
        True,
        "Lax",
        "/referral/",
    )
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_the_keyboard_alone_reaches_the_confirmation(open_form: PageOpener) -> None:
    page = open_form()

    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")

    def press_button() -> None:
        tab_to("main form .button")
        with page.expect_navigation():
            page.keyboard.press("Enter")

    press_button()
    tab_to("[name=who]")
    page.keyboard.press("Space")
    press_button()
    tab_to("[name=name]")
    page.keyboard.type("Sam")
    tab_to("[name=age]")
    page.keyboard.press("Space")
    press_button()
    tab_to("[name=reach]")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to("[name=text_number]")
    page.keyboard.type("07700 900111")
    for _ in ("reach", "times", "support", "background"):
        press_button()
    tab_to("[name=agreement]")
    page.keyboard.press("Space")
    press_button()
    assert current_slug(page) == "done"
