"""The form in Firefox and in WebKit, for people with an iPhone or with neither Chrome nor Edge."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from form_service.crypto import draft_keys
from tests.support.browsing import LiveForm
from tests.support.driven_browser import SHIFT, DrivenBrowser
from tests.support.person import ANSWERS_BY_ROUTE, Fields, answers_sent_on, claim_emails
from tests.support.team_email import answers_in
from tests.support.unsupported_css import unsupported_declarations
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.system]
SECRET_ANSWERS = ("Sam", "07700 900111", "sam@example.org", "Never ring after 5pm")
READ_PAGE_CONTENT = """return document.documentElement.innerHTML
    + [...document.querySelectorAll("input:not([type=hidden],[type=radio],[type=checkbox]),textarea")].map(e => e.value)
    + [...document.querySelectorAll("input:checked")].map(e => "CHECKED " + e.id)"""
BUTTON_CSS = "main form .button"
OpenBrowser = Callable[..., DrivenBrowser]


def collect_violations(application: Any, policy_violations: list[bytes]) -> Any:
    """Wrap the application so that browsers report violations of its content policy to `policy_violations`."""

    def reporting_application(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/violations":
            policy_violations.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            start_response("204 No Content", [])
            return []

        def start_with_report_uri(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            policy = [(name, f"{value}; report-uri /violations") for name, value in headers if "-Security-P" in name]
            return start_response(
                status, [header for header in headers if "-Security-P" not in header[0]] + policy, *exc_info
            )

        return application(environ, start_with_report_uri)

    return reporting_application


@pytest.fixture(scope="module")
def policy_violations(live_form: LiveForm) -> list[bytes]:
    """Return the violations of the form's content policy that browsers report."""
    policy_violations: list[bytes] = []
    live_form.app.wsgi_app = collect_violations(live_form.app.wsgi_app, policy_violations)  # type: ignore[method-assign]
    return policy_violations


@pytest.fixture
def open_form(
    other_browser: DrivenBrowser, live_form: LiveForm, policy_violations: list[bytes]
) -> Iterator[OpenBrowser]:
    """Yield a function that opens the start page; fail on a violated policy, script error or request elsewhere."""

    claim_emails(live_form.app, deliver=True)  # left over from the previous test

    def open_start_page(**settings: bool) -> DrivenBrowser:
        other_browser.reset(**settings)
        other_browser.open(live_form.start_url)
        return other_browser

    yield open_start_page
    allowed_urls = (live_form.server.url, live_form.neutral_server.url, "about:")
    assert [url for url in other_browser.fetched_urls if not url.startswith(allowed_urls)] == []
    assert other_browser.console_errors() == []
    assert policy_violations == []


def tick(person: DrivenBrowser, name: str, value: str) -> None:
    """Click the label of a choice rather than its box, as most people do."""
    choice_id = person.script("return document.querySelector(arguments[0]).id", f'[name="{name}"][value="{value}"]')
    person.click(f'label[for="{choice_id}"]')


def fill(person: DrivenBrowser, fields: Fields) -> None:
    """Fill in the fields of the open page."""
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if person.count(f'[name="{name}"]:is([type=radio],[type=checkbox])'):
                tick(person, name, item)
            else:
                person.type(f'[name="{name}"]', item)


def fill_in_form(person: DrivenBrowser, route: str, until: str = "") -> None:
    """Fill in the form from the start page to the check page, or to the page `until`."""
    person.follow(BUTTON_CSS)
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        wait_until(lambda slug=slug: person.current_slug == slug, f"the page {slug}")
        if slug == until:
            return
        fill(person, fields)
        person.follow(BUTTON_CSS)


def visible_secrets(person: DrivenBrowser) -> list[str]:
    """Return the secret answers that appear in the page's text or in any of its fields."""
    content = str(person.script(READ_PAGE_CONTENT))
    return [secret for secret in (*SECRET_ANSWERS, "CHECKED") if secret in content]


def draft_exists(live_form: LiveForm, cookie: str) -> bool:
    """Return whether the store still holds the draft of this cookie."""
    context = live_form.app.extensions["form_service"]
    return context.store.drafts.read(draft_keys.draft_id(cookie)) is not None


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_a_referral_reaches_the_team_exactly_as_typed(
    live_form: LiveForm, open_form: OpenBrowser, route: str, javascript: bool
) -> None:
    person = open_form(javascript=javascript)
    fill_in_form(person, route)
    tick(person, "agreement", "yes")
    person.follow(BUTTON_CSS)
    assert person.current_slug == "done"
    (mail,) = claim_emails(live_form.app, deliver=True)
    assert mail["Subject"] == f"Referral {person.text('.panel strong')}"
    assert answers_in(mail) == answers_sent_on(route)
    person.refresh()
    assert f"Referral {person.text('.panel strong')}" == mail["Subject"]
    assert claim_emails(live_form.app) == []


