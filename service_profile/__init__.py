"""The service profile: reads `extra.service` of mkdocs.yml for pages, leaflets, form and emails."""

from service_profile.placeholders import UnknownFact, fill
from service_profile.profile import ProfileError, Service, load

__all__ = ["ProfileError", "Service", "UnknownFact", "fill", "load"]
