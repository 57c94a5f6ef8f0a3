"""The storage of drafts, referrals, emails to deliver, counters and facts, on SQLite or PostgreSQL.

All SQL of the service belongs in this package. Code that reads a request, composes an email or decrypts does not.
`Store` opens transactions; each module contains the queries about one subject.
"""

from form_service.store.errors import StoreUnavailable
from form_service.store.store import Store

__all__ = ["Store", "StoreUnavailable"]
