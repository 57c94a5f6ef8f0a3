"""Fixtures of the form service, which the unit tests use too."""

from tests.support.service_fixtures import *  # noqa: F403
from tests.support.small_disk import *  # noqa: F403
