"""Tests that a test which cannot run on this machine says in one line what it needs."""

import os

import pytest

from tests.support.needs import require_root_and
from tools.dev import system_packages


def test_a_missing_program_is_named_with_its_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    require_root_and(sh="dash")
    with pytest.raises(AssertionError, match=r"^This test needs no-such-program: Debian's package nothing\."):
        require_root_and(no_such_program="nothing")


def test_a_browser_driver_that_cannot_start_names_the_package_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/bin/false")
    monkeypatch.setattr(system_packages, "can_install_packages", lambda: False)
    assert system_packages.main(["test"]) == 1
    assert capsys.readouterr().err == "Playwright does not start here. It needs Debian's package libatomic1.\n"


def test_an_ordinary_account_is_told_that_root_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AssertionError, match=r"^This test needs root, on Debian\."):
        require_root_and(sh="dash")
