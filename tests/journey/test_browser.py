"""The form in Chromium over TLS, with script and without, as somebody meets it who is watched or has no mouse."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from form_service import create_app, limits
from form_service.settings import Settings
from tests.journey.live import Running, as_published, certificate, neutral_site
from tests.journey.person import WALKS, mails

pytestmark = pytest.mark.browser
SECRETS = ("Sam", "07700 900111", "sam@example.org", "Never ring after 5pm")
Open = Callable[..., Page]


class Site:
    """The running form, and the neutral site."""

    def __init__(self, folder: Path) -> None:
        settings = Settings.from_environment({"FORM_NEUTRAL_FROM": "copy@example.org.uk"}, instance=folder)
        self.neutral = Running(neutral_site)
        self.app = as_published(create_app(settings), self.neutral.address + "/")
        self.tls = certificate(folder)
        self.form = Running(self.app, self.tls)
        self.start = f"{self.form.address}/referral/"

    def kill(self) -> None:
        """The form answers nobody any more."""
        self.form.stop()

    def revive(self) -> None:
        """It answers again, on the same port."""
        self.form = Running(self.app, self.tls, self.form.port)

    def stop(self) -> None:
        """The end."""
        self.form.stop()
        self.neutral.stop()
        self.app.extensions["front_door"].store.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One form for all tests here; they share an address, so nobody is counted."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = Site(tmp_path_factory.mktemp("live"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_count", lambda *_: None)
        yield running
    running.stop()


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Open]:
    """Opens the page before the form; at the end no page has met a violated policy, an error or a foreign host."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []
    ours = (site.form.address, site.neutral.address, "about:", "chrome-error:")

    def open_page(script: bool = True, **more: Any) -> Page:
        context = browser.new_context(java_script_enabled=script, ignore_https_errors=True, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda sent: None if sent.url.startswith(ours) else trouble.append(sent.url))
        page.goto(site.start)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in trouble if not re.search("ERR_CONNECTION_|404", one)] == []


def tick(page: Page, name: str, value: str) -> None:
    """Click the label of a choice, as people do."""
    chosen = page.locator(f'[name="{name}"][value="{value}"]')
    page.locator(f'label[for="{chosen.get_attribute("id")}"]').click()


def fill(page: Page, fields: dict[str, Any]) -> None:
    """Fill in a page."""
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if page.locator(f'[name="{name}"]').first.get_attribute("type") in ("radio", "checkbox"):
                tick(page, name, one)
            else:
                page.locator(f'[name="{name}"]').fill(one)


def go_on(page: Page) -> None:
    """The page's one button."""
    page.locator("main form .button").click()


def walk(page: Page, route: str, until: str = "") -> None:
    """From the page before the form to the check page, or to a page on the way."""
    go_on(page)
    for slug, fields in WALKS[route]:
        expect(page).to_have_url(re.compile(f"/{slug}(#.*)?$"))
        if slug == until:
            return
        fill(page, fields)
        go_on(page)


