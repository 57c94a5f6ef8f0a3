"""Fixtures: a form service for each test, with its own store and keys, and a client that fills in the form."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from form_service import create_app
from form_service.config.settings import Settings
from form_service.web import rate_limits
from tests.support.browsing import LiveForm, PageOpener
from tests.support.empty_store import write_empty_store
from tests.support.form_client import FormClient

MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    """Yield a function that makes form services in the test's folder. A second call simulates a restart."""
    apps: list[Flask] = []
    write_empty_store(tmp_path)

    def make(**environment: str) -> Flask:
        apps.append(create_app(Settings.from_environment(environment, instance=tmp_path)))
        return apps[-1]

    yield make
    for app in apps:
        app.extensions["form_service"].store.close()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Return a form that offers each person an email with their reference."""
    return make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")


@pytest.fixture
def form_client(app: Flask) -> FormClient:
    """Return a client that can fill in the form."""
    return FormClient(app)


@pytest.fixture(scope="module")
def live_form(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveForm]:
    """Yield one running form for all tests of a module.

    It has no rate limits, because all clients share one address.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    form = LiveForm(tmp_path_factory.mktemp("live"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(rate_limits, "_count_exceeds", lambda *_: False)
        yield form
    form.stop()


@pytest.fixture
def open_form(browser: Browser, live_form: LiveForm) -> Iterator[PageOpener]:
    """Yield a function that opens the form's start page in a browser.

    The test fails if a page requests another host, or if the console shows an error other than a failed connection
    or a 404.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []
    allowed_urls = (live_form.server.url, live_form.neutral_server.url, "about:", "chrome-error:")

    def open_start_page(javascript: bool = True, **context_options: Any) -> Page:
        context = browser.new_context(java_script_enabled=javascript, ignore_https_errors=True, **context_options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request", lambda request: None if request.url.startswith(allowed_urls) else problems.append(request.url)
        )
        page.goto(live_form.start_url)
        return page

    yield open_start_page
    for context in contexts:
        context.close()
    assert [item for item in problems if not re.search("ERR_CONNECTION_|404", item)] == []
