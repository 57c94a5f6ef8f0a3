"""A pytest plugin, named in pyproject.toml so that it runs before any module of the product is imported."""

from tests.support.sample_service import install

install()
