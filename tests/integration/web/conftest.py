"""Fixtures for tests of the form: a form service, and a client that fills in the form."""

from tests.support.form_fixtures import *  # noqa: F403
