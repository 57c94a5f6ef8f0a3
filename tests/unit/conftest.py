"""Fixtures of the form service that the unit tests share with the integration tests."""

from tests.support.service_fixtures import *  # noqa: F403
