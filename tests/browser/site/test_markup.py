"""The Nu HTML checker finds no error and gives no warning on any page."""

from pathlib import Path

import pytest

from tests.support.nu import complaints


@pytest.mark.system
def test_nu_checker_finds_nothing(site: Path) -> None:
    assert complaints(site) == []
