"""Fixtures: a form service for each test, and a test client that fills in its form."""

from tests.support.form_fixtures import *  # noqa: F403
