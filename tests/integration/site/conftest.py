"""The built site."""

from tests.support.site_fixtures import *
