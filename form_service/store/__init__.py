"""The storage of drafts, referrals, emails to deliver, counters and facts, on SQLite or PostgreSQL.

All SQL of the service belongs in this package. `Store` opens transactions. Each module contains the queries about one
subject.
"""

from form_service.store.errors import StoreUnavailable
from form_service.store.store import Store

__all__ = ["Store", "StoreUnavailable"]