@pytest.mark.parametrize(
    ("javascript", "until"),
    [(True, "times"), (True, ""), (False, "about"), (False, "")],
    ids=["while typing", "check page", "while typing, no script", "check page, no script"],
)
def test_after_leaving_back_shows_none_of_the_answers(
    live_form: LiveForm, open_form: OpenBrowser, javascript: bool, until: str
) -> None:
    person = open_form(javascript=javascript)
    fill_in_form(person, "harmed", until)
    if until:
        fill(person, dict(ANSWERS_BY_ROUTE["harmed"])[until])
    assert visible_secrets(person) != []
    (cookie,) = person.cookies()
    person.follow("#exit")
    assert person.url == live_form.neutral_server.url + "/"
    wait_until(lambda: not draft_exists(live_form, cookie["value"]), "the answers are wiped")
    # With JavaScript the page that was left is not in the history: the neutral site has replaced it.
    for _ in range([*dict(ANSWERS_BY_ROUTE["harmed"]), ""].index(until) + (1 if javascript else 2)):
        person.back()
        assert person.title == "Before you start"
        assert visible_secrets(person) == []
    assert person.cookies() == []


def test_leaving_is_immediate_while_the_service_is_down_and_back_shows_nothing(
    live_form: LiveForm, open_form: OpenBrowser
) -> None:
    person = open_form()
    fill_in_form(person, "harmed", until="support")
    live_form.stop_form()
    try:
        started_at = time.monotonic()
        person.follow("#exit")
        assert person.url == live_form.neutral_server.url + "/"
        assert time.monotonic() - started_at < 5
        person.back()
        assert person.title != "Weather"
        assert "Step" not in person.title
        assert visible_secrets(person) == []
    finally:
        live_form.restart_form()


def test_leaving_blanks_the_page_before_any_network_request(open_form: OpenBrowser) -> None:
    person = open_form()
    hidden_and_title = person.script(
        """document.getElementById("exit").click();
        return [document.documentElement.hidden, document.title.trim()]"""
    )
    assert hidden_and_title == [True, ""]


def test_three_presses_of_shift_leave_and_typing_capitals_does_not(live_form: LiveForm, open_form: OpenBrowser) -> None:
    person = open_form()
    fill_in_form(person, "harmed", until="about")
    person.click("[name=name]")
    person.press(SHIFT, SHIFT, SHIFT)
    assert person.text("#exit-said") == ""
    assert person.current_slug == "about"
    person.click("legend")
    person.press(SHIFT)
    assert "2 more times" in person.text("#exit-said")
    person.wait_for_new_page(lambda: person.press(SHIFT, SHIFT))
    assert person.url == live_form.neutral_server.url + "/"


def test_back_and_refresh_keep_the_answers(open_form: OpenBrowser) -> None:
    person = open_form()
    fill_in_form(person, "harmed", until="support")
    person.back()
    assert person.current_slug == "times"
    for reload in (lambda: None, person.refresh):
        reload()
        assert person.field_value("[name=must_not]") == "Never ring after 5pm.\nHe is home then."
        assert person.count("[value=morning]:checked") == 1
    person.back()
    assert person.current_slug == "reach"
    assert person.field_value("[name=phone_number]") == "07700 900111"
    assert person.is_shown("[name=phone_number]")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_error_summary_has_the_focus_and_its_links_lead_to_the_fields(
    open_form: OpenBrowser, javascript: bool
) -> None:
    person = open_form(javascript=javascript)
    fill_in_form(person, "harmed", until="about")
    tick(person, "age", "adult")
    person.follow(BUTTON_CSS)
    assert person.title.startswith("Error: Step 2 of 7")
    assert "There is a problem" in person.text("#error-summary")
    wait_until(lambda: person.has_focus("#error-summary"), "the summary has the focus")
    assert person.count("[value=adult]:checked") == 1
    person.click("#error-summary a")
    wait_until(lambda: person.has_focus("[name=name]"), "the field has the focus")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_field_shows_under_the_choice_it_belongs_to(open_form: OpenBrowser, javascript: bool) -> None:
    person = open_form(javascript=javascript)
    fill_in_form(person, "harmed", until="reach")
    assert not person.is_shown("[name=phone_number]")
    tick(person, "reach", "phone")
    assert person.is_shown("[name=phone_number]")
    assert not person.is_shown("[name=post_address]")
    tick(person, "reach", "phone")
    assert not person.is_shown("[name=phone_number]")


def test_every_css_declaration_of_the_form_is_supported(open_form: OpenBrowser) -> None:
    assert unsupported_declarations(open_form()) == []


def test_the_first_answer_keeps_its_distance_from_the_question(open_form: OpenBrowser) -> None:
    """WebKit drops the margin of a heading inside a legend."""
    person = open_form()
    person.follow(BUTTON_CSS)
    gap = person.script(
        """const [question, answer] = ["h1", ".choice"].map(css => document.querySelector(css).getBoundingClientRect());
        const line = parseFloat(getComputedStyle(document.querySelector("h1")).paddingBottom);
        return answer.top - question.bottom + line"""
    )
    assert gap > 12


def test_no_page_scrolls_sideways_on_a_small_phone(open_form: OpenBrowser) -> None:
    person = open_form()
    person.resize(320)
    for state in states_of(person, "professional"):
        overflow = person.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0, f"{state}: {overflow} pixels"


def states_of(person: DrivenBrowser, route: str) -> Iterator[str]:
    """Fill in a route; yield the name of each state: every page empty, after pressing its button, and filled in."""
    yield "start"
    person.follow(BUTTON_CSS)
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        yield slug
        person.follow(BUTTON_CSS)
        yield f"after {slug}"
        if person.current_slug != slug:
            person.back()
        fill(person, fields)
        yield f"{slug} filled in"
        person.follow(BUTTON_CSS)
    yield "check"
    tick(person, "agreement", "yes")
    person.follow(BUTTON_CSS)
    yield "done"
