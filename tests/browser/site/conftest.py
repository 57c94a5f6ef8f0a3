"""Fixtures for tests of the built site."""

from tests.support.site_fixtures import *  # noqa: F403
