"""Tests of what a person sees after sending: the confirmation and the private page about the request."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import LiveForm, PageOpener, skip_to, submit_page, tick
from tests.support.form_client import claim_emails
from tests.support.team_email import body_of
from tests.support.usability import assert_usable

pytestmark = pytest.mark.browser

PRIVATE_PAGE_ACTIONS = ("Cancel my request", "Stop contacting me", "The safe ways to reach me have changed")


def open_private_page(page: Page, live_form: LiveForm) -> None:
    """Send a referral, and open the person's private page from the confirmation."""
    skip_to(page, live_form, "harmed")
    tick(page, "agreement", "yes")
    submit_page(page)
    page.get_by_role("link", name="See where your request has got to").click()
    expect(page.locator("h1")).to_have_text("Your request")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_persons_private_page_is_usable_on_a_narrow_phone_with_every_section_open(
    browser: Browser, live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript, viewport={"width": 320, "height": 800})
    open_private_page(page, live_form)
    axe_page = None if javascript else browser.new_page(viewport={"width": 320, "height": 800})
    assert_usable(page, "private page", axe_page)
    for action in PRIVATE_PAGE_ACTIONS:
        page.locator("summary", has_text=action).click()
        expect(page.locator("details[open]", has_text=action)).to_be_visible()
    assert_usable(page, "private page, sections open", axe_page)


@pytest.mark.parametrize("javascript", [True, False])
def test_new_safe_contact_methods_are_sent_and_a_mistake_reopens_the_section(
    browser: Browser, live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript)
    open_private_page(page, live_form)
    page.locator("summary", has_text=PRIVATE_PAGE_ACTIONS[2]).click()
    tick(page, "reach", "text")
    page.get_by_role("button", name="Send this to the team").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter a mobile number for texts").click()
    expect(page.locator('[name="text_number"]')).to_be_focused()
    page.locator('[name="text_number"]').fill("07700 900888")
    page.get_by_role("button", name="Send this to the team").click()
    expect(page.locator("h1")).to_have_text("We are telling the team the new ways to get in touch")
    assert_usable(page, "new ways sent", None if javascript else browser.new_page())


@pytest.mark.parametrize("javascript", [True, False])
def test_new_safe_contact_methods_can_be_entered_on_a_narrow_phone(
    browser: Browser, live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript, viewport={"width": 320, "height": 800})
    open_private_page(page, live_form)
    page.locator("summary", has_text=PRIVATE_PAGE_ACTIONS[2]).click()
    tick(page, "reach", "phone")
    tick(page, "voicemail", "yes")
    tick(page, "times", "evening")
    page.locator('[name="first_word"]').fill("otter")
    assert_usable(
        page, "private page, new ways", None if javascript else browser.new_page(viewport={"width": 320, "height": 800})
    )
    page.get_by_role("button", name="Send this to the team").click()
    expect(page.locator("#error-summary")).to_be_focused()
    for name, value in (("voicemail", "yes"), ("times", "evening")):
        expect(page.locator(f'[name="{name}"][value="{value}"]')).to_be_checked()
    expect(page.locator('[name="first_word"]')).to_have_value("otter")
    page.locator('[name="phone_number"]').fill("07700 900777")
    page.get_by_role("button", name="Send this to the team").click()
    expect(page.locator("h1")).to_have_text("We are telling the team the new ways to get in touch")


def test_a_person_with_no_safe_contact_method_is_not_asked_when_to_call(
    live_form: LiveForm, open_form: PageOpener
) -> None:
    page = open_form()
    open_private_page(page, live_form)
    page.locator("summary", has_text=PRIVATE_PAGE_ACTIONS[2]).click()
    expect(page.locator('[name="first_word"]')).to_be_visible()
    tick(page, "reach", "none_safe")
    expect(page.locator('[name="first_word"], [name="must_not"]').first).to_be_hidden()
    page.get_by_role("button", name="Send this to the team").click()
    expect(page.locator("h1")).to_have_text("We are telling the team to wait")
    expect(page.locator(".lede")).to_contain_text("We will not contact you. When it is safe, contact us")
    assert_usable(page, "told to wait")


def test_contact_can_be_stopped_with_the_keyboard_alone(live_form: LiveForm, open_form: PageOpener) -> None:
    page = open_form()
    open_private_page(page, live_form)
    page.locator("summary", has_text=PRIVATE_PAGE_ACTIONS[1]).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, stop contacting me")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("We are telling the team to stop")
    assert_usable(page, "stopped")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_person_with_no_safe_contact_method_is_told_how_to_call_the_team(
    browser: Browser, live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript, viewport={"width": 320, "height": 800})
    skip_to(page, live_form, "harmed", "reach")
    tick(page, "reach", "none_safe")
    expect(page.get_by_text("We will not contact you.")).to_be_visible()
    submit_page(page)
    for _ in range(2):  # the pages "support" and "background"
        submit_page(page)
    tick(page, "agreement_to_wait", "yes")
    submit_page(page)
    expect(page.locator("h1")).to_have_text("We have received your form")
    expect(page.locator("main")).to_contain_text("When it is safe, contact us and give the reference")
    assert_usable(page, "no safe way", None if javascript else browser.new_page())


def test_selecting_text_with_shift_and_clicks_does_not_leave_the_page(
    live_form: LiveForm, open_form: PageOpener
) -> None:
    page = open_form()
    heading = page.locator("h1")
    for _ in range(4):
        heading.click(modifiers=["Shift"])
    page.wait_for_timeout(200)
    assert page.url == live_form.start_url
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(live_form.neutral_server.url + "/")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_link_scanner_with_a_browser_does_not_confirm_receipt(
    live_form: LiveForm, open_form: PageOpener, javascript: bool
) -> None:
    page = open_form(javascript)
    claim_emails(live_form.app, mark_delivered=True)
    skip_to(page, live_form, "harmed")
    tick(page, "agreement", "yes")
    submit_page(page)
    (email,) = claim_emails(live_form.app, mark_delivered=True)
    link = re.search(r"https://\S+(/referral/received/\S+)", body_of(email))
    reference = str(email["Subject"]).removeprefix("Referral ")
    receipts = live_form.app.extensions["form_service"].store.receipts
    assert link is not None
    page.goto(live_form.server.url + link[1], wait_until="networkidle")
    page.mouse.wheel(0, 2000)
    page.reload(wait_until="networkidle")
    expect(page.locator("main")).to_contain_text(reference)
    assert receipts.entry(reference).received_at is None
    page.get_by_role("button", name="Yes, we have it").click()
    expect(page).to_have_title(re.compile("Confirmed"))
    assert receipts.entry(reference).received_at is not None
