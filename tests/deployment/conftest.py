"""Fixtures for the deployment tests, such as the built site, a certificate and nginx."""

from tests.support.deployment import certificate, image_builder, live_project, site
from tests.support.upstream import nginx_server

__all__ = ["certificate", "image_builder", "live_project", "nginx_server", "site"]
