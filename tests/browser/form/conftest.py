"""Fixtures: a form service for each test, and a person who fills in the form."""

from tests.support.form_fixtures import *  # noqa: F403
