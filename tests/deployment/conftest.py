"""Fixtures: the built site, certificates, and nginx in front of real processes."""

from tests.support.deployment import certificate, image_builder, live_project, site
from tests.support.upstream import front

__all__ = ["certificate", "front", "image_builder", "live_project", "site"]
