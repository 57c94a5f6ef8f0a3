"""The fixtures of the form service, shared with the integration tests."""

from tests.support.service_fixtures import *  # noqa: F403
