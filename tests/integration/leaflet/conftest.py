"""The fixtures of the leaflets, which are built once for all tests."""

from tests.support.leaflet_fixtures import *  # noqa: F403
