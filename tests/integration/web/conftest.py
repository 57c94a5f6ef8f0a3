"""The fixtures of the form: a form service for each test, and a simulated person who fills it in."""

from tests.support.form_fixtures import *  # noqa: F403
