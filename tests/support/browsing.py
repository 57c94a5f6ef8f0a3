"""Fill in the form in a browser, and visit its pages in each of their states."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from form_service import create_app
from form_service.config.settings import Settings
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient
from tests.support.live_form import RunningApp, make_certificate_files, make_production_like, neutral_site

PageOpener = Callable[..., Page]


class LiveForm:
    """The form and the neutral site to which "Leave this page" leads, both on loopback."""

    def __init__(self, folder: Path) -> None:
        settings = Settings.from_environment({"FORM_NEUTRAL_FROM": "copy@example.org.uk"}, instance=folder)
        self.neutral_server = RunningApp(neutral_site)
        self.app = make_production_like(create_app(settings), self.neutral_server.url + "/")
        self.certificate_files = make_certificate_files(folder)
        self.server = RunningApp(self.app, self.certificate_files)
        self.start_url = f"{self.server.url}/referral/"

    def stop_form(self) -> None:
        """Stop the form's server."""
        self.server.stop()

    def restart_form(self) -> None:
        """Start the form's server again, on the same port."""
        self.server = RunningApp(self.app, self.certificate_files, self.server.port)

    def stop(self) -> None:
        """Stop the form's server and the neutral site's server, and close the store."""
        self.server.stop()
        self.neutral_server.stop()
        self.app.extensions["form_service"].store.close()


def tick(page: Page, name: str, value: str) -> None:
    """Tick a choice by clicking its label rather than its box, as most people do."""
    choice = page.locator(f'[name="{name}"][value="{value}"]')
    page.locator(f'label[for="{choice.get_attribute("id")}"]').click()


def fill_fields(page: Page, fields: dict[str, Any]) -> None:
    """Fill in the fields of the open page."""
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if page.locator(f'[name="{name}"]').first.get_attribute("type") in ("radio", "checkbox"):
                tick(page, name, item)
            else:
                page.locator(f'[name="{name}"]').fill(item)


def submit_page(page: Page) -> None:
    """Press the page's submit button."""
    page.locator("main form .button").click()


def fill_in_form(page: Page, route: str, until: str = "") -> None:
    """Fill in the form's route `route`, such as "harmed", up to the check page or the page `until`."""
    submit_page(page)
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        expect(page).to_have_url(re.compile(f"/{slug}(#.*)?$"))
        if slug == until:
            return
        fill_fields(page, fields)
        submit_page(page)


def skip_to(page: Page, live_form: LiveForm, route: str, slug: str = "check") -> None:
    """Open the page `slug` after filling in the previous pages without the browser, to save time."""
    client = FormClient(live_form.app).fill_in(route, until=slug).flask_client
    cookie = client.get_cookie("__Secure-draft", path="/referral/")
    assert cookie
    value = {"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": "/referral/", "secure": True}
    page.context.add_cookies([{**value, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]
    page.goto(f"{live_form.server.url}/referral/{slug}")
    assert current_slug(page) == slug


def current_slug(page: Page) -> str:
    """Return the last part of the open page's path."""
    return page.url.partition("#")[0].rpartition("/")[2]


def states_of(page: Page, route: str) -> Iterator[str]:
    """Fill in the form in a browser, and yield the name of each state on the way.

    The states are: each page empty, with errors and filled in; the pages after Send; and an error page.
    """
    yield "start"
    submit_page(page)
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        yield slug
        submit_page(page)
        if current_slug(page) == slug:
            yield f"{slug} with errors"
        else:
            page.goto(page.url.rpartition("/")[0] + f"/{slug}")
        fill_fields(page, fields)
        yield f"{slug} filled in"
        submit_page(page)
    yield "check"
    submit_page(page)
    yield "check with errors"
    tick(page, "agreement", "yes")
    submit_page(page)
    yield "done"
    page.goto(page.url.partition("/referral/")[0] + page.locator('a[href*="/withdraw/"]').get_attribute("href"))
    yield "withdraw"
    page.locator("details.door summary").first.click()
    page.locator("details[open] form .button").click()
    yield "withdrawn"
    page.goto(page.url.partition("/referral/")[0] + "/referral/nothing")
    yield "error"
