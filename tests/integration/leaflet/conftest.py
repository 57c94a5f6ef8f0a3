"""The leaflets, built once."""

from tests.support.leaflet_fixtures import *
