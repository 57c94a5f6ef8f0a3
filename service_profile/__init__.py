"""The settings of the service, read from `extra.service` of mkdocs.yml."""

from service_profile.facts import FactError, fill
from service_profile.profile import ProfileError, Service, load

__all__ = ["FactError", "ProfileError", "Service", "fill", "load"]
