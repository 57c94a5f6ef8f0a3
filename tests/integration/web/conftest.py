"""Fixtures for tests of the form: a form service, and a simulated person who fills it in."""

from tests.support.form_fixtures import *  # noqa: F403
