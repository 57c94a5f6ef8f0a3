"""The Nu HTML checker reports no error or warning on any page."""

from pathlib import Path

import pytest

from tests.support.nu import html_problems


@pytest.mark.system
def test_nu_checker_finds_nothing(site: Path) -> None:
    assert html_problems(site) == []
