"""The fixtures of the form service, shared with the unit tests."""

from tests.support.service_fixtures import *  # noqa: F403
from tests.support.small_disk import *  # noqa: F403
