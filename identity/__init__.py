"""Who the service is: reads `extra.service` of mkdocs.yml for pages, leaflets, form and emails."""

from identity.facts import UnknownFact, fill
from identity.service import IdentityError, Service, load

__all__ = ["IdentityError", "Service", "UnknownFact", "fill", "load"]
