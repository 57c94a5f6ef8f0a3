"""Fixtures: the built site, certificates, and nginx in front of real processes."""

from tests.support.deployment import certificate, image, live, site

__all__ = ["certificate", "image", "live", "site"]
