"""Pytest configuration and fixtures for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.support.driven_browser import DrivenBrowser
from tests.support.firefox import Firefox
from tests.support.webkit import WebKit
from tests.tiers import TIERS, TierPlugin
from tools.dev.system_packages import chromium_path

# Replaces Playwright's own list and adds the address bar's pop-ups: each window would load two pages for them, which
# takes half a second of CPU.
DISABLED_CHROMIUM_FEATURES = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
]
# No background requests to Google, and no sandbox, because Chromium's does not work for root.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(DISABLED_CHROMIUM_FEATURES)}",
]


class CompiledTemplates(BytecodeCache):
    """A cache of compiled templates that all applications share, to make the form's tests faster."""

    def __init__(self) -> None:
        self._bytecode_by_key: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the template's compiled code if the cache holds code compiled from the same source."""
        if bucket.key in self._bytecode_by_key:
            bucket.bytecode_from_string(self._bytecode_by_key[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the compiled code of a template in the cache."""
        self._bytecode_by_key[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=TIERS, help="run the tests of one command: see tests/tiers.py")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(TierPlugin(config.getoption("--tier")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return the number of workers for the tiers "test" and "system".

    For other tiers, return None, so that pytest-xdist decides.
    """
    # One more than there are cores, because these tests wait for browsers and servers.
    return (os.cpu_count() or 1) + 1 if config.getoption("--tier") in ("test", "system") else None


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Yield Playwright, which drives Chromium."""
    # A thread can have only one instance.
    with sync_playwright() as instance:
        yield instance


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield a Chromium browser whose back-forward cache is on, as it is for users."""
    instance = playwright.chromium.launch(
        executable_path=chromium_path(),
        args=CHROMIUM_ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield instance
    instance.close()


@pytest.fixture(scope="module", params=[Firefox, WebKit], ids=["firefox", "webkit"])
def other_browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrivenBrowser]:
    """Yield Firefox for the first run of each test and WebKit for the second.

    Each test must call `DrivenBrowser.reset` first.
    """
    instance = request.param(tmp_path_factory.mktemp("browser"))
    yield instance
    instance.stop()
