"""Fixtures for the tests of the leaflets; the leaflets are built once for all tests."""

from tests.support.leaflet_fixtures import *  # noqa: F403
