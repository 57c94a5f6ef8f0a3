"""The leaflets, built once."""

from tests.support.leaflet_fixtures import *  # noqa: F403
