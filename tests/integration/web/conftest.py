"""A form service for each test, and a person who walks through it."""

from tests.support.form_fixtures import *  # noqa: F403