def at(page: Page) -> str:
    """The end of the address."""
    return page.url.partition("#")[0].rpartition("/")[2]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_self_referral_reaches_the_team_in_a_browser(site: Site, opened: Open, script: bool) -> None:
    page = opened(script)
    walk(page, "harmed")
    tick(page, "agreement", "yes")
    go_on(page)
    assert at(page) == "done"
    reference = page.locator(".panel strong").inner_text()
    subjects = [str(mail["Subject"]) for mail in mails(site.app, deliver=True)]
    assert f"Referral {reference}" in subjects
    page.reload()
    assert page.locator(".panel strong").inner_text() == reference
    page.go_back(wait_until="commit")
    page.wait_for_timeout(300)
    page.reload()
    assert page.locator(".panel strong").inner_text() == reference
    assert mails(site.app) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_error_summary_has_the_focus_and_its_links_lead_to_the_fields(opened: Open, script: bool) -> None:
    page = opened(script)
    walk(page, "harmed", until="about")
    go_on(page)
    assert page.title().startswith("Error: Step 2 of 7")
    expect(page.locator("#error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("Sam")
    assert page.locator('[name="name"]').input_value() == "Sam"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_field_shows_under_the_choice_it_belongs_to(opened: Open, script: bool) -> None:
    page = opened(script)
    walk(page, "harmed", until="reach")
    expect(page.locator('[name="phone_number"]')).to_be_hidden()
    tick(page, "reach", "phone")
    expect(page.locator('[name="phone_number"]')).to_be_visible()
    expect(page.locator('[name="post_address"]')).to_be_hidden()


def test_back_forward_and_refresh_keep_what_was_sent(opened: Open) -> None:
    page = opened()
    walk(page, "harmed", until="background")
    for _ in range(2):
        page.go_back()
    page.reload()
    assert at(page) == "times"
    assert page.locator('[name="must_not"]').input_value() == "Never ring after 5pm.\nHe is home then."
    page.go_forward()
    page.go_forward()
    assert at(page) == "background"


def until_true(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def assert_nothing_is_readable(page: Page) -> None:
    """None of the answers stands in the page or in one of its fields."""
    content = page.content()
    assert page.locator("input:checked").count() == 0
    fields = page.locator("input:not([type=hidden]):not([type=radio]):not([type=checkbox]),textarea")
    shown = content + " ".join(one.input_value() for one in fields.all())
    for secret in SECRETS:
        assert secret not in shown


@pytest.mark.parametrize(
    "until", ["who", "about", "times", ""], ids=["first page", "second", "while typing", "check page"]
)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_after_leaving_back_shows_none_of_the_answers(site: Site, opened: Open, script: bool, until: str) -> None:
    page = opened(script)
    walk(page, "harmed", until=until)
    if until:
        fill(page, dict(WALKS["harmed"])[until])
    page.locator("#exit").click()
    page.wait_for_url(site.neutral.address + "/")
    # With script the browser has left before the wipe is answered.
    until_true(lambda: page.context.cookies(site.start) == [])
    for _ in range(7):
        page.go_back(wait_until="commit")
        if page.url.startswith("about:"):
            return
        page.wait_for_timeout(250)
        assert_nothing_is_readable(page)
    assert until == ""


def test_leaving_is_at_once_while_the_service_is_dead_and_back_shows_nothing(site: Site, opened: Open) -> None:
    page = opened()
    walk(page, "harmed", until="support")
    site.kill()
    try:
        started = time.monotonic()
        page.locator("#exit").click()
        page.wait_for_url(site.neutral.address + "/")
        assert time.monotonic() - started < 2
        page.go_back()
        page.wait_for_timeout(300)
        assert_nothing_is_readable(page)
    finally:
        site.revive()


def test_three_presses_of_shift_leave_and_typing_capitals_does_not(site: Site, opened: Open) -> None:
    page = opened()
    walk(page, "harmed", until="about")
    page.locator('[name="name"]').focus()
    for _ in range(3):
        page.keyboard.press("Shift")
    assert at(page) == "about"
    page.locator("h1").click()
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(site.neutral.address + "/")


def test_closing_the_browser_leaves_no_cookie_for_the_disk(opened: Open) -> None:
    page = opened()
    walk(page, "harmed", until="about")
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


def test_the_keyboard_alone_reaches_the_confirmation(opened: Open) -> None:
    page = opened()

    def tab_to(wanted: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                return
        raise AssertionError(f"the keyboard does not reach {wanted} on {page.url}")

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
    assert at(page) == "done"


def test_a_professionals_print_holds_the_answers_and_nobody_elses_does(opened: Open) -> None:
    for route, secret, printed in (("harmed", "Sam", False), ("professional", "PC Shaw", True)):
        page = opened()
        walk(page, route)
        page.emulate_media(media="print")
        assert secret not in page.locator("body").inner_text()
        page.emulate_media(media="screen")
        tick(page, "agreement", "yes")
        go_on(page)
        reference = page.locator(".panel strong").inner_text()
        page.emulate_media(media="print")
        text = page.locator("body").inner_text()
        assert reference in text
        assert (secret in text) is printed
        assert printed or "crime" not in text.lower()


def states_of(page: Page, route: str) -> Iterator[str]:
    """Every state of a route: each page empty, wrong and filled in, check, confirmation, taking back, a failure."""
    yield "start"
    go_on(page)
    for slug, fields in WALKS[route]:
        yield slug
        go_on(page)
        if at(page) == slug:
            yield f"{slug} with errors"
        else:
            page.goto(page.url.rpartition("/")[0] + f"/{slug}")
        fill(page, fields)
        yield f"{slug} filled in"
        go_on(page)
    yield "check"
    go_on(page)
    yield "check with errors"
    tick(page, "agreement", "yes")
    go_on(page)
    yield "done"
    page.goto(
        page.url.partition("/referral/")[0]
        + page.locator('a[href*="/withdraw/"]').get_attribute("href").partition(".uk")[2]
    )
    yield "withdraw"
    go_on(page)
    yield "withdrawn"
    page.goto(page.url.partition("/referral/")[0] + "/referral/nothing")
    yield "error"


def assert_usable(page: Page, state: str) -> None:
    """No word is cut off at this width, nor with letters twice as large; axe finds nothing."""
    for size in ("100%", "200%"):
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{state}: {beyond} px beyond the edge at {size}"
    page.evaluate("document.documentElement.style.fontSize = ''")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"


@pytest.mark.parametrize(("route", "width", "scheme"), [("harmed", 320, "light"), ("professional", 1280, "dark")])
def test_every_state_is_usable(opened: Open, route: str, width: int, scheme: Any) -> None:
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    for state in states_of(page, route):
        assert_usable(page, f"{route} {state} {width} {scheme}")


@pytest.mark.parametrize("code", ["en-XA", "ar-XB"])
def test_no_layout_breaks_in_a_longer_language_or_one_from_right_to_left(
    site: Site, opened: Open, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    front = site.app.extensions["front_door"]
    spoken = replace(front, settings=replace(front.settings, languages=("en", "en-XA", "ar-XB")))
    monkeypatch.setitem(site.app.extensions, "front_door", spoken)
    page = opened(viewport={"width": 320, "height": 800})
    page.goto(f"{site.start}?language={code}")
    for state in states_of(page, "harmed"):
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{state}: {beyond} px beyond the edge"


@pytest.mark.soak
@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("route", WALKS)
def test_every_state_in_full(opened: Open, route: str, width: int, scheme: Any, script: bool) -> None:
    page = opened(script, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for state in states_of(page, route):
        assert_usable(page, f"{route} {state} {width} {scheme}")
