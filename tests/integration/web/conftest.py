"""A form service for each test, and a simulated person who fills in the form."""

from tests.support.form_fixtures import *  # noqa: F403
