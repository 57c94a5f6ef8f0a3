"""A pytest plugin that makes all tests read the sample service.

pyproject.toml loads it, so that it runs before any module of the product is imported.
"""

from tests.support.sample_service import install

install()
