"""The fixtures of the form service, shared with the unit tests."""

from tests.support.broken_disk import *  # noqa: F403
from tests.support.service_fixtures import *  # noqa: F403
