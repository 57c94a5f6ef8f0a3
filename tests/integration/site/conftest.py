"""The fixtures of the built site."""

from tests.support.site_fixtures import *  # noqa: F403
