"""A pytest plugin, loaded from pyproject.toml so that it runs before any module of the product is imported."""

from tests.support.sample_service import install

install()
