"""The fixtures of `site_fixtures`: the built site, its pages and its URL."""

from tests.support.site_fixtures import *  # noqa: F403
