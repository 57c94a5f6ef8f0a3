"""Tests that the Nu HTML checker reports no error or warning on any page of the site."""

from pathlib import Path

import pytest

from tests.support.html_checker import html_problems


@pytest.mark.system
def test_the_html_checker_reports_nothing_on_any_page(site: Path) -> None:
    assert html_problems(site) == []
