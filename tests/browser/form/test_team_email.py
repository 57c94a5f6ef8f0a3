"""Tests that the HTML of the team's email is readable in a narrow pane, in dark mode and with a screen reader."""

import pytest
from playwright.sync_api import Browser

from form_service.mail import html
from form_service.mail.team_email import ReferralDetails, referral_document
from form_service.referral.journey.flags import flags_of
from form_service.referral.questions import Route
from tests.support.usability import axe_violations

pytestmark = pytest.mark.browser
ANSWERS: dict[str, list[str]] = {
    "who": ["professional"],
    "agreed": ["yes"],
    "side": ["unsure"],
    "name": ["Lee"],
    "age": ["under_18"],
    "adult": ["none"],
    "reach": ["phone", "text", "email", "post", "trusted"],
    "phone_number": ["07700 900111"],
    "email_address": ["a-long-name-without-a-space-in-it-anywhere@a-long-domain-without-a-space.example"],
    "must_not": ["Never ring after 5pm.\nHe is home then."],
    "support": ["interpreter"],
    "interpreter_language": ["Polish"],
    "harm": ["home"],
    "writer_name": ["PC Shaw"],
}
RECEIPT_URL = "https://x.example/" + "x" * 90
REFERRAL_DOCUMENT = referral_document(
    ANSWERS,
    ReferralDetails("7KQ4-M2X6", Route.PROFESSIONAL, "English", 0.0, flags_of(ANSWERS), (), RECEIPT_URL),
    "Marlshire Restorative Justice Service",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 700])
def test_the_email_fits_its_pane_and_axe_finds_no_violation(browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_content(html.render(REFERRAL_DOCUMENT))
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is cut off"
    disabled_page_rules = {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}
    assert axe_violations(page, rules=disabled_page_rules) == []
    headings = page.evaluate(
        "[...document.querySelectorAll('h2')].map(heading => [heading.textContent, heading.offsetTop])"
    )
    assert [text for text, _ in headings][:2] == ["ALERTS", "WHAT MUST NOT BE DONE"]
    context.close()
